// The verdict, from nothing but the two databases as they lie on disk: what the kiosk made has come
// to central once, in order and unchanged; what central wants is what the kiosk has; and no command
// was taken after its time.
import Database from 'better-sqlite3'

export interface Verdict {
  readonly facts: number
  readonly versions: number
  readonly epochs: number
  /** Taken over before the kiosk was restored to a copy that had never heard of them. */
  readonly onlyCentral: number
  readonly commandsTaken: number
  /** That a central which was restored has forgotten: their ends are in no database. */
  readonly commandsForgotten: number
  readonly violations: readonly string[]
}

interface KioskFact {
  readonly seq: number
  readonly body: string
}

interface CentralFact extends KioskFact {
  readonly epoch: string
  readonly problem: string | null
}

interface Epoch {
  readonly epoch: string
  readonly firstSeq: number
}

interface Wanted {
  readonly id: string
  readonly tracking: string | null
  readonly size: string
  readonly recipientId: string
}

interface Databases {
  readonly kiosk: Database.Database
  readonly central: Database.Database
}

interface Case {
  /** The database files. */
  readonly kiosk: string
  readonly central: string
  /** It was put back to an older copy, and may not know what it has sent. */
  readonly wasCentralRestored: boolean
}

export function judge({ wasCentralRestored, ...paths }: Case): Verdict {
  const kiosk = new Database(paths.kiosk, { readonly: true })
  const central = new Database(paths.central, { readonly: true })
  try {
    const violations: string[] = []
    const report = (what: string): void => void violations.push(what)
    const facts = compareFacts({ kiosk, central }, report)
    const versions = compareDesired({ kiosk, central }, report)
    const commands = checkCommands(central, report)
    if (commands.commandsForgotten > 0 && !wasCentralRestored) report('nobody sent a command')
    return { ...facts, versions, ...commands, violations }
  } finally {
    kiosk.close()
    central.close()
  }
}

type Report = (what: string) => void

function compareFacts({ kiosk, central }: Databases, report: Report) {
  const epochs = kiosk
    .prepare<[], Epoch>('SELECT epoch, first_seq AS firstSeq FROM epochs ORDER BY first_seq')
    .all()
  const made = kiosk.prepare<[], KioskFact>('SELECT seq, body FROM facts ORDER BY seq').all()
  const taken = central
    .prepare<[], CentralFact>('SELECT epoch, seq, body, problem FROM fact ORDER BY id')
    .all()
  const texts = new Set(taken.map(({ body }) => body))
  if (texts.size < taken.length) report(`${taken.length - texts.size} facts came twice`)
  let onlyCentral = 0
  for (const [index, { epoch, firstSeq }] of epochs.entries()) {
    const nextSeq = epochs[index + 1]?.firstSeq ?? Number.POSITIVE_INFINITY
    const own = made.filter(({ seq }) => seq >= firstSeq && seq < nextSeq)
    const theirs = taken.filter((fact) => fact.epoch === epoch)
    onlyCentral += theirs.filter(({ seq }) => seq >= nextSeq).length
    const kept = theirs.filter(({ seq }) => seq < nextSeq)
    if (kept.length !== own.length) {
      report(`central has ${kept.length} of ${own.length} facts of ${epoch}`)
    }
    const wrong = own.find(({ body }, place) => body !== kept[place]?.body)
    if (wrong !== undefined) report(`from fact ${wrong.seq} of ${epoch} on central has others`)
  }
  const known = new Set(epochs.map(({ epoch }) => epoch))
  for (const { epoch, seq, problem } of taken) {
    if (problem !== null) report(`central on fact ${seq}: ${problem}`)
    if (!known.has(epoch)) report(`central has fact ${seq} of the foreign epoch ${epoch}`)
  }
  return { facts: made.length, epochs: epochs.length, onlyCentral }
}

/** @returns the sum of the versions that central has reached */
function compareDesired({ kiosk, central }: Databases, report: Report): number {
  const heads = central
    .prepare<[], { stream: string; version: number }>('SELECT stream, version FROM head')
    .all()
  const has = kiosk
    .prepare<[string], number>('SELECT version FROM streams WHERE stream = ?')
    .pluck()
  for (const { stream, version } of heads) {
    const own = has.get(stream) ?? 0
    if (own !== version) report(`the kiosk has version ${own} of ${stream}, not ${version}`)
  }
  const wanted = central
    .prepare<[], string>(`SELECT row FROM wanted WHERE stream = 'parcel' ORDER BY key`)
    .pluck()
    .all()
    .map((text): string => rowOf(JSON.parse(text) as Wanted))
  const there = kiosk
    .prepare<[], Wanted>(
      `SELECT id, tracking, size, recipient_id AS recipientId FROM parcels
       WHERE state = 'announced' ORDER BY id`,
    )
    .all()
    .map(rowOf)
  const missing = wanted.filter((row) => !there.includes(row))
  const surplus = there.filter((row) => !wanted.includes(row))
  if (missing.length > 0) report(`the kiosk lacks ${missing.length} parcels: ${missing[0]}`)
  if (surplus.length > 0) report(`the kiosk has ${surplus.length} too many: ${surplus[0]}`)
  return heads.reduce((sum, { version }) => sum + version, 0)
}

function rowOf({ id, tracking, size, recipientId }: Wanted): string {
  return JSON.stringify([id, tracking, size, recipientId])
}

/** By the kiosk's clock; commands are sent only while that is right. */
function checkCommands(central: Database.Database, report: Report) {
  const orders = central
    .prepare<[], { cid: string; body: string }>('SELECT cid, body FROM command')
    .all()
  const ends = new Map(
    orders.map(({ cid, body }) => [cid, (JSON.parse(body) as { readonly exp: number }).exp]),
  )
  const taken = central
    .prepare<[], string>(`SELECT body FROM fact WHERE type GLOB 'command-*'`)
    .pluck()
    .all()
    .map((body) => JSON.parse(body) as { t: number; data: { commandId?: string } })
  const ids = taken.map(({ data }) => data.commandId ?? '')
  if (new Set(ids).size < ids.length) report('a command was taken twice')
  for (const { t, data } of taken) {
    const exp = ends.get(data.commandId ?? '')
    if (exp === undefined || t <= exp) continue
    report(`the command ${data.commandId} was taken ${t - exp} ms too late`)
  }
  const commandsForgotten = ids.filter((id) => !ends.has(id)).length
  return { commandsTaken: taken.length, commandsForgotten }
}

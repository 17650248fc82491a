// Applies what central wants to hold. A delta counts only on top of exactly the version it starts
// from; anything that does not fit is not guessed at but asked for (D1, D2).
import { STREAMS, type StreamChange, type StreamName } from '../../kiosk/desired.ts'
import type { DeltaBody, Hashes, Heads, Refusal, SnapBody } from './messages.ts'
import { drawId, drawMs } from './random.ts'
import { isTimeOwed, noteTimeAsked } from './server-time.ts'
import { publish, type SyncRequest, type Turn } from './state.ts'

/** Requests that a snapshot may still answer; older ones have been overtaken. */
const REQUESTS_MAX = 4
/** Of one snapshot, over all its messages. */
export const SNAPSHOT_ROWS_MAX = 20_000

interface Rows {
  readonly puts: readonly { readonly id: string }[]
  readonly deletes: readonly string[]
}

export function takeDelta(turn: Turn, delta: DeltaBody): void {
  const have = turn.ledger.streamVersions()[delta.stream]
  if (delta.to <= have) return
  // A ledger that is new, or was restored, begins with what central wants now: deltas of old days
  // would lead it to rights that have long been withdrawn, and a broker may have kept them all.
  if (delta.from !== have || have === 0) {
    askSoon(turn)
    return
  }
  apply(turn, changeOf(delta.stream, delta.to, false, foldOps(delta.ops)))
}

/** @returns why the snapshot is refused, or null */
export function takeSnapshot(turn: Turn, snap: SnapBody): Refusal | null {
  const refused = (detail: string): Refusal => ({ leaf: 'snap', code: 'LK-SYNC-07', detail })
  const { stream, ver } = snap
  const asked = turn.state.sync.requests.find((request) => request.id === snap.re)
  if (asked === undefined) return refused(`no open request has the id ${snap.re}`)
  if (!asked.awaiting.includes(stream)) return refused(`${stream} was answered already`)
  const { i, n } = snap.part ?? { i: 1, n: 1 }
  if (i > n) return refused(`part ${i} of ${n}`)
  const have = turn.ledger.streamVersions()[stream]
  // A version is never given twice: whoever goes back has been given an old one.
  if (ver < have) return refused(`${stream} is at ${have}, the snapshot at ${ver}`)
  const all = collect(turn, snap)
  if (all === 'more') return null
  if (all === 'too-many') {
    return { leaf: 'snap', code: 'LK-SYNC-01', detail: `more than ${SNAPSHOT_ROWS_MAX} rows` }
  }
  const rows = foldOps(all.map((row) => ({ put: row })))
  apply(turn, changeOf(stream, ver, true, rows))
  forget(turn, asked, stream)
  return null
}

type Row = { readonly id: string }

/**
 * Nothing is applied before all parts of one snapshot are here; a part of another one begins anew.
 * They live in memory alone, and end with the connection.
 */
function collect(turn: Turn, snap: SnapBody): readonly Row[] | 'more' | 'too-many' {
  const { stream, ver, re, rows, part = { i: 1, n: 1 } } = snap
  const { sync } = turn.state
  const { n } = part
  const before = sync.partial
  const isSame =
    before?.re === re && before.stream === stream && before.ver === ver && before.n === n
  const parts = { ...(isSame ? before.parts : {}), [part.i]: rows }
  const all = Object.values(parts).flat()
  const isTooMany = all.length > SNAPSHOT_ROWS_MAX
  const isWhole = Object.keys(parts).length === n
  const partial = isTooMany || isWhole ? null : { re, stream, ver, n, parts }
  // Something comes of the request: it need not be repeated so soon.
  const patienceMs = turn.now.monoMs + turn.config.ackTimeoutMs
  const askAtMonoMs = sync.askAtMonoMs === null ? null : Math.max(sync.askAtMonoMs, patienceMs)
  turn.state = { ...turn.state, sync: { ...sync, partial, askAtMonoMs } }
  if (isTooMany) return 'too-many'
  return isWhole ? all : 'more'
}

/**
 * Central names its newest versions: whoever differs asks. One version has two contents when
 * central was restored and has come as far again: the hashes tell.
 */
export function takeHeads(turn: Turn, heads: Heads, hashes: Hashes = {}): void {
  const own = turn.ledger.streamHashes()
  const have = turn.ledger.streamVersions()
  const applied = new Map(
    turn.notes.flatMap((note) =>
      note.kind === 'stream-applied' ? [[note.data.stream, note.data.version] as const] : [],
    ),
  )
  const differs = STREAMS.some((stream) => {
    const head = heads[stream]
    if (head === undefined) return false
    const there = applied.get(stream)
    if (there !== undefined) return head !== there
    return head !== have[stream] || (hashes[stream] ?? own[stream]) !== own[stream]
  })
  if (differs) askSoon(turn)
  else settle(turn)
}

/** What was asked for is here: the next request comes with the period. */
function settle(turn: Turn): void {
  const { config, now, state } = turn
  if (state.sync.fruitless === 0) return
  // Central said where it stands, and not what time it is: the answer to that may be lost.
  if (isTimeOwed(turn)) return
  const spread = drawMs(state.random, config.syncPeriodMs)
  const askAtMonoMs = now.monoMs + Math.floor(config.syncPeriodMs / 2) + spread.ms
  turn.state = {
    ...state,
    random: spread.random,
    sync: { ...state.sync, fruitless: 0, askAtMonoMs },
  }
}

/** Last one wins by key, as if the operations had run one after another. */
function foldOps(
  ops: readonly ({ readonly put: { readonly id: string } } | { readonly del: string })[],
): Rows {
  const puts = new Map<string, { readonly id: string }>()
  const deletes = new Set<string>()
  for (const op of ops) {
    if ('put' in op) {
      deletes.delete(op.put.id)
      puts.delete(op.put.id)
      puts.set(op.put.id, op.put)
    } else {
      puts.delete(op.del)
      deletes.add(op.del)
    }
  }
  return { puts: [...puts.values()], deletes: [...deletes] }
}

function changeOf(
  stream: StreamName,
  version: number,
  isSnapshot: boolean,
  rows: Rows,
): StreamChange {
  // The schema ties the rows' type to the stream's name; the compiler cannot follow it through the
  // fold.
  return { stream, version, isSnapshot, puts: rows.puts, deletes: rows.deletes } as StreamChange
}

function apply(turn: Turn, change: StreamChange): void {
  turn.notes.push({ kind: 'stream-applied', data: change })
  turn.actions.push({ kind: 'report', event: { kind: 'desired-changed' } })
}

/** The stream is answered by this request; what was asked before it is overtaken. */
function forget(turn: Turn, answered: SyncRequest, stream: StreamName): void {
  const { sync } = turn.state
  const index = sync.requests.indexOf(answered)
  const requests = sync.requests.map((request, position) =>
    position > index
      ? request
      : { ...request, awaiting: request.awaiting.filter((name) => name !== stream) },
  )
  turn.state = {
    ...turn.state,
    sync: { ...sync, requests: requests.filter((request) => request.awaiting.length > 0) },
  }
}

function askSoon(turn: Turn): void {
  const { sync } = turn.state
  const askAtMonoMs = Math.min(
    sync.askAtMonoMs ?? Number.POSITIVE_INFINITY,
    Math.max(turn.now.monoMs, sync.allowedAtMonoMs),
  )
  turn.state = { ...turn.state, sync: { ...sync, askAtMonoMs } }
}

export function checkAsk(turn: Turn): void {
  const { askAtMonoMs } = turn.state.sync
  if (askAtMonoMs !== null && turn.now.monoMs >= askAtMonoMs) ask(turn)
}

/** Asks at once; after a connection the first thing beside the birth (P2). */
export function ask(turn: Turn): void {
  const { config, ledger, now } = turn
  if (turn.state.link.kind !== 'up') return
  const drawn = drawId(turn.state.random)
  const have = ledger.streamVersions()
  const hash = ledger.streamHashes()
  const { sync } = turn.state
  const waitMs = Math.min(config.syncCapMs, config.syncMinMs * 2 ** Math.min(sync.fruitless, 30))
  const request: SyncRequest = { id: drawn.id, awaiting: STREAMS }
  turn.state = {
    ...turn.state,
    random: drawn.random,
    sync: {
      ...sync,
      requests: [...sync.requests, request].slice(-REQUESTS_MAX),
      fruitless: sync.fruitless + 1,
      allowedAtMonoMs: now.monoMs + waitMs,
      // Silence is a cause to ask again, but a patient one: central may simply not be there.
      askAtMonoMs: now.monoMs + Math.max(waitMs, config.ackTimeoutMs),
    },
  }
  noteTimeAsked(turn, drawn.id)
  publish(turn, 'sync', { id: drawn.id, have, hash })
}

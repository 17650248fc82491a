// An attacker owns the broker, sees all that passes, and keeps it. Messages are dropped, repeated,
// reordered, forged, shown to the wrong kiosk or on the wrong leaf, before and after restarts and
// restores. Real rules, real ledger, real signatures, and the reference central's own stores.
import fc from 'fast-check'
import { exportJWK, generateKeyPair } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PrivateKey } from '../../sim/central/keys.ts'
import { DOWN_SCHEMAS } from '../../src/sync/contract/message-schemas.ts'
import { createDownOpener, type DownOpener } from '../../src/sync/contract/open-down.ts'
import type { UpLeaf } from '../../src/sync/machine/messages.ts'
import { backUp, restore } from '../support/backup.ts'
import { wallOf } from '../support/bench.ts'
import { RemoteBench } from '../support/remote-bench.ts'
import { WATCHED, type Watched, type Wire, WireCentral, wordOf } from '../support/wire-central.ts'

const KIOSK = 'bench-1'
const OTHER = 'bench-2'
const LEAVES = Object.keys(DOWN_SCHEMAS)
const EVERYBODY = ['c-0', 'c-1', 'c-2', 'c-3', 'c-4', 'c-other']
/** The first ones for central, the last ones not. */
const SETTINGS = ['idleMs', 'thanksMs', 'pinLifeMs', 'guessesADayMax', 'unheard-of']
const NONCE_LIFE_MS = 60_000
const RUNS = 50
/** Connections that it takes, at most, until all is well again. */
const HEALING_ROUNDS = 6

let key: PrivateKey
let thief: PrivateKey
let openDown: DownOpener

beforeAll(async () => {
  const pair = () => generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const [own, other] = [await pair(), await pair()]
  key = { kid: 'central', key: own.privateKey }
  thief = { kid: 'central', key: other.privateKey }
  const keys = [{ ...(await exportJWK(own.publicKey)), kid: 'central' }]
  openDown = await createDownOpener(KIOSK, { keys })
})

interface Up {
  readonly leaf: UpLeaf
  readonly text: string
}

const staffRow = (id: string) => ({
  ...({ id, role: 'courier', label: `Courier ${id}` } as const),
  verifier: `${id}${'A'.repeat(43)}`.slice(0, 43).replaceAll('-', 'x'),
})

/** A kiosk, its central, another kiosk of the same central, and the broker between them. */
class Attack {
  readonly bench = new RemoteBench(wallOf(['S', 'S', 'S']), [{ id: 'p-1', size: 'S' }])
  readonly central = new WireCentral(key)
  /** All that was ever sent, in either direction, and what has not been passed on yet. */
  readonly downs: Wire[] = []
  readonly ups: Up[] = []
  readonly #waitingDown: Wire[] = []
  readonly #waitingUp: Up[] = []
  readonly #signedAt = new Map<string, number>()
  readonly #performed = new Set<string>()
  #seen = 0
  #obeyed = 0
  /** By stream, which of central's decisions the kiosk holds, by their order. */
  readonly #holds = { staff: 0, configuration: 0 }
  #copyHolds: Readonly<Record<Watched, number>> | null = null
  readonly #freshFrom: Partial<Record<Watched, number>> = {}

  async begin(): Promise<void> {
    const { desired } = this.central
    this.send(await this.central.employ(KIOSK, staffRow('c-1')))
    this.send(await this.central.employ(OTHER, staffRow('c-other')))
    this.send(await this.central.configure(KIOSK, { id: 'helpPhone', value: '0800 1' }))
    desired.put({ kioskId: KIOSK, stream: 'directory' }, { id: 'r-1', label: 'Flat 1' })
    const parcel = { id: 'p-1', tracking: 'T-p-1', size: 'S', recipientId: 'r-1' }
    desired.put({ kioskId: KIOSK, stream: 'parcel' }, parcel)
  }

  get opened(): number {
    return this.#performed.size
  }

  send(wires: readonly Wire[]): void {
    this.downs.push(...wires)
    this.#waitingDown.push(...wires)
  }

  async employ(kioskId: string, pick: number): Promise<void> {
    this.send(await this.central.employ(kioskId, staffRow(`c-${pick % 5}`)))
  }

  async dismiss(pick: number): Promise<void> {
    this.send(await this.central.dismiss(KIOSK, `c-${pick % 5}`))
  }

  async configure(pick: number, kioskId = KIOSK): Promise<void> {
    const row = { id: any(SETTINGS, pick) ?? '', value: 20_000 + pick }
    this.send(await this.central.configure(kioskId, row))
  }

  async order(pick: number): Promise<void> {
    const answer = this.bench.askStatus()
    if (answer?.nonce === undefined) return
    const args = { lockerId: String(1 + (pick % 3)), reason: 'a caller' }
    const { v: _v, k: _k, t: _t, ...fields } = this.bench.sign({ type: 'open', args })
    this.#signedAt.set(fields.cid, this.bench.nowMs)
    this.send([await this.central.sign(KIOSK, 'cmd', fields)])
  }

  /** What the kiosk has published since. */
  collect(): void {
    const made = this.bench.linked.slice(this.#seen)
    this.#seen = this.bench.linked.length
    for (const action of made) {
      if (action.kind !== 'publish') continue
      const up = { leaf: action.leaf, text: action.body }
      this.ups.push(up)
      this.#waitingUp.push(up)
    }
  }

  async passUp(): Promise<void> {
    this.collect()
    const up = this.#waitingUp.shift()
    if (up !== undefined) await this.claim(up)
  }

  /** Up messages are not signed: central has to take what it is told. */
  async claim({ leaf, text }: Up, kioskId = KIOSK): Promise<void> {
    this.send(await this.central.take(kioskId, leaf, text))
  }

  async passDown(): Promise<void> {
    const wire = this.#waitingDown.shift()
    if (wire !== undefined) await this.deliver(wire)
  }

  drop(): void {
    this.#waitingDown.shift()
    this.#waitingUp.shift()
  }

  reorder(): void {
    this.#waitingDown.reverse()
    this.#waitingUp.reverse()
  }

  async deliver({ leaf, text }: { readonly leaf: string; readonly text: string }): Promise<void> {
    const opened = await openDown(`lk/v1/test/${KIOSK}/dn/${leaf}`, Buffer.from(text))
    const { bench } = this
    const pulses = bench.unlocks.length
    const event =
      opened.kind === 'refused'
        ? ({ kind: 'message-refused', refusal: opened.refusal, receipt: 'r' } as const)
        : ({ kind: 'message', message: opened.message, receipt: 'r' } as const)
    bench.take([{ kind: 'uplink', event }])
    this.#check(bench.unlocks.length - pulses)
  }

  #check(pulses: number): void {
    const { bench } = this
    const all = bench.factsOf('command-obeyed')
    const obeyed = all.slice(this.#obeyed)
    this.#obeyed = all.length
    expect(pulses).toBe(obeyed.length)
    for (const { commandId } of obeyed) {
      const signedAt = this.#signedAt.get(String(commandId)) ?? Number.NEGATIVE_INFINITY
      expect(bench.nowMs - signedAt).toBeLessThan(NONCE_LIFE_MS)
      expect(this.#performed.has(String(commandId))).toBe(false)
      this.#performed.add(String(commandId))
    }
    if (obeyed.length > 0) bench.useDoor(500)
    for (const stream of WATCHED) this.#checkHeld(stream)
    this.#checkFacts()
  }

  #heldRows(stream: Watched): readonly string[] {
    const { ledger } = this.bench
    if (stream === 'configuration') return ledger.wantedSettings().map(wordOf)
    return EVERYBODY.filter((id) => ledger.staff(id) !== null)
  }

  /** Rights, and what is set, are what central wanted at one time, and never go back in it. */
  #checkHeld(stream: Watched): void {
    const version = this.bench.ledger.streamVersions()[stream]
    const wanted = this.central.wanted(KIOSK, stream)
    const held = wanted[this.#holds[stream]]
    // A restored ledger holds what its copy held until central is heard.
    if (version === held?.version || version === 0) return
    const from = Math.max(this.#holds[stream], this.#freshFrom[stream] ?? 0)
    delete this.#freshFrom[stream]
    const index = wanted.findIndex((each, at) => at >= from && each.version === version)
    expect({ stream, version, index }).not.toEqual({ stream, version, index: -1 })
    this.#holds[stream] = index
    expect(this.#heldRows(stream)).toEqual(wanted[index]?.rows)
  }

  /** What counts as told, central has, as it was told. */
  #checkFacts(): void {
    const { ledger } = this.bench
    for (let seq = 1; seq <= ledger.confirmedSeq(); seq += 1) {
      const { epoch } = ledger.epochAt(seq)
      const text = ledger.factBody(seq) ?? ''
      const isKnown = this.central.facts.has({ kioskId: KIOSK, epoch, seq }, text)
      expect({ seq, isKnown }).toEqual({ seq, isKnown: true })
    }
  }

  backUp(): void {
    backUp(this.bench)
    this.#copyHolds = { ...this.#holds }
    this.comeBack()
  }

  /** Yesterday's copy of the database; what lies beside it stays, and tells. */
  restore(): void {
    if (this.#copyHolds === null) return
    restore(this.bench)
    this.#obeyed = this.bench.factsOf('command-obeyed').length
    Object.assign(this.#holds, this.#copyHolds)
    for (const stream of WATCHED) {
      this.#freshFrom[stream] = this.central.wanted(KIOSK, stream).length - 1
    }
    this.comeBack()
  }

  comeBack(): void {
    this.#waitingDown.length = 0
    this.#waitingUp.length = 0
    this.bench.connect()
    this.#check(0)
  }

  restart(): void {
    this.bench.restart()
    this.comeBack()
  }

  /** Somebody forces a door: a fact that must not be lost. */
  happen(): void {
    this.bench.moveDoor('3', 'open')
    this.bench.pass(500)
    this.bench.moveDoor('3', 'closed')
  }

  async forgeFacts(pick: number): Promise<void> {
    const last = this.ups.findLast(({ leaf }) => leaf === 'ev')
    if (last === undefined) return
    const { epoch, ev } = JSON.parse(last.text)
    const first = this.central.facts.progress(KIOSK, epoch).cum + 1 + (pick % 2)
    const data = { lockerId: '1' }
    const forged = JSON.stringify({ ...JSON.parse(ev.at(-1)), seq: first, data })
    const body = { v: 1, k: KIOSK, t: 1, epoch, first, ev: [forged, forged] }
    await this.claim({ leaf: 'ev', text: JSON.stringify(body) })
  }

  async forgeRequest(pick: number): Promise<void> {
    const known = this.ups.filter(({ leaf }) => leaf === 'sync')
    const asked = pick % 2 === 0 ? known.at(-1) : any(known, pick)
    const { id = 'x' } = JSON.parse(asked?.text ?? '{}')
    const version = [0, 0, 1, pick, 5_000_000][pick % 5]
    const have = { staff: version, configuration: version }
    const body = { v: 1, k: KIOSK, t: 1, id, have }
    await this.claim({ leaf: 'sync', text: JSON.stringify(body) })
    const other = JSON.stringify({ ...body, k: OTHER })
    await this.claim({ leaf: 'sync', text: other }, OTHER)
  }

  /** The broker is honest again, and the kiosk comes back until all is well. */
  async heal(): Promise<void> {
    for (let round = 0; round < HEALING_ROUNDS && !this.isWell(); round += 1) {
      this.restart()
      for (let step = 0; step < 40; step += 1) {
        await this.passUp()
        while (this.#waitingDown.length > 0) await this.passDown()
        this.bench.pass(300)
      }
    }
    const { ledger } = this.bench
    expect(ledger.confirmedSeq()).toBe(ledger.headSeq())
    expect(this.isInStep()).toBe(true)
    expect(ledger.appliedConfiguration()?.values.length).toBeGreaterThan(0)
  }

  private isInStep(): boolean {
    const have = this.bench.ledger.streamVersions()
    const head = this.central.desired.versions(KIOSK)
    return WATCHED.every((stream) => have[stream] === head[stream])
  }

  private isWell(): boolean {
    const { ledger } = this.bench
    return ledger.confirmedSeq() === ledger.headSeq() && this.isInStep()
  }
}

function mutate(text: string, pick: number): string {
  const at = (pick * 7919) % text.length
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}

function fieldsOf({ text }: Wire): { readonly stream?: string } {
  const { payload } = JSON.parse(text)
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}

async function forge(wire: Wire): Promise<Wire> {
  const { leaf } = wire
  const fields = fieldsOf(wire)
  return new WireCentral(thief).sign(KIOSK, leaf, fields)
}

const any = <T>(all: readonly T[], pick: number): T | undefined =>
  all.length === 0 ? undefined : all[(pick * 31) % all.length]

type Act = (attack: Attack, pick: number) => void | Promise<void>

const replay: Act = async (attack, pick) => {
  const wire = any(attack.downs, pick)
  if (wire !== undefined) await attack.deliver(wire)
}

const ACTS: readonly (readonly [name: string, weight: number, act: Act])[] = [
  ['central employs', 4, (attack, pick) => attack.employ(KIOSK, pick)],
  ['central dismisses', 4, (attack, pick) => attack.dismiss(pick)],
  ['central employs elsewhere', 1, (attack, pick) => attack.employ(OTHER, pick)],
  ['central sets', 3, (attack, pick) => attack.configure(pick)],
  ['central sets elsewhere', 1, (attack, pick) => attack.configure(pick, OTHER)],
  ['central orders', 3, (attack, pick) => attack.order(pick)],
  ['a fact', 4, (attack) => attack.happen()],
  ['up', 10, (attack) => attack.passUp()],
  ['down', 12, (attack) => attack.passDown()],
  ['dropped', 3, (attack) => attack.drop()],
  ['reordered', 2, (attack) => attack.reorder()],
  ['replayed', 8, replay],
  [
    'all is replayed',
    2,
    async (attack) => {
      for (const wire of [...attack.downs]) await attack.deliver(wire)
    },
  ],
  [
    'an old request is repeated',
    2,
    async (attack, pick) => {
      const up = any(attack.ups, pick)
      if (up !== undefined) await attack.claim(up)
    },
  ],
  ['facts are forged', 1, (attack, pick) => attack.forgeFacts(pick)],
  ['a request is forged', 2, (attack, pick) => attack.forgeRequest(pick)],
  [
    'changed',
    2,
    async (attack, pick) => {
      const wire = any(attack.downs, pick)
      if (wire !== undefined) await attack.deliver({ ...wire, text: mutate(wire.text, pick) })
    },
  ],
  [
    'forged',
    2,
    async (attack, pick) => {
      const wire = any(attack.downs, pick)
      if (wire !== undefined) await attack.deliver(await forge(wire))
    },
  ],
  [
    'on another leaf',
    2,
    async (attack, pick) => {
      const wire = any(attack.downs, pick)
      if (wire === undefined) return
      for (const leaf of LEAVES) if (leaf !== wire.leaf) await attack.deliver({ ...wire, leaf })
    },
  ],
  ['a moment', 3, (attack) => attack.bench.pass(1_000)],
  ['a minute', 2, (attack) => attack.bench.pass(60_000)],
  ['a restart', 2, (attack) => attack.restart()],
  ['a copy is made', 1, (attack) => attack.backUp()],
  ['the copy is put back', 1, (attack) => attack.restore()],
]

const act = fc.oneof(
  ...ACTS.map(([name, weight, run]) => ({
    weight,
    arbitrary: fc.nat(9_999).map((pick) => ({ name, pick, run })),
  })),
)

test('nothing opens, no right comes back, nothing is set, and no fact is forgotten', async () => {
  let opened = 0
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 80 }), async (acts) => {
      const attack = new Attack()
      try {
        await attack.begin()
        for (const { run, pick } of acts) await run(attack, pick)
        await attack.heal()
        opened += attack.opened
      } finally {
        attack.bench.close()
      }
    }),
    { numRuns: RUNS },
  )
  // An attack in which nobody ever opens anything would prove nothing.
  expect(opened).toBeGreaterThan(5)
}, 120_000)

describe('one after another', () => {
  let attack: Attack

  beforeEach(async () => {
    attack = new Attack()
    await attack.begin()
  })

  afterEach(() => attack.bench.close())

  async function keepSnapshot(stream: Watched): Promise<Wire | undefined> {
    attack.collect()
    const id = attack.ups.findLast(({ leaf }) => leaf === 'sync')?.text ?? ''
    await attack.claim({ leaf: 'sync', text: id.replace(/"have":\{[^}]*\}/u, '"have":{}') })
    return attack.downs.findLast((wire) => wire.leaf === 'snap' && fieldsOf(wire).stream === stream)
  }

  test('what was set in old days, and kept, is not set again', async () => {
    await attack.heal()
    const kept = await keepSnapshot('configuration')
    const old = attack.downs.filter((wire) => fieldsOf(wire).stream === 'configuration')
    const values = () => attack.bench.ledger.appliedConfiguration()?.values
    expect(values()).toEqual([{ key: 'helpPhone', value: '0800 1' }])
    attack.send(await attack.central.configure(KIOSK, { id: 'helpPhone', value: '0800 2' }))
    await attack.deliver(attack.downs.at(-1) ?? { leaf: 'none', text: '' })
    for (const wire of [kept, ...old]) if (wire !== undefined) await attack.deliver(wire)
    expect(kept).toBeDefined()
    expect(values()).toEqual([{ key: 'helpPhone', value: '0800 2' }])
    expect(attack.bench.place.helpPhone).toBe('0800 2')
  })

  test('a snapshot that was asked for, and kept, does not bring a right back', async () => {
    const kept = await keepSnapshot('staff')
    await attack.dismiss(1)
    const dismissal = attack.downs.at(-1)
    await attack.deliver(dismissal ?? { leaf: 'none', text: '' })
    expect(attack.bench.ledger.staff('c-1')).toBeNull()
    await attack.deliver(kept ?? { leaf: 'none', text: '' })
    expect(attack.bench.ledger.staff('c-1')).toBeNull()
    expect(attack.bench.rejections.at(-1)?.code).toBe('LK-SYNC-07')
  })

  test('facts that a broker invents make the kiosk forget none of its own', async () => {
    await attack.heal()
    const told = attack.bench.ledger.confirmedSeq()
    attack.happen()
    attack.collect()
    for (let count = 0; count < 9; count += 1) await attack.forgeFacts(0)
    const ack = attack.downs.findLast(({ leaf }) => leaf === 'ack')
    await attack.deliver(ack ?? { leaf: 'none', text: '' })
    // It looks like a restore, and the kiosk says so; what it had to say it says again.
    expect(attack.bench.told('ledger-restored')['cause']).toMatch(/^central-/u)
    expect(attack.bench.ledger.confirmedSeq()).toBe(told)
    await attack.heal()
    expect(attack.bench.ledger.confirmedSeq()).toBeGreaterThan(told)
  })

  test('a new ledger takes none of the rights of old days, whatever was kept', async () => {
    for (const pick of [2, 3, 4]) await attack.employ(KIOSK, pick)
    for (const pick of [2, 3, 4]) await attack.dismiss(pick)
    const { bench } = attack
    bench.ledger.begin()
    const data = { stream: 'staff', version: 0, isSnapshot: true, puts: [], deletes: [] } as const
    bench.ledger.apply([{ kind: 'stream-applied', data }], bench.now())
    bench.ledger.commit()
    for (const wire of attack.downs) await attack.deliver(wire)
    expect(EVERYBODY.filter((id) => bench.ledger.staff(id) !== null)).toEqual([])
    await attack.heal()
    expect(EVERYBODY.filter((id) => bench.ledger.staff(id) !== null)).toEqual(['c-1'])
  })
})

// Whatever is lost, doubled, cut or killed on the way: once it is over, central has every fact once
// and in order, and the kiosk holds exactly what central wants.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DownMessage } from '../../../src/sync/machine/messages.ts'
import type { UplinkAction } from '../../../src/sync/machine/state.ts'
import { createUplink, stepUplink } from '../../../src/sync/machine/uplink.ts'
import { UplinkBench, WALL_MS } from '../../support/uplink-bench.ts'

type Packet = { readonly leaf: string; readonly body: string }

/** Central in a few lines: what is in these fields is committed. */
class ModelCentral {
  readonly facts: string[] = []
  readonly log: { readonly put?: { id: string; label: string }; readonly del?: string }[] = []
  /** Changes forgotten from the log's beginning. */
  forgotten = 0
  duplicates = 0
  pace: { batchEvents?: number; windowBatches?: number; holdMs?: number } = {}

  rows(): Map<string, unknown> {
    const rows = new Map<string, unknown>()
    for (const { put, del } of this.log) {
      if (put !== undefined) rows.set(put.id, put)
      if (del !== undefined) rows.delete(del)
    }
    return rows
  }

  take({ leaf, body }: Packet): readonly DownMessage[] {
    const message = JSON.parse(body)
    const head = { directory: this.log.length, parcel: 0, staff: 0 }
    const header = { v: 1, k: 'k1', t: 1 } as const
    if (leaf === 'ev') {
      for (const [index, text] of (message.ev as string[]).entries()) {
        const seq = message.first + index
        if (seq === this.facts.length + 1) this.facts.push(text)
        else if (seq <= this.facts.length) this.duplicates += 1
        else break
      }
      const last = this.facts.at(-1)
      const hash =
        last === undefined ? '0'.repeat(64) : createHash('sha256').update(last).digest('hex')
      const { pace } = this
      const place = { since: 1, cum: this.facts.length, hash }
      const ack = { ...header, epoch: message.epoch, ...place, head, pace }
      return [{ leaf: 'ack', body: ack }]
    }
    if (leaf !== 'sync') return []
    const beacon: DownMessage = { leaf: 'head', body: { ...header, head } }
    const from: number = message.have.directory
    if (from === this.log.length) return [beacon]
    return [from > 0 && from >= this.forgotten ? this.delta(from) : this.snap(message.id), beacon]
  }

  delta(from: number): DownMessage {
    const ops = this.log.slice(from).map(({ put, del }) => (put ? { put } : { del: del ?? '' }))
    const header = { v: 1, k: 'k1', t: 1, stream: 'directory' } as const
    return { leaf: 'delta', body: { ...header, from, to: this.log.length, ops } }
  }

  private snap(re: string): DownMessage {
    const rows = [...this.rows().values()] as { id: string; label: string }[]
    const header = { v: 1, k: 'k1', t: 1, stream: 'directory' } as const
    return { leaf: 'snap', body: { ...header, ver: this.log.length, re, rows } }
  }
}

/** Kiosk, broker and central with a wire in each direction that keeps order while it holds. */
class World {
  readonly bench = new UplinkBench({ batchEventsMax: 3, windowBatches: 2 })
  readonly central = new ModelCentral()
  up: Packet[] = []
  down: DownMessage[] = []
  private starts = 0

  perform(actions: readonly UplinkAction[]): void {
    for (const action of actions) {
      if (action.kind === 'publish') this.up.push(action)
      if (action.kind === 'connect') {
        this.up = []
        this.down = []
        const { session, protocol } = action
        this.perform(this.bench.step({ kind: 'link-up', session, protocol }))
      }
    }
  }

  append(): void {
    this.bench.ledger.append('locker-released/1', {})
    this.perform(this.bench.step({ kind: 'facts-stored' }))
  }

  want(key: number, kind: 'put' | 'del'): void {
    const id = `r${key}`
    const label = `version ${this.central.log.length + 1}`
    this.central.log.push(kind === 'put' ? { put: { id, label } } : { del: id })
    this.down.push(this.central.delta(this.central.log.length - 1))
  }

  deliverUp(): void {
    const packet = this.up.shift()
    if (packet !== undefined) this.down.push(...this.central.take(packet))
  }

  deliverDown(): void {
    const message = this.down.shift()
    if (message !== undefined) this.perform(this.bench.receive(message))
  }

  pass(durationMs: number): void {
    this.perform(this.bench.pass(durationMs))
  }

  cut(): void {
    this.up = []
    this.down = []
    if (this.bench.state.link.kind === 'waiting') return
    this.perform(this.bench.down('closed'))
  }

  /** The ledger is all that survives; with it whatever the last step stored. */
  kill(): void {
    const { bench } = this
    this.starts += 1
    const seed = this.starts.toString(16).padStart(32, '0')
    const now = { monoMs: bench.monoMs, wallMs: WALL_MS, isWallBelieved: true }
    bench.ledger.restart()
    bench.state = createUplink(bench.config, { seed, now })
    this.up = []
    this.down = []
  }

  /** The step is committed, and the power goes before any of its actions. */
  killAfterCommit(): void {
    const message = this.down.shift()
    if (message !== undefined) {
      const { bench } = this
      const now = { monoMs: bench.monoMs, wallMs: WALL_MS, isWallBelieved: true }
      const event = { kind: 'message', message, receipt: 'lost' } as const
      bench.ledger.apply(stepUplink(bench.state, event, now, bench.ledger, bench.config).notes)
    }
    this.kill()
  }

  /** Faults end: time passes, and everything sent arrives. */
  heal(): void {
    for (let round = 0; round < 400 && !this.isSettled(); round += 1) {
      while (this.up.length > 0 || this.down.length > 0) {
        this.deliverUp()
        this.deliverDown()
      }
      const performed = this.bench.actions.length
      this.bench.sleep()
      this.perform(this.bench.actions.slice(performed))
    }
  }

  isSettled(): boolean {
    const { ledger } = this.bench
    return (
      ledger.confirmedSeq() === ledger.headSeq() &&
      ledger.versions.directory === this.central.log.length
    )
  }
}

type Fault = (world: World) => void

const STEPS: readonly { readonly name: string; readonly weight: number; readonly run: Fault }[] = [
  { name: 'a fact', weight: 6, run: (world) => world.append() },
  { name: 'up', weight: 8, run: (world) => world.deliverUp() },
  { name: 'down', weight: 8, run: (world) => world.deliverDown() },
  { name: 'lost up', weight: 2, run: (world) => void world.up.shift() },
  { name: 'lost down', weight: 2, run: (world) => void world.down.shift() },
  {
    name: 'doubled up',
    weight: 2,
    run: ({ up }) => void (up[0] !== undefined && up.unshift(up[0])),
  },
  {
    name: 'doubled down',
    weight: 2,
    run: ({ down }) => void (down[0] !== undefined && down.unshift(down[0])),
  },
  { name: 'overtaking up', weight: 1, run: ({ up }) => void up.reverse() },
  { name: 'overtaking down', weight: 1, run: ({ down }) => void down.reverse() },
  { name: 'a moment', weight: 4, run: (world) => world.pass(300) },
  { name: 'a while', weight: 3, run: (world) => world.pass(5_000) },
  { name: 'cut', weight: 1, run: (world) => world.cut() },
  { name: 'kill', weight: 1, run: (world) => world.kill() },
  { name: 'kill after commit', weight: 1, run: (world) => world.killAfterCommit() },
  {
    name: 'central forgets its log',
    weight: 1,
    run: ({ central }) => {
      central.forgotten = central.log.length
    },
  },
]

const pace = fc.record(
  {
    batchEvents: fc.integer({ min: 1, max: 5 }),
    windowBatches: fc.integer({ min: 1, max: 4 }),
    holdMs: fc.integer({ min: 0, max: 20_000 }),
  },
  { requiredKeys: [] },
)

const step = fc.oneof(
  ...STEPS.map(({ name, weight, run }) => ({
    weight,
    arbitrary: fc.constant({ name, run }),
  })),
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.nat(5), fc.constantFrom('put' as const, 'del' as const))
      .map(([key, kind]) => ({
        name: `${kind} r${key}`,
        run: (world: World) => world.want(key, kind),
      })),
  },
  {
    weight: 2,
    arbitrary: pace.map((wish) => ({
      name: `pace ${JSON.stringify(wish)}`,
      run: ({ central }: World) => {
        central.pace = wish
      },
    })),
  },
)

test('no fact is lost, doubled or reordered, and the desired state ends equal', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), (steps) => {
      const world = new World()
      world.pass(1_000)
      for (const { run } of steps) {
        run(world)
        const { facts } = world.central
        // Nothing central has can ever be missing on disk.
        expect(facts).toEqual(world.bench.ledger.texts.slice(0, facts.length))
        expect(world.bench.ledger.confirmedSeq()).toBeLessThanOrEqual(facts.length)
      }
      world.heal()
      expect(world.isSettled()).toBe(true)
      expect(world.central.facts).toEqual(world.bench.ledger.texts)
      expect(world.bench.ledger.rows.directory).toEqual(world.central.rows())
    }),
    { numRuns: 150 },
  )
})

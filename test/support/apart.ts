// A kiosk on the bench, and central's real books. Each decides by itself; they hear of each other
// only when the test lets them meet, as after a week without a network.
import Sqlite from 'better-sqlite3'
import { DESIRED_SCHEMA, DesiredStore } from '../../sim/central/desired-store.ts'
import { EXCEPTION_SCHEMA, type Exception, ExceptionDesk } from '../../sim/central/exceptions.ts'
import { FACT_SCHEMA, FactStore } from '../../sim/central/fact-store.ts'
import { writeLetters } from '../../sim/central/letters.ts'
import type { Policy } from '../../src/kiosk/config.ts'
import {
  STREAMS,
  type StreamChange,
  type StreamName,
  type StreamRows,
} from '../../src/kiosk/desired.ts'
import type { RowOp } from '../../src/sync/machine/messages.ts'
import { Bench, wallOf } from './bench.ts'

const KIOSK_ID = 'bench-1'
const NO_PINS = new Map()

export class Apart {
  readonly bench: Bench
  readonly facts: FactStore
  readonly #desired: DesiredStore
  readonly #exceptions: ExceptionDesk

  constructor(sizes: readonly string[], policy: Partial<Policy> = {}) {
    const db = new Sqlite(':memory:').exec(FACT_SCHEMA + DESIRED_SCHEMA + EXCEPTION_SCHEMA)
    this.facts = new FactStore(db)
    this.#desired = new DesiredStore(db)
    this.#exceptions = new ExceptionDesk({ db, facts: this.facts, desired: this.#desired })
    this.bench = new Bench(wallOf(sizes, policy))
    this.bench.readBoard()
    this.want('staff', { id: 'c-1', role: 'courier', label: 'Courier 1', verifier: 'code-1' })
    this.want('directory', { id: 'r-1', label: 'Flat 1' })
    this.meet()
    for (const { id: lockerId } of this.bench.ledger.lockers()) {
      this.bench.command({ kind: 'inspect', lockerId, found: 'empty', reason: 'new wall' })
    }
  }

  /** Central decides; the kiosk does not hear of it yet. */
  want<S extends StreamName>(stream: S, row: StreamRows[S]): void {
    this.#desired.put({ kioskId: KIOSK_ID, stream }, row)
  }

  wantNoMore(stream: StreamName, id: string): void {
    this.#desired.delete({ kioskId: KIOSK_ID, stream }, id)
  }

  announce(id: string, recipientId = 'r-1'): void {
    this.want('parcel', { id, tracking: `T-${id}`, size: 'S', recipientId })
    this.meet()
  }

  get exceptions(): readonly Pick<Exception, 'kind' | 'parcelId'>[] {
    return this.#exceptions.list().map(({ kind, parcelId }) => ({ kind, parcelId }))
  }

  /** The facts go up, and what central wants comes down. */
  meet(): void {
    const { bench } = this
    const rows = bench.ledger.outboxAfter(0, { countMax: 10_000, bytesMax: 1e9 })
    const batch = { kioskId: KIOSK_ID, epoch: bench.ledger.epoch(), first: 1 }
    this.facts.take({ ...batch, texts: rows.map(({ body }) => body) }, (fact) => {
      this.#exceptions.follow(fact)
      writeLetters(this.facts, fact, NO_PINS)
    })
    const have = bench.ledger.streamVersions()
    for (const stream of STREAMS) {
      const delta = this.#desired.since({ kioskId: KIOSK_ID, stream }, have[stream])
      if (delta === null) throw new Error(`${stream} is not in central's log`)
      if (delta.to > delta.from) bench.want(changeOf(stream, delta.to, delta.ops))
    }
  }

  close(): void {
    this.bench.close()
  }
}

function changeOf(stream: StreamName, version: number, ops: readonly unknown[]): StreamChange {
  const last = new Map<string, RowOp<{ readonly id: string }>>()
  for (const op of ops as readonly RowOp<{ readonly id: string }>[]) {
    last.set('put' in op ? op.put.id : op.del, op)
  }
  const kept = [...last.values()]
  const puts = kept.flatMap((op) => ('put' in op ? [op.put] : []))
  const deletes = kept.flatMap((op) => ('del' in op ? [op.del] : []))
  return { stream, version, isSnapshot: false, puts, deletes } as unknown as StreamChange
}

// A ledger in memory, for the uplink's tests: it numbers and chains facts as the store does, and
// applies the machine's notes. What it holds survives a "kill": tests make a new machine over it.
import { createHash } from 'node:crypto'
import type { StreamChange, StreamName } from '../../src/kiosk/desired.ts'
import type { Note } from '../../src/kiosk/facts.ts'
import type { OutboxLedger, OutboxRow } from '../../src/kiosk/ledger.ts'

const NO_HASH = '0'.repeat(64)

export class MemoryOutbox implements OutboxLedger {
  readonly texts: string[] = []
  readonly rows: Record<StreamName, Map<string, unknown>> = {
    parcel: new Map(),
    staff: new Map(),
    directory: new Map(),
    pickup: new Map(),
    return: new Map(),
  }
  readonly versions: Record<StreamName, number> = {
    parcel: 0,
    staff: 0,
    directory: 0,
    pickup: 0,
    return: 0,
  }
  private readonly name: string
  private confirmed = 0
  private boots = 1

  constructor(name = 'e1') {
    this.name = name
  }

  append(type: string, data: object): string {
    const last = this.texts.at(-1)
    const ph = last === undefined ? NO_HASH : createHash('sha256').update(last).digest('hex')
    const seq = this.texts.length + 1
    const stamp = { t: 1_700_000_000_000 + seq, mono: seq, boot: this.boots, clk: 'believed' }
    const by = { role: 'kiosk' }
    const text = JSON.stringify({ seq, type, ...stamp, by, ph, data })
    this.texts.push(text)
    return text
  }

  restart(): void {
    this.boots += 1
  }

  apply(notes: readonly Note[]): void {
    for (const note of notes) {
      if (note.kind === 'facts-confirmed') this.confirm(note.data.upToSeq)
      if (note.kind === 'stream-applied') this.change(note.data)
    }
  }

  private confirm(upToSeq: number): void {
    if (upToSeq <= this.confirmed || upToSeq > this.texts.length) {
      throw new Error(`confirmed ${upToSeq} after ${this.confirmed} of ${this.texts.length}`)
    }
    this.confirmed = upToSeq
  }

  private change({ stream, version, isSnapshot, puts, deletes }: StreamChange): void {
    const rows = this.rows[stream]
    if (isSnapshot) rows.clear()
    for (const key of deletes) rows.delete(key)
    for (const row of puts) rows.set(row.id, row)
    this.versions[stream] = version
  }

  epoch(): string {
    return this.name
  }

  boot(): number {
    return this.boots
  }

  headSeq(): number {
    return this.texts.length
  }

  confirmedSeq(): number {
    return this.confirmed
  }

  outboxAfter(
    seq: number,
    limits: { readonly countMax: number; readonly bytesMax: number },
  ): readonly OutboxRow[] {
    // A store may delete what is confirmed: who still asks for it asks in vain.
    if (seq < this.confirmed) throw new Error(`${seq} is confirmed up to ${this.confirmed}`)
    const rows: OutboxRow[] = []
    let bytes = 0
    for (const [index, body] of this.texts.slice(seq, seq + limits.countMax).entries()) {
      bytes += Buffer.byteLength(body)
      if (rows.length > 0 && bytes > limits.bytesMax) break
      rows.push({ seq: seq + index + 1, body })
    }
    return rows
  }

  streamVersions(): Readonly<Record<StreamName, number>> {
    return { ...this.versions }
  }
}

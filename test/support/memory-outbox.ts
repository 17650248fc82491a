// A ledger in memory, for the uplink's tests: it numbers and chains facts as the store does, and
// applies the machine's notes. What it holds survives a "kill": tests make a new machine over it.
import { createHash } from 'node:crypto'
import type { CommandNoteData, CommandRow } from '../../src/kiosk/command-facts.ts'
import type { StreamChange, StreamName } from '../../src/kiosk/desired.ts'
import type { Note } from '../../src/kiosk/facts.ts'
import type { EpochRange, OutboxLedger, OutboxRow } from '../../src/kiosk/ledger.ts'
import { hashRow, mixHashes, NO_ROWS } from '../../src/store/stream-hash.ts'

const NO_HASH = '0'.repeat(64)

export class MemoryOutbox implements OutboxLedger {
  readonly texts: string[] = []
  /** The newest fact of a copy that was put back; a new epoch begins behind it. */
  restoredAfter: number | null = null
  /** The newest fact that is kept no more. */
  cutUpToSeq = 0
  readonly rows: Record<StreamName, Map<string, unknown>> = {
    parcel: new Map(),
    staff: new Map(),
    directory: new Map(),
    pickup: new Map(),
    return: new Map(),
    locker: new Map(),
    configuration: new Map(),
    firmware: new Map(),
  }
  readonly versions: Record<StreamName, number> = {
    parcel: 0,
    staff: 0,
    directory: 0,
    pickup: 0,
    return: 0,
    locker: 0,
    configuration: 0,
    firmware: 0,
  }
  private readonly name: string
  readonly commands = new Map<string, CommandRow>()
  private counter = 0
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
      if (note.kind === 'command-taken') this.takeCommand(note.data)
      if (note.kind === 'command-settled') this.settleCommand(note.data)
    }
  }

  private takeCommand({ counter, ...row }: CommandNoteData['command-taken']): void {
    if (this.commands.has(row.commandId)) throw new Error(`${row.commandId} is taken twice`)
    this.commands.set(row.commandId, { ...row, end: null })
    this.counter = counter
  }

  private settleCommand({ commandId, end }: CommandNoteData['command-settled']): void {
    const row = this.commands.get(commandId)
    if (row === undefined) throw new Error(`${commandId} was never taken`)
    this.commands.set(commandId, { ...row, end })
  }

  command(commandId: string): CommandRow | null {
    return this.commands.get(commandId) ?? null
  }

  commandCounter(): number {
    return this.counter
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
    return this.epochAt(this.texts.length).epoch
  }

  epochRange(epoch: string): EpochRange | null {
    return this.ranges().find((range) => range.epoch === epoch) ?? null
  }

  epochAt(seq: number): EpochRange {
    const found = this.ranges().find(({ firstSeq }) => firstSeq <= seq)
    return found ?? { epoch: this.name, firstSeq: 1, lastSeq: null }
  }

  /** Newest first. */
  private ranges(): readonly EpochRange[] {
    const { name, restoredAfter: lastSeq } = this
    const first = { epoch: name, firstSeq: 1, lastSeq }
    if (lastSeq === null) return [first]
    return [{ epoch: `${name}-next`, firstSeq: lastSeq + 1, lastSeq: null }, first]
  }

  factHash(seq: number): string | null {
    const text = this.texts[seq - 1]
    return text === undefined ? null : createHash('sha256').update(text).digest('hex')
  }

  boot(): number {
    return this.boots
  }

  headSeq(): number {
    return this.texts.length
  }

  firstSeq(): number {
    return this.cutUpToSeq + 1
  }

  confirmedSeq(): number {
    return this.confirmed
  }

  outboxAfter(
    seq: number,
    limits: { readonly countMax: number; readonly bytesMax: number },
  ): readonly OutboxRow[] {
    // What was cut off is asked for in vain.
    if (seq < this.cutUpToSeq) throw new Error(`${seq} is cut off up to ${this.cutUpToSeq}`)
    const rows: OutboxRow[] = []
    let bytes = 0
    for (const [index, body] of this.texts.slice(seq, seq + limits.countMax).entries()) {
      bytes += Buffer.byteLength(body)
      if (rows.length > 0 && bytes > limits.bytesMax) break
      rows.push({ seq: seq + index + 1, body })
    }
    return rows
  }

  streamHashes(): Readonly<Record<StreamName, string>> {
    const entries = Object.entries(this.rows).map(([stream, rows]) => {
      const hashes = [...rows.values()].map((row) => hashRow(row as object))
      return [stream, hashes.reduce(mixHashes, NO_ROWS)]
    })
    return Object.fromEntries(entries) as Record<StreamName, string>
  }

  streamVersions(): Readonly<Record<StreamName, number>> {
    return { ...this.versions }
  }
}

// What happened in one run: the truth outside (coils and doors), what the kiosk was told, and what
// it ordered. The laws of the contract are judged on it when the run is over.
import type { ChannelOfBoard, CoilChange } from '../../../sim/boards/wire.ts'
import type { BoardReading, KioskEvent, UnlockOutcome } from '../../../src/kiosk/events.ts'
import { BOARDS, TWIN } from './walls.ts'

export interface Order extends ChannelOfBoard {
  readonly openingId: number
  readonly atMs: number
  readonly expiresAtMs: number
  readonly ends: { readonly atMs: number; readonly outcome: UnlockOutcome }[]
}

export interface Coil extends ChannelOfBoard {
  readonly onAtMs: number
  offAtMs: number | null
}

interface Move extends ChannelOfBoard {
  readonly atMs: number
  readonly door: 'open' | 'closed'
  readonly cause: 'lock' | 'hand'
}

/** Outcomes that say: no byte of it has left. */
const NOT_SENT: readonly UnlockOutcome[] = ['expired', 'refused', 'board-offline']

export class Witness {
  readonly coils: Coil[] = []
  readonly moves: Move[] = []
  readonly orders: Order[] = []
  readonly losses: { readonly atMs: number; readonly board: string }[] = []
  readonly readings: { readonly atMs: number; readonly reading: BoardReading }[] = []

  tell(event: KioskEvent, atMs: number): void {
    if (event.kind === 'board-read') this.readings.push({ atMs, reading: event.reading })
    if (event.kind === 'board-lost') this.losses.push({ atMs, board: event.boardId })
    if (event.kind !== 'unlock-ended') return
    const order = this.orders.find(({ openingId }) => openingId === event.openingId)
    if (order === undefined) throw new Error(`opening ${event.openingId} was never ordered`)
    order.ends.push({ atMs, outcome: event.outcome })
  }

  coilChanged({ board, channel, isOn }: CoilChange, atMs: number): void {
    const same = (coil: Coil) => coil.board === board && coil.channel === channel
    const on = this.coils.find((coil) => same(coil) && coil.offAtMs === null)
    if (!isOn && on !== undefined) on.offAtMs = atMs
    // What is switched on while it is on is not a second pulse.
    if (isOn && on === undefined) this.coils.push({ board, channel, onAtMs: atMs, offAtMs: null })
  }

  /** What the kiosk knows of a door; null: its board is lost, or was never read. */
  doorOf({ board, channel }: ChannelOfBoard, sinceMs = 0): 'open' | 'closed' | 'unknown' | null {
    const own = this.readings.findLast(({ reading }) => reading.boardId === board)
    const lost = this.losses.findLast((loss) => loss.board === board)
    if (own === undefined || own.atMs < sinceMs || own.atMs < (lost?.atMs ?? 0)) return null
    return own.reading.doors[channel - 1]?.state ?? null
  }

  /** A sentence for each law that was broken. @param lagMs from the last byte sent to the coil */
  complaints(lagMs: number): readonly string[] {
    return [...this.#badEnds(), ...this.#badCoils(lagMs), ...this.#badDoors()]
  }

  #badEnds(): readonly string[] {
    return this.orders
      .filter(({ ends }) => ends.length !== 1)
      .map((order) => `${nameOf(order)} ended ${order.ends.length} times`)
  }

  #badCoils(lagMs: number): readonly string[] {
    const free = new Set(this.orders)
    const bad: string[] = []
    for (const coil of this.coils) {
      if (coil.board === TWIN) {
        // Two boards with one address always both obey.
        const isShared = this.coils.some((other) => isTwin(coil, other))
        if (!isShared) bad.push(`${nameOf(coil)} of the twin alone went on`)
        continue
      }
      const order = [...free].find((each) => isCauseOf(each, coil, lagMs))
      if (order === undefined)
        bad.push(`${nameOf(coil)} went on at ${coil.onAtMs} without an order`)
      else free.delete(order)
    }
    return bad
  }

  /** A lock's door springs open only while, or right after, a coil of its wall is on. */
  #badDoors(): readonly string[] {
    const byLock = this.moves.filter(({ cause, door }) => cause === 'lock' && door === 'open')
    return byLock
      .filter(({ atMs, board }) => {
        const isOn = ({ onAtMs, offAtMs }: Coil) => onAtMs <= atMs && atMs <= (offAtMs ?? atMs)
        return !this.coils.some((coil) => coil.board === board && isOn(coil))
      })
      .map((move) => `${nameOf(move)} sprang open at ${move.atMs} without its coil`)
  }
}

function isCauseOf(order: Order, coil: Coil, lagMs: number): boolean {
  if (order.board !== coil.board || order.channel !== coil.channel) return false
  if (order.ends.some(({ outcome }) => NOT_SENT.includes(outcome))) return false
  return order.atMs <= coil.onAtMs && coil.onAtMs < order.expiresAtMs + lagMs
}

function isTwin(coil: Coil, other: Coil): boolean {
  const isNear = Math.abs(coil.onAtMs - other.onAtMs) < 50
  return other.board === BOARDS[0] && other.channel === coil.channel && isNear
}

function nameOf({ board, channel }: ChannelOfBoard): string {
  return `${board}/${channel}`
}

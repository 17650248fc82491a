// Goal: the whole way from an unlock to a seen door on a real SerialPort: runner, master, dialect,
// serial link, pseudoterminal and boards. Every wait is for an event.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeReply } from '../../../firmware-protocol/messages.ts'
import { lineBoard } from '../../../sim/boards/line-board.ts'
import { LiveBus } from '../../../sim/boards/live-bus.ts'
import type { CoilChange } from '../../../sim/boards/wire.ts'
import { BusRunner } from '../../../src/bus/bus-runner.ts'
import type { BusConfig } from '../../../src/bus/config.ts'
import { createLink } from '../../../src/bus/links/links.ts'
import type { KioskEvent } from '../../../src/kiosk/events.ts'
import { realClock } from '../../bus/real-clock.ts'

const BAUD_RATE = 115_200
const CHANNELS = 4

let folder: string
let live: LiveBus
let bus: BusRunner
let events: KioskEvent[]
let outputs: CoilChange[]
let waiting: (() => void)[]

function note(): void {
  for (const go of waiting.splice(0)) go()
}

/** Waits for an event that was or will be told from `from` on. */
async function until(isIt: (event: KioskEvent) => boolean, from = 0): Promise<void> {
  while (!events.slice(from).some(isIt)) {
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
}

const isRead = (boardId: string) => (event: KioskEvent) =>
  event.kind === 'board-read' && event.reading.boardId === boardId
const isLost = (event: KioskEvent) => event.kind === 'board-lost'

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-live-'))
  const path = join(folder, 'bus')
  events = []
  outputs = []
  waiting = []
  live = new LiveBus({
    port: { kind: 'pty', path },
    baudRate: BAUD_RATE,
    boards: ['A', 'B'].map((id, index) => ({
      id,
      model: lineBoard({
        address: index + 1,
        channels: CHANNELS,
        firmware: '1.0.0',
        serial: `LK-${id}`,
        boot: 1,
        doors: [],
      }),
    })),
    coilChanged: (change) => {
      outputs.push(change)
      const { board, channel, isOn } = change
      if (isOn) live.moveDoor({ board, channel, door: 'open' })
    },
  })
  const config: BusConfig = {
    id: 'bus-1',
    link: { kind: 'serial', path, baudRate: BAUD_RATE },
    boards: [
      { id: 'A', address: 1, dialect: 'latchkey-line', channels: CHANNELS },
      { id: 'B', address: 2, dialect: 'latchkey-line', channels: CHANNELS },
    ],
  }
  bus = new BusRunner({
    config,
    clock: realClock,
    createLink,
    report: (event) => {
      events.push(event)
      note()
    },
  })
})

afterEach(async () => {
  bus.stop()
  await live.stop()
  rmSync(folder, { recursive: true })
})

function unlock(openingId: number): void {
  const expiresAtMonoMs = performance.now() + 5_000
  bus.unlock({ openingId, boardId: 'B', channel: 3, pulseMs: 200, expiresAtMonoMs })
}

describe('a bus on a real port', () => {
  test('reads all boards, opens a locker, and sees its door', async () => {
    await live.plugIn()
    bus.start()
    await until(isRead('A'))
    await until(isRead('B'))
    bus.attend(true)
    unlock(1)
    const isOpen = (event: KioskEvent) =>
      isRead('B')(event) && event.kind === 'board-read' && event.reading.doors[2]?.state === 'open'
    await until((event) => event.kind === 'unlock-ended' && event.outcome === 'acknowledged')
    await until(isOpen)
    expect(outputs[0]).toEqual({ board: 'B', channel: 3, isOn: true, ms: 200 })
    expect(events.filter(isOpen)).toMatchObject([{ reading: { boot: 1 } }])
  })

  test('starts without its port, and works as soon as it is there', async () => {
    bus.start()
    await until(isLost)
    unlock(1)
    expect(events.at(-1)).toMatchObject({ kind: 'unlock-ended', outcome: 'board-offline' })
    await live.plugIn()
    await until(isRead('B'))
    expect(outputs).toEqual([])
  })

  test('loses its boards with the cable, comes back with it, and fires nothing old', async () => {
    await live.plugIn()
    bus.start()
    await until(isRead('B'))
    await live.unplug()
    unlock(1)
    await until((event) => event.kind === 'unlock-ended')
    await until(isLost)
    const from = events.length
    await live.plugIn()
    await until(isRead('B'), from)
    expect(outputs).toEqual([])
  })

  test('takes no harm from what else is on the wire', async () => {
    await live.plugIn()
    bus.start()
    await until(isRead('A'))
    await until(isRead('B'))
    const before = { events: [...events], dropped: bus.counters.framesDropped }
    const doors = Array<'open'>(CHANNELS).fill('open')
    const forged = encodeReply(
      { address: 9, sequence: 1 },
      { kind: 'state', boot: 1, doors, outputs: doors.map(() => 'off'), opens: [1, 1, 1, 1] },
    )
    const noise = String.fromCharCode(...Array.from({ length: 256 }, (_, index) => index))
    const garbage = `${noise}\n\n\n${forged}<<<>>>\n${'U'.repeat(10_000)}\n`
    live.disturb(Buffer.from(garbage, 'latin1'))
    live.powerCycle('A')
    const isRestarted = (event: KioskEvent) =>
      event.kind === 'board-read' && event.reading.boardId === 'A' && event.reading.boot === 2
    await until(isRestarted)
    expect(bus.counters.framesDropped).toBeGreaterThan(before.dropped)
    const others = events.slice(before.events.length).filter((event) => !isRestarted(event))
    expect(others.filter((event) => event.kind === 'board-read')).toEqual([])
  })
})

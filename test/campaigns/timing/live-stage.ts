// The line on a real pseudoterminal in real time, under a real serial port: what a clock of whole
// milliseconds and a busy machine add.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Doors } from '../../../sim/boards/doors.ts'
import { LiveBus } from '../../../sim/boards/live-bus.ts'
import { createRandom } from '../../../sim/world/random.ts'
import { BusRunner } from '../../../src/bus/bus-runner.ts'
import { createLink } from '../../../src/bus/links/links.ts'
import { realClock } from '../../bus/real-clock.ts'
import type { LineSetup } from './line-limits.ts'
import { boardConfigs, measure, Notes, type Timing, wireBoards } from './measure.ts'

export async function measureLive(setup: LineSetup, orders: number): Promise<Timing> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-timing-'))
  const path = join(folder, 'bus')
  const notes = new Notes(() => performance.now())
  const { baudRate } = setup
  const bus = new LiveBus({
    port: { kind: 'pty', path },
    baudRate,
    boards: wireBoards(setup),
    coilChanged: (change) => {
      notes.coilChanged(change)
      doors.coilChanged(change)
    },
    frameSent: (frame) => notes.frameSent(frame),
  })
  const boards = boardConfigs(setup)
  const { schedule } = bus
  const doors = new Doors({ schedule, random: createRandom('timing'), contacts: bus, boards })
  const runner = new BusRunner({
    config: { id: 'timing', link: { kind: 'serial', path, baudRate }, boards },
    clock: realClock,
    createLink,
    report: (event) => notes.reported(event),
  })
  await bus.plugIn()
  try {
    const stage = {
      nowMs: () => performance.now(),
      pass: (ms: number) => pause(ms),
      runner,
      closeDoor: (at: Parameters<Doors['close']>[0]) => doors.close(at),
      notes,
    }
    return await measure(stage, setup, orders)
  } finally {
    runner.stop()
    await bus.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

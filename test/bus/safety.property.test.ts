// Goal: whatever the line does to the frames, an unlock is at most one pulse, in time, and ends.
// Method: the real runner and real boards in virtual time; every seed draws its own mix of faults.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BusRunner } from '../../src/bus/bus-runner.ts'
import type { KioskEvent } from '../../src/kiosk/events.ts'
import { busConfig, CHANNELS } from './master/bench.ts'
import { type Faults, NO_FAULTS, seededRandom, VirtualLine, VirtualTime } from './virtual-line.ts'

const BOARDS = 3
const UNLOCKS = 12
const EXPIRY_MS = 3_000
/** A frame that left at the last moment still has to travel. */
const LINE_MS = 10

const rate = fc.constantFrom(0, 0, 0.05, 0.3)
const faults: fc.Arbitrary<Faults> = fc.record({
  lost: rate,
  damaged: rate,
  late: rate,
  doubled: rate,
  restart: fc.constantFrom(0, 0, 0.005),
  unplug: fc.constantFrom(0, 0, 0.01),
})

function run(seed: number, mix: Faults) {
  const random = seededRandom(seed)
  const time = new VirtualTime()
  const config = busConfig({ boards: BOARDS })
  const boards = config.boards.map(({ address, id }) => ({
    address,
    channels: CHANNELS,
    firmware: '1.0.0',
    serial: id,
    boot: 1,
    doors: [],
  }))
  const line = new VirtualLine(time, { boards, random })
  const ended = new Map<number, { readonly atMs: number; readonly outcome: string }[]>()
  const report = (event: KioskEvent) => {
    if (event.kind !== 'unlock-ended') return
    const ends = ended.get(event.openingId) ?? []
    ended.set(event.openingId, [...ends, { atMs: time.nowMs, outcome: event.outcome }])
  }
  const bus = new BusRunner({ config, clock: time, createLink: line.createLink, report })
  line.faults = mix
  bus.start()
  const asked = Array.from({ length: UNLOCKS }, (_, index) => {
    time.pass(random() * 1_000)
    bus.attend(random() < 0.5)
    // Each unlock has a lock of its own, so that each pulse names its unlock.
    const board = config.boards[index % BOARDS]
    const channel = 1 + Math.floor(index / BOARDS)
    const expiresAtMonoMs = time.nowMs + random() * EXPIRY_MS
    const boardId = board?.id ?? ''
    const pulseMs = 100 + Math.floor(random() * 500)
    bus.unlock({ openingId: index, boardId, channel, pulseMs, expiresAtMonoMs })
    return { openingId: index, address: board?.address, channel, pulseMs, expiresAtMonoMs }
  })
  time.pass(EXPIRY_MS + 1_000)
  return { line, asked, ended, time, bus }
}

describe('a bus with a faulty line', () => {
  test('never fires twice, too late or two coils at once, and every unlock ends once', () => {
    fc.assert(
      fc.property(fc.nat(), faults, (seed, mix) => {
        const { line, asked, ended } = run(seed, mix)
        for (const unlock of asked) {
          const { address, channel, openingId } = unlock
          const pulses = line.fired.filter(
            (pulse) => pulse.address === address && pulse.channel === channel,
          )
          expect(pulses.length).toBeLessThanOrEqual(1)
          const [pulse] = pulses
          if (pulse) expect(pulse.atMs).toBeLessThan(unlock.expiresAtMonoMs + LINE_MS)
          const ends = ended.get(openingId) ?? []
          expect(ends).toHaveLength(1)
          const outcome = ends[0]?.outcome ?? ''
          if (outcome === 'acknowledged') expect(pulses).toHaveLength(1)
          if (['expired', 'refused', 'board-offline'].includes(outcome)) expect(pulses).toEqual([])
        }
        for (const [index, pulse] of line.fired.entries()) {
          const before = line.fired[index - 1]
          if (before) expect(pulse.atMs).toBeGreaterThanOrEqual(before.atMs + before.ms)
        }
        expect(line.complaints).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('without faults opens every locker in time that is asked for in time', () => {
    const { line, ended } = run(1, NO_FAULTS)
    expect(line.fired.length).toBeGreaterThan(UNLOCKS / 2)
    const outcomes = [...ended.values()].flat().map(({ outcome }) => outcome)
    expect(outcomes.every((outcome) => ['acknowledged', 'expired'].includes(outcome))).toBe(true)
  })

  test('finds all boards again once the faults end', () => {
    const wild = { lost: 0.4, damaged: 0.3, late: 0.3, doubled: 0.3, restart: 0.02, unplug: 0.05 }
    for (let seed = 1; seed <= 10; seed += 1) {
      const { line, time, bus, ended } = run(seed, wild)
      line.faults = NO_FAULTS
      time.pass(60_000)
      for (const [index, boardId] of ['A', 'B', 'C'].entries()) {
        const expiresAtMonoMs = time.nowMs + EXPIRY_MS
        const openingId = 100 + index
        bus.unlock({ openingId, boardId, channel: 1, pulseMs: 100, expiresAtMonoMs })
      }
      time.pass(EXPIRY_MS)
      const outcomes = [100, 101, 102].map((id) => ended.get(id)?.[0]?.outcome)
      expect(outcomes).toEqual(['acknowledged', 'acknowledged', 'acknowledged'])
    }
  })

  test('makes the same run from the same seed', () => {
    const mix = { ...NO_FAULTS, lost: 0.2, damaged: 0.1, late: 0.2 }
    expect(run(7, mix).line.sent).toEqual(run(7, mix).line.sent)
  })
})

// Goal: where requests have no numbers, a pulse is still sent once, and a late reply never answers
// the next question. Method: the real runner and a bare board in virtual time; every seed draws its
// faults.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BusRunner } from '../../src/bus/bus-runner.ts'
import { REPLY_GRACE_MS } from '../../src/bus/master/limits.ts'
import type { KioskEvent } from '../../src/kiosk/events.ts'
import { type BareFaults, BareLine, bareConfig, markOf } from './bare-line.ts'
import type { Bare } from './dialects/replies.ts'
import { seededRandom, VirtualTime } from './virtual-line.ts'

const UNLOCKS = 8
const EXPIRY_MS = 4_000
/** A frame that left at the last moment still has to travel. */
const LINE_MS = 10

const rate = fc.constantFrom(0, 0, 0.05, 0.3)
const faults = fc.record({
  lost: rate,
  late: rate,
  doubled: rate,
  unplug: fc.constantFrom(0, 0, 0.01),
})

interface Scene {
  readonly dialect: Bare
  readonly kind: 'serial' | 'tcp'
  readonly seed: number
  readonly faults: BareFaults
}

function run({ dialect, kind, seed, faults: mix }: Scene) {
  const random = seededRandom(seed)
  const time = new VirtualTime()
  const line = new BareLine(time, { dialect, random, faults: mix })
  const ended = new Map<number, string[]>()
  const stale: string[] = []
  let readings = 0
  const report = (event: KioskEvent) => {
    if (event.kind === 'unlock-ended') {
      ended.set(event.openingId, [...(ended.get(event.openingId) ?? []), event.outcome])
    }
    if (event.kind !== 'board-read') return
    readings += 1
    const mark = markOf(event.reading)
    if (mark !== line.mark) stale.push(`${mark} for ${line.mark} at ${time.nowMs}`)
  }
  const config = bareConfig(dialect, kind)
  const bus = new BusRunner({ config, clock: time, createLink: line.createLink, report })
  bus.start()
  const asked = Array.from({ length: UNLOCKS }, (_, index) => {
    time.pass(random() * 1_500)
    bus.attend(random() < 0.5)
    const order = { openingId: index, boardId: 'A', channel: index + 1, pulseMs: 500 }
    const expiresAtMonoMs = time.nowMs + random() * EXPIRY_MS
    bus.unlock({ ...order, expiresAtMonoMs })
    return { ...order, expiresAtMonoMs }
  })
  time.pass(EXPIRY_MS + 2_000)
  return { line, asked, ended, stale, readings, time, bus }
}

function check({ line, asked, ended, stale }: ReturnType<typeof run>): void {
  for (const { channel, openingId, expiresAtMonoMs } of asked) {
    const pulses = line.fired.filter((pulse) => pulse.channel === channel)
    expect(pulses.length).toBeLessThanOrEqual(1)
    if (pulses[0]) expect(pulses[0].atMs).toBeLessThan(expiresAtMonoMs + LINE_MS)
    expect(ended.get(openingId)).toHaveLength(1)
    const outcome = ended.get(openingId)?.[0] ?? ''
    if (outcome === 'acknowledged') expect(pulses).toHaveLength(1)
    if (['expired', 'refused', 'board-offline'].includes(outcome)) expect(pulses).toEqual([])
  }
  for (const [index, pulse] of line.fired.entries()) {
    const before = line.fired[index - 1]
    if (before) expect(pulse.atMs).toBeGreaterThanOrEqual(before.atMs + before.ms)
  }
  expect(stale).toEqual([])
  expect(line.complaints).toEqual([])
}

const DIALECTS = ['kerong-cu16', 'kerong-cu48', 'lock-board-8a', 'wkly', 'modbus-rtu'] as const
/** Late beyond the deadline, but not beyond the silence that follows it. */
const LATE_SERIAL_MS = REPLY_GRACE_MS * 2 - 20
const LATE_GATEWAY_MS = 60_000

describe.each(DIALECTS)('a %s board', (dialect) => {
  test.each([
    ['a serial line', 'serial', LATE_SERIAL_MS],
    ['a gateway', 'tcp', LATE_GATEWAY_MS],
  ] as const)('on %s is never pulsed twice, and no late reply is believed', (_, kind, lateMs) => {
    fc.assert(
      fc.property(fc.nat(), faults, (seed, mix) => {
        check(run({ dialect, kind, seed, faults: { ...mix, lateMs } }))
      }),
      { numRuns: 30 },
    )
  })

  test('without faults opens what is asked for in time, and is back after them', () => {
    const none = { lost: 0, late: 0, doubled: 0, unplug: 0, lateMs: 0 }
    const calm = run({ dialect, kind: 'serial', seed: 1, faults: none })
    check(calm)
    expect(calm.readings).toBeGreaterThan(20)
    expect(calm.line.fired.length).toBeGreaterThan(UNLOCKS / 2)
    const wild = { lost: 0.5, late: 0.4, doubled: 0.3, unplug: 0.05, lateMs: 300 }
    const { line, time, bus } = run({ dialect, kind: 'tcp', seed: 2, faults: wild })
    line.faults = none
    time.pass(30_000)
    const firedBefore = line.fired.length
    const order = { openingId: 99, boardId: 'A', channel: 1, pulseMs: 500 }
    bus.unlock({ ...order, expiresAtMonoMs: time.nowMs + EXPIRY_MS })
    time.pass(EXPIRY_MS)
    expect(line.fired).toHaveLength(firedBefore + 1)
  })
})

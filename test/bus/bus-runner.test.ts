// Goal: the runner performs what the master decides, in its order, whoever calls back when.
import { describe, expect, test } from 'vitest'
import { BusRunner } from '../../src/bus/bus-runner.ts'
import type { BusLink, LinkHost } from '../../src/bus/links/link.ts'
import { REOPEN_MIN_MS } from '../../src/bus/master/limits.ts'
import type { KioskEvent } from '../../src/kiosk/events.ts'
import { busConfig } from './master/bench.ts'
import { seededRandom, VirtualLine, VirtualTime } from './virtual-line.ts'

const config = busConfig({ boards: 1 })
const BOARD = { address: 1, channels: 4, firmware: '1', serial: 'S', boot: 1, doors: [] } as const
const ORDER = { boardId: 'A', channel: 1, pulseMs: 100 }

function makeBus(change: { readonly report?: (event: KioskEvent, bus: BusRunner) => void } = {}) {
  const time = new VirtualTime()
  const line = new VirtualLine(time, { boards: [BOARD], random: seededRandom(1) })
  const events: KioskEvent[] = []
  const causes: string[] = []
  const bus: BusRunner = new BusRunner({
    config,
    clock: time,
    createLink: line.createLink,
    report: (event) => {
      events.push(event)
      change.report?.(event, bus)
    },
    linkClosed: (cause) => causes.push(cause),
  })
  return { time, line, events, causes, bus }
}

describe('the bus runner', () => {
  test('does nothing before its start', () => {
    const { bus, time, line, events } = makeBus()
    bus.unlock({ openingId: 1, ...ORDER, expiresAtMonoMs: 1_000 })
    time.pass(5_000)
    expect(line.sent).toEqual([])
    expect(events).toEqual([])
  })

  test('brings an unlock asked from within a report to its end', () => {
    const { bus, time, line, events } = makeBus({
      report: (event, runner) => {
        if (event.kind !== 'board-read') return
        runner.unlock({ openingId: 5, ...ORDER, expiresAtMonoMs: time.nowMs + 1_000 })
      },
    })
    bus.start()
    time.pass(1_000)
    expect(line.fired).toHaveLength(1)
    expect(events.at(-1)).toEqual({
      kind: 'unlock-ended',
      openingId: 5,
      outcome: 'acknowledged',
    })
  })

  test('tells why the link closed and opens a new one', () => {
    const { bus, time, line, causes, events } = makeBus()
    bus.start()
    time.pass(1_000)
    line.unplug()
    expect(causes).toEqual(['unplugged'])
    expect(events.map(({ kind }) => kind)).toEqual(['board-read', 'board-lost'])
    time.pass(REOPEN_MIN_MS + 1_000)
    expect(events.at(-1)?.kind).toBe('board-read')
    expect(bus.counters.linkOpenings).toBe(2)
    expect(bus.id).toBe('bus-1')
  })

  test('does not hear a link that it has let go', () => {
    const hosts: LinkHost[] = []
    const time = new VirtualTime()
    const events: KioskEvent[] = []
    const bus = new BusRunner({
      config,
      clock: time,
      createLink: (_, host) => {
        hosts.push(host)
        const link: BusLink = { open() {}, send() {}, close() {} }
        return link
      },
      report: (event) => events.push(event),
    })
    bus.start()
    hosts[0]?.closed('gone')
    time.pass(REOPEN_MIN_MS)
    expect(hosts).toHaveLength(2)
    hosts[0]?.opened()
    hosts[0]?.frame('late')
    hosts[0]?.closed('again')
    expect(bus.counters.framesDropped).toBe(0)
    expect(events.map(({ kind }) => kind)).toEqual(['board-lost'])
  })

  test('sends and tells nothing after its stop', () => {
    const { bus, time, line, events } = makeBus()
    bus.start()
    time.pass(1_000)
    bus.unlock({ openingId: 1, ...ORDER, channel: 9, expiresAtMonoMs: time.nowMs + 1_000 })
    bus.stop()
    const before = { sent: line.sent.length, events: events.length }
    bus.unlock({ openingId: 2, ...ORDER, expiresAtMonoMs: time.nowMs + 1_000 })
    bus.start()
    time.pass(60_000)
    expect({ sent: line.sent.length, events: events.length }).toEqual(before)
    expect(line.complaints).toEqual([])
  })
})

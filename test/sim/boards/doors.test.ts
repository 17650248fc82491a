// Goal: a coil moves the right door after its time, and a faulty door misbehaves as it is told to.
import { describe, expect, test } from 'vitest'
import { type DoorBehaviour, Doors, SPRING_MS } from '../../../sim/boards/doors.ts'
import { createRandom } from '../../../sim/world/random.ts'
import { Timeline } from '../../../sim/world/timeline.ts'

const at = (channel: number) => ({ board: 'A', channel })

function wall() {
  const schedule = new Timeline()
  const seen: string[] = []
  const moved: string[] = []
  const doors = new Doors({
    schedule,
    random: createRandom('doors'),
    boards: [{ id: 'A', channels: 16 }],
    contacts: {
      moveDoor: ({ channel, door }) => seen.push(`${channel} ${door}`),
      moveContents: ({ channel, contents }) => seen.push(`${channel} ${contents}`),
    },
    doorMoved: ({ channel, door, cause }) => moved.push(`${channel} ${door} by ${cause}`),
  })
  return {
    doors,
    seen,
    moved,
    pass: (ms: number) => schedule.runUntil(schedule.nowMs + ms, 1_000),
    on: (channel: number) => doors.coilChanged({ ...at(channel), isOn: true, ms: 500 }),
    off: (channel: number) => doors.coilChanged({ ...at(channel), isOn: false }),
  }
}

function broken(behaviour: Partial<DoorBehaviour>) {
  const it = wall()
  it.doors.change(at(3), behaviour)
  it.seen.length = 0
  return it
}

describe('a door', () => {
  test('springs open when its coil has been on for long enough', () => {
    const it = wall()
    it.on(3)
    it.pass(SPRING_MS - 1)
    expect(it.moved).toEqual([])
    it.pass(1)
    expect(it.moved).toEqual(['3 open by lock'])
    expect(it.seen).toEqual(['3 open'])
  })

  test('stays shut after a pulse that is too short, even when another follows', () => {
    const it = wall()
    it.on(3)
    it.pass(SPRING_MS / 2)
    it.off(3)
    it.on(3)
    it.pass(SPRING_MS - 1)
    expect(it.moved).toEqual([])
  })

  test('does not stay shut while its lock has current', () => {
    const it = wall()
    it.on(3)
    it.pass(SPRING_MS)
    it.doors.close(at(3))
    it.pass(SPRING_MS)
    expect(it.doors.positionOf(at(3))).toBe('open')
    it.off(3)
    it.doors.close(at(3))
    it.pass(1_000)
    expect(it.doors.positionOf(at(3))).toBe('closed')
  })

  test('that is jammed does not move', () => {
    const it = broken({ isJammed: true })
    it.on(3)
    it.pass(1_000)
    expect(it.moved).toEqual([])
  })

  test('that bounces flutters and comes to rest where it is', () => {
    const it = broken({ bounces: 2 })
    it.doors.open(at(3))
    it.pass(100)
    expect(it.seen).toEqual(['3 open', '3 closed', '3 open', '3 closed', '3 open'])
    expect(it.moved).toEqual(['3 open by hand'])
  })

  test.each([
    ['stuck-open', ['3 open', '3 open']],
    ['stuck-closed', ['3 closed', '3 closed']],
    ['inverted', ['3 closed', '3 open']],
  ] as const)('with a sensor that is %s lies', (sensor, seen) => {
    const it = broken({ sensor })
    it.doors.open(at(3))
    it.doors.close(at(3))
    expect(it.seen).toEqual(seen)
    expect(it.moved).toEqual(['3 open by hand', '3 closed by hand'])
  })

  test('opens instead of its neighbour when their wires are crossed', () => {
    const it = wall()
    it.doors.cross('A', [12, 13])
    it.on(12)
    it.pass(SPRING_MS)
    expect(it.moved).toEqual(['13 open by lock'])
    it.on(13)
    it.pass(SPRING_MS)
    expect(it.moved).toEqual(['13 open by lock', '12 open by lock'])
  })

  test('that is not there is an error, and a parcel is seen', () => {
    const it = wall()
    expect(() => it.doors.open(at(17))).toThrow(RangeError)
    it.doors.put(at(2), 'present')
    expect(it.seen).toEqual(['2 present'])
  })
})

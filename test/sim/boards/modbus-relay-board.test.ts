// Goal: the Modbus relay boards say and do, byte for byte, what is documented of them.
import { describe, expect, test } from 'vitest'
import { modbusRelayBoard } from '../../../sim/boards/modbus-relay-board.ts'
import { allOpen, bench } from './bench.ts'

const relays8 = (more = {}) =>
  bench(modbusRelayBoard({ address: 1, relays: 8, inputs: 8, doors: allOpen(8), ...more }))
const relays16 = () => bench(modbusRelayBoard({ address: 1, relays: 16, inputs: 0 }))
const inputs16 = () =>
  bench(modbusRelayBoard({ address: 1, relays: 0, inputs: 16, doors: allOpen(16) }))

const echoed = (frame: string) => frame

describe('a relay board', () => {
  test.each([
    ['on', '01 05 00 00 FF 00 8C 3A', ['+1']],
    ['off', '01 05 00 00 00 00 CD CA', []],
    ['toggled', '01 05 00 00 55 00 F2 9A', ['+1']],
    ['all on', '01 05 00 FF FF 00 BC 0A', [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `+${n}`)],
    ['all off', '01 05 00 FF 00 00 FD FA', []],
  ])('is turned %s and repeats the order', (_, order, coils) => {
    expect(relays8().ask(order)).toEqual([...coils, echoed(order)])
  })

  test('turns all off', () => {
    const it = relays8()
    it.ask('01 05 00 FF FF 00 BC 0A')
    expect(it.ask('01 05 00 FF 00 00 FD FA').slice(0, 8)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `-${n}`),
    )
  })

  test.each([
    ['01 05 02 00 00 07 8D B0', 1, 700],
    ['01 05 02 00 00 05 0C 71', 1, 500],
    ['01 05 02 01 00 08 9C 74', 2, 800],
    ['01 05 02 03 00 04 3D B1', 4, 400],
  ])('flashes at %s: relay %i for %i ms, timed by itself', (order, channel, ms) => {
    const it = relays8()
    expect(it.hear(order)).toEqual([])
    expect(it.pass(5)).toEqual([`3.65: +${channel} ${ms}`, `3.65: ${order}`])
    expect(it.pass(1_000)).toEqual([`${3.65 + ms}: -${channel}`])
  })

  test.each([
    [4_800, 10, 7.3],
    [9_600, 11, 4.02],
    [19_200, 10, 1.83],
    [115_200, 10, 1.75],
  ])('ends a frame at %i baud and %i bits after %f ms of silence', (baudRate, bits, ms) => {
    const line = { baudRate, bitsPerCharacter: bits }
    const it = bench(modbusRelayBoard({ address: 1, relays: 8, inputs: 8, ...line }))
    it.hear('01 01 00 00 00 08 3D CC')
    expect(it.pass(10)).toEqual([`${ms}: 01 01 01 00 51 88`])
  })

  test('flashes off: off for so long, and then on', () => {
    const it = relays8()
    it.ask('01 05 00 00 FF 00 8C 3A')
    const order = '01 05 04 00 00 08 CD 3C'
    expect(it.ask(order, 2_000)).toEqual(['-1', order, '+1'])
  })

  test('tells of its relays', () => {
    const it = relays8()
    expect(it.ask('01 01 00 00 00 08 3D CC')).toEqual(['01 01 01 00 51 88'])
    it.ask('01 05 00 00 FF 00 8C 3A')
    it.ask('01 05 00 06 FF 00 6C 3B')
    expect(it.ask('01 01 00 00 00 08 3D CC')).toEqual(['01 01 01 41 91 B8'])
  })

  test('tells of its inputs', () => {
    const it = relays8()
    expect(it.ask('01 02 00 00 00 08 79 CC')).toEqual(['01 02 01 00 A1 88'])
    it.door(1, 'closed')
    expect(it.ask('01 02 00 00 00 08 79 CC')).toEqual(['01 02 01 01 60 48'])
  })

  test('is written all at once', () => {
    const it = relays8()
    const said = it.ask('01 0F 00 00 00 08 01 FF BE D5')
    expect(said).toHaveLength(9)
    expect(said.at(-1)).toMatch(/^01 0F 00 00 00 08 /)
    expect(it.ask('01 01 00 00 00 08 3D CC')).toEqual(['01 01 01 FF 11 C8'])
  })

  test('without inputs has relays alone, and the input board only inputs', () => {
    expect(relays16().ask('01 02 00 00 00 10 79 C6')).toEqual(['01 82 01 81 60'])
    expect(inputs16().ask('01 02 00 00 00 10 79 C6')).toEqual(['01 02 02 00 00 B9 B8'])
    expect(inputs16().ask('01 05 00 00 FF 00 8C 3A')).toEqual(['01 85 01 83 50'])
  })

  test.each([
    ['an address that is not there', '01 05 03 00 FF 00 8C 7E', '01 85 02 C3 51'],
    ['a value that is no order', '01 05 00 00 12 34 C0 BD', '01 85 03 02 91'],
    ['a flash of no time', '01 05 02 00 00 00 CC 72', '01 85 03 02 91'],
    ['a function that it does not know', '01 04 00 00 00 08 F1 CC', '01 84 01 82 C0'],
  ])('refuses %s', (_, request, reply) => {
    expect(relays8().ask(request)).toEqual([reply])
  })

  test.each([
    ['a wrong checksum', '01 05 00 00 FF 00 8C 3B'],
    ['another address', '02 05 00 00 FF 00 8C 09'],
    ['half a frame', '01 05 00 00'],
    ['noise before the frame, without a pause', 'FF 01 05 00 00 FF 00 8C 3A'],
  ])('is silent and does nothing at %s', (_, request) => {
    expect(relays8().ask(request)).toEqual([])
  })

  test('takes two halves with a pause between them for two frames', () => {
    const it = relays8()
    it.hear('01 05 00 00')
    it.pass(4)
    expect(it.ask('FF 00 8C 3A')).toEqual([])
  })

  test('keeps its registers, and only those, without power', () => {
    const it = relays8()
    expect(it.ask('00 03 40 00 00 01 90 1B')).toEqual(['01 03 02 00 01 79 84'])
    expect(it.ask('01 06 40 00 00 02 1D CB')).toEqual(['01 06 40 00 00 02 1D CB'])
    it.powerCycle()
    it.pass(1_000)
    expect(it.ask('00 03 40 00 00 01 90 1B')).toEqual(['02 03 02 00 02 7D 85'])
    expect(it.ask('01 01 00 00 00 08 3D CC')).toEqual([])
  })

  test('obeys an order to all in silence', () => {
    const it = relays8()
    expect(it.ask('00 06 40 00 00 02 1C 1A')).toEqual([])
    expect(it.ask('00 06 20 00 00 05 43 D8')).toEqual([])
    expect(it.ask('00 03 40 00 00 01 90 1B')).toEqual(['02 03 02 00 02 7D 85'])
    expect(it.ask('00 03 80 00 00 01 AC 1B')).toEqual(['02 03 02 00 C8 FD D2'])
  })

  test('lets a door drive a relay in linkage mode, at its start too, until told not to', () => {
    const it = relays8({ modes: ['linkage'], doors: [] })
    expect(it.pass(10)).toEqual(['0: +1'])
    expect(it.door(1, 'open')).toEqual(['-1'])
    expect(it.door(1, 'closed')).toEqual(['+1'])
    expect(it.ask('01 06 10 00 00 00 8D 0A')).toEqual(['01 06 10 00 00 00 8D 0A'])
    expect(it.door(1, 'open')).toEqual([])
    expect(it.ask('01 06 10 00 00 01 4C CA')).toEqual(['01 06 10 00 00 01 4C CA'])
    expect(it.ask('01 03 10 00 00 08 40 CC')).toHaveLength(1)
    expect(it.door(1, 'closed')).toEqual([])
    expect(it.door(1, 'open')).toEqual(['-1'])
  })

  test('turns a relay over at an input in the modes toggle and edge', () => {
    const toggle = relays8({ modes: ['toggle'] })
    expect(toggle.door(1, 'closed')).toEqual(['+1'])
    expect(toggle.door(1, 'open')).toEqual([])
    const edge = relays8({ modes: ['edge'] })
    expect(edge.door(1, 'closed')).toEqual(['+1'])
    expect(edge.door(1, 'open')).toEqual(['-1'])
  })
})

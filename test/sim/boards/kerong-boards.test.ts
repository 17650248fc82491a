// Goal: the Kerong boards say and do, byte for byte, what is documented of them.
import { describe, expect, test } from 'vitest'
import { kerongCu16Board } from '../../../sim/boards/kerong-cu16-board.ts'
import { kerongCu48Board } from '../../../sim/boards/kerong-cu48-board.ts'
import { allOpen, bench, bytesOf, hex } from './bench.ts'

const cu16 = (address = 0, more = {}) =>
  bench(kerongCu16Board({ address, channels: 16, doors: allOpen(16), ...more }))
const cu48 = (more = {}) =>
  bench(kerongCu48Board({ address: 0, channels: 48, doors: allOpen(48), ...more }))

describe('a CU16', () => {
  test.each([
    ['nothing closed', 0, '02 00 35 00 00 00 00 03 3A'],
    ['lock 1 closed', 1, '02 00 35 01 00 00 00 03 3B'],
    ['all closed', 16, '02 00 35 FF FF 00 00 03 38'],
  ])('tells its state: %s', (_, closed, reply) => {
    const it = cu16()
    for (let channel = 1; channel <= closed; channel += 1) it.door(channel, 'closed')
    expect(it.ask('02 00 30 03 35')).toEqual([reply])
  })

  test('answers for its own address alone', () => {
    expect(cu16(1).ask('02 10 30 03 45')).toEqual(['02 10 35 00 00 00 00 03 4A'])
    expect(cu16(1).ask('02 00 30 03 35')).toEqual([])
    expect(cu16(0).ask('02 10 30 03 45')).toEqual([])
  })

  test('shows what its sensors see in the two bytes after the locks', () => {
    const it = cu16()
    it.put(1)
    it.put(16)
    expect(it.ask('02 00 30 03 35')).toEqual(['02 00 35 00 00 01 80 03 BB'])
  })

  test('shows the other polarity with locks whose contact closes on the open door', () => {
    const it = cu16(0, { feedback: 'door-open' })
    expect(it.ask('02 00 30 03 35')).toEqual(['02 00 35 FF FF 00 00 03 38'])
  })

  test.each([
    ['02 00 31 03 36', 0, 1],
    ['02 04 31 03 3A', 0, 5],
    ['02 0F 31 03 45', 0, 16],
    ['02 12 31 03 48', 1, 3],
  ])('opens at %s without an answer, and ends the pulse by itself', (order, address, channel) => {
    const it = cu16(address)
    expect(it.hear(order)).toEqual([`+${channel} 500`])
    expect(it.pass(1_000)).toEqual([`500: -${channel}`])
  })

  test('lets each board answer the question to all in its turn', () => {
    const first = cu16(0)
    expect([...first.hear('02 F0 32 03 27'), ...first.pass(100)]).toEqual([
      '0: 02 00 36 00 00 00 00 03 3B',
    ])
    const third = cu16(2)
    expect([...third.hear('02 F0 32 03 27'), ...third.pass(100)]).toEqual([
      '24: 02 20 36 00 00 00 00 03 5B',
    ])
    expect(cu16(0).ask('02 00 32 03 37')).toEqual(['02 00 36 00 00 00 00 03 3B'])
  })

  test('opens all one after another, never two at once', () => {
    const it = bench(kerongCu16Board({ address: 0, channels: 3 }))
    it.hear('02 00 33 03 38')
    expect(it.pass(5_000)).toEqual([
      '0: +1 500',
      '500: -1',
      '600: +2 500',
      '1100: -2',
      '1200: +3 500',
      '1700: -3',
    ])
  })

  test('keeps the unlock time that it is told, without power too', () => {
    const it = cu16()
    expect(it.ask('02 00 37 03 3C')).toEqual(['02 00 38 00 32 03 6F'])
    expect(it.ask('02 00 37 00 64 03 A0')).toEqual([])
    it.powerCycle()
    it.pass(1_000)
    expect(it.hear('02 00 31 03 36')).toEqual(['+1 1000'])
    expect(it.ask('02 00 37 00 32 03 6E')).toEqual([])
    expect(it.ask('02 00 37 03 3C')).toContain('02 00 38 00 32 03 6F')
  })

  test('opens later when it is told so in seconds', () => {
    const it = cu16()
    expect(it.hear('02 00 39 00 03 3E')).toEqual([])
    expect(it.pass(600)).toEqual(['0: +1 500', '500: -1'])
    expect(it.hear('02 00 39 02 03 40')).toEqual([])
    expect(it.pass(3_000)).toEqual(['2600: +1 500', '3100: -1'])
  })

  test('is silent for a wrong sum and finds the next frame behind the noise', () => {
    expect(cu16().ask('02 00 31 03 37')).toEqual([])
    expect(cu16().ask('FB 02 F2 02 02 00 30 03 35')).toEqual(['02 00 35 00 00 00 00 03 3A'])
  })

  test('gives half a frame up when nothing follows', () => {
    const it = cu16()
    it.hear('02 00 31')
    it.pass(60)
    expect(it.ask('03 36')).toEqual([])
    expect(it.ask('02 00 30 03 35')).toHaveLength(1)
  })

  test('loses its pulse with its power, and hears nothing while it starts', () => {
    const it = cu16()
    it.hear('02 00 31 03 36')
    expect(it.powerCycle()).toEqual(['-1'])
    expect(it.ask('02 00 30 03 35')).toEqual([])
    it.pass(500)
    expect(it.ask('02 00 30 03 35')).toHaveLength(1)
  })
})

describe('a CU48', () => {
  test.each([
    ['nothing', [], '02 00 00 75 00 00 00 00 00 00 00 00 00 00 00 00 03 7A'],
    ['lock 1', [1], '02 00 00 75 01 00 00 00 00 00 00 00 00 00 00 00 03 7B'],
    ['lock 5', [5], '02 00 00 75 10 00 00 00 00 00 00 00 00 00 00 00 03 8A'],
    ['lock 14', [14], '02 00 00 75 00 20 00 00 00 00 00 00 00 00 00 00 03 9A'],
  ])('answers as a real one was heard to: closed is %s', (_, closed, reply) => {
    const it = cu48()
    for (const channel of closed) it.door(channel, 'closed')
    expect(it.ask('02 00 00 60 03 65')).toEqual([reply])
  })

  test('shows a parcel as a real one was heard to', () => {
    const it = cu48()
    it.door(1, 'closed')
    it.put(1)
    expect(it.ask('02 00 00 60 03 65')).toEqual([
      '02 00 00 75 01 00 00 00 00 00 01 00 00 00 00 00 03 7C',
    ])
  })

  test('answers the short question with the locks alone', () => {
    const it = cu48({ doors: [] })
    expect(it.ask('02 00 00 50 03 55')).toEqual(['02 00 00 65 FF FF FF FF FF FF 03 64'])
  })

  test('always tells of 48 locks, however few are wired', () => {
    const it = cu48({ channels: 3, doors: [] })
    expect(it.ask('02 00 00 50 03 55')).toEqual(['02 00 00 65 07 00 00 00 00 00 03 71'])
  })

  test.each([
    ['02 00 00 51 03 56', 1],
    ['02 00 0A 51 03 60', 11],
    ['02 00 00 61 03 66', 1],
    ['02 00 01 61 03 67', 2],
    ['02 00 04 61 03 6A', 5],
  ])('opens at %s without an answer', (order, channel) => {
    const it = cu48()
    expect(it.hear(order)).toEqual([`+${channel} 500`])
    expect(it.pass(1_000)).toEqual([`500: -${channel}`])
  })

  test('is silent for other addresses, wrong sums and locks that are not there', () => {
    expect(cu48().ask('02 01 00 61 03 67')).toEqual([])
    expect(cu48().ask('02 00 00 61 03 67')).toEqual([])
    expect(cu48().ask('02 00 30 61 03 96')).toEqual([])
  })
})

test('the bench writes what it reads', () => {
  expect(hex(bytesOf('02 F0 0A'))).toBe('02 F0 0A')
})

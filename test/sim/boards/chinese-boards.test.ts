// Goal: the 8A board and the WKLY board say and do, byte for byte, what is documented of them.
import { describe, expect, test } from 'vitest'
import { lockBoard8a } from '../../../sim/boards/lock-board-8a-board.ts'
import { wklyBoard } from '../../../sim/boards/wkly-board.ts'
import { allOpen, bench } from './bench.ts'

const board8a = (more = {}) => bench(lockBoard8a({ address: 1, channels: 24, ...more }))
const wkly = (more = {}) => bench(wklyBoard({ address: 0, channels: 24, ...more }))

describe('an 8A board', () => {
  test('answers an unlock at the end of the pulse with what the contact says by then', () => {
    const it = board8a()
    expect(it.hear('8A 01 01 11 9B')).toEqual(['+1 300'])
    it.pass(60)
    it.door(1, 'open')
    expect(it.pass(1_000)).toEqual(['300: -1', '300: 8A 01 01 00 8A'])
  })

  test('says of a jammed door that it is still closed', () => {
    expect(board8a().ask('8A 01 06 11 9C', 400)).toEqual(['+6 300', '-6', '8A 01 06 11 9C'])
  })

  test('says the opposite with locks whose contact closes on the open door', () => {
    const it = board8a({ feedback: 'door-open' })
    expect(it.ask('80 01 01 33 B3')).toEqual(['80 01 01 00 80'])
    it.door(1, 'open')
    expect(it.ask('80 01 01 33 B3')).toEqual(['80 01 01 11 91'])
    expect(it.ask('80 01 00 33 B2')).toEqual(['80 01 00 00 01 33 B3'])
  })

  test('holds for whole seconds when it is told so', () => {
    const it = board8a()
    expect(it.hear('8A 01 01 11 03 98')).toEqual(['+1 3000'])
    expect(it.pass(4_000)).toEqual(['3000: -1', '3000: 8A 01 01 11 9B'])
  })

  test('tells of one lock', () => {
    expect(board8a().ask('80 01 01 33 B3')).toEqual(['80 01 01 11 91'])
    expect(board8a({ doors: allOpen(24) }).ask('80 01 01 33 B3')).toEqual(['80 01 01 00 80'])
    expect(board8a({ channels: 8 }).ask('80 01 09 33 BB')).toEqual([])
  })

  test.each([
    [8, 'none', [], '80 01 00 00 00 33 B2'],
    [24, 'none', [], '80 01 00 00 00 33 B2'],
    [24, 'lock 2', [2], '80 01 00 00 02 33 B0'],
    [24, 'lock 24', [24], '80 01 80 00 00 33 32'],
    [32, 'lock 2', [2], '80 01 00 00 00 02 33 B0'],
  ])('tells of all %i locks, channels 1 to 8 last: %s', (channels, _, closed, reply) => {
    const it = board8a({ channels, doors: allOpen(channels) })
    for (const channel of closed) it.door(channel, 'closed')
    expect(it.ask('80 01 00 33 B2')).toEqual([reply])
  })

  test('has the bytes the other way round when it is such a model', () => {
    const it = board8a({ doors: allOpen(24), firstChannels: 'first-byte' })
    it.door(2, 'closed')
    expect(it.ask('80 01 00 33 B2')).toEqual(['80 01 02 00 00 33 B0'])
  })

  test('opens several at once, and says nothing', () => {
    const it = board8a()
    expect(it.hear('90 01 02 02 02 93')).toEqual(['+2 300', '+10 300', '+18 300'])
    expect(it.pass(1_000)).toEqual(['300: -2', '300: -10', '300: -18'])
  })

  test('opens all in turn', () => {
    const it = board8a({ channels: 2 })
    it.hear('8A 01 00 11 9A')
    expect(it.pass(2_000)).toEqual(['0: +1 300', '300: -1', '400: +2 300', '700: -2'])
  })

  test('keeps a current on until it is told otherwise', () => {
    const it = board8a()
    expect(it.ask('9A 01 01 11 8B', 60_000)).toEqual(['+1'])
    expect(it.ask('9B 01 01 11 8A')).toEqual(['-1'])
  })

  test('tells of changes only when it is such a model', () => {
    expect(board8a().door(3, 'open')).toEqual([])
    const it = board8a({ changes: 'told' })
    expect(it.door(3, 'open')).toEqual(['82 01 03 00 80'])
    expect(it.door(3, 'closed')).toEqual(['82 01 03 11 91'])
  })

  test('is silent for other addresses and wrong checks', () => {
    expect(board8a().ask('8A 02 01 11 98')).toEqual([])
    expect(board8a().ask('8A 01 01 11 9A')).toEqual([])
    expect(board8a().ask('FF 8A 80 01 01 33 B3')).toEqual(['80 01 01 11 91'])
  })
})

describe('a WKLY board', () => {
  const UNLOCK = '57 4B 4C 59 09 00 82 01 83'

  test('answers an unlock between 350 and 450 ms later, after the pulse', () => {
    const it = wkly()
    expect(it.hear(UNLOCK)).toEqual(['+1 350'])
    it.door(1, 'open')
    expect(it.pass(1_000)).toEqual(['350: -1', '400: 57 4B 4C 59 0B 00 82 00 01 00 81'])
  })

  test('never answers an unlock when it is such a model', () => {
    const it = wkly({ unlocks: 'never-answered' })
    expect(it.ask(UNLOCK, 5_000)).toEqual(['+1 350', '-1'])
    expect(it.ask('57 4B 4C 59 09 00 83 01 82')).toHaveLength(1)
  })

  test('tells of one lock', () => {
    const it = wkly({ doors: allOpen(24) })
    expect(it.hear('57 4B 4C 59 09 00 83 01 82')).toEqual([])
    expect(it.pass(500)).toEqual(['100: 57 4B 4C 59 0B 00 83 00 01 00 80'])
    it.door(1, 'closed')
    expect(it.ask('57 4B 4C 59 09 00 83 01 82')).toEqual(['57 4B 4C 59 0B 00 83 00 01 01 81'])
  })

  test('tells of all locks', () => {
    const it = wkly({ doors: allOpen(24) })
    const states = Array(24).fill('00').join(' ')
    expect(it.ask('57 4B 4C 59 08 00 84 85')).toEqual([`57 4B 4C 59 22 00 84 00 18 ${states} B7`])
  })

  test('opens all one by one and answers when it is done', () => {
    const it = wkly({ channels: 2 })
    it.hear('57 4B 4C 59 08 00 86 87')
    expect(it.pass(2_000)).toEqual([
      '0: +1 350',
      '350: -1',
      '350: +2 350',
      '700: -2',
      '750: 57 4B 4C 59 09 00 86 00 86',
    ])
  })

  test('opens a list of locks together or one by one', () => {
    expect(wkly().ask('57 4B 4C 59 0A 00 80 01 02 80', 500)).toEqual([
      '+1 350',
      '+2 350',
      '-1',
      '-2',
      '57 4B 4C 59 09 00 80 00 80',
    ])
    expect(wkly().ask('57 4B 4C 59 0A 00 87 01 02 87', 900)).toEqual([
      '+1 350',
      '-1',
      '+2 350',
      '-2',
      '57 4B 4C 59 09 00 87 00 87',
    ])
  })

  test('flashes a lamp without moving a lock', () => {
    expect(wkly().ask('57 4B 4C 59 09 00 81 01 80')).toEqual([
      '*1',
      '57 4B 4C 59 0A 00 81 00 01 83',
    ])
  })

  test('keeps a channel on and off', () => {
    expect(wkly().ask('57 4B 4C 59 09 00 88 01 89')).toEqual([
      '+1',
      '57 4B 4C 59 0A 00 88 00 01 8A',
    ])
    expect(wkly().ask('57 4B 4C 59 09 00 89 01 88')).toEqual(['57 4B 4C 59 0A 00 89 00 01 8B'])
  })

  test('tells of changes only when it is such a model', () => {
    expect(wkly().door(1, 'open')).toEqual([])
    const it = wkly({ changes: 'told', doors: allOpen(24) })
    expect(it.door(1, 'closed')).toEqual(['57 4B 4C 59 0A 00 85 01 01 86'])
  })

  test('fails for a channel that is not there', () => {
    const reply = '57 4B 4C 59 0B 00 82 FF 19 00 66'
    expect(wkly().ask('57 4B 4C 59 09 00 82 19 9B')).toEqual([reply])
  })

  test('is silent for others and wrong checks, and finds a frame behind its own letters', () => {
    expect(wkly().ask('57 4B 4C 59 09 01 82 01 82')).toEqual([])
    expect(wkly().ask('57 4B 4C 59 09 00 82 01 82')).toEqual([])
    expect(wkly().ask(`57 57 4B ${UNLOCK}`, 500)).toHaveLength(3)
  })
})

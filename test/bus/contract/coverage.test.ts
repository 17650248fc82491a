// Goal: nothing is left out of the contract in silence. Method: what applies to which wall is
// written down here once more, and compared.
import { describe, expect, test } from 'vitest'
import { FAULTS } from './faults.ts'
import { WALLS } from './walls.ts'

/** What the simulator promises to do to a wall, and the faults in which it is tried. */
const PROMISED: readonly (readonly [string, readonly string[]])[] = [
  ['latency', ['latency']],
  ['lost', ['lost replies', 'lost requests']],
  ['late', ['late replies']],
  ['doubled', ['doubled replies']],
  ['bit-flipped', ['flipped bits']],
  ['cut', ['cut replies']],
  ['own echo', ['own echo']],
  ['noise', ['noise']],
  ['all at once', ['all of it on one line']],
  ['two boards with one address', ['two boards with one address']],
  ['reset in a pulse', ['reset in a pulse']],
  ['brown-out', ['brown-out when two coils fire']],
  ['welded relay', ['welded relay']],
  ['jammed door', ['jammed door']],
  ['bouncing and lying', ['bouncing sensors', 'sensor stuck open', 'sensor stuck closed']],
  ['inverted', ['inverted sensor']],
  ['mute after unlock', ['mute after an unlock']],
  ['crossed wiring', ['crossed wiring']],
  ['dead channel', ['dead channel']],
  ['dead board', ['dead board', 'dead inputs behind living relays']],
  ['unplugged cable', ['unplugged cable']],
  ['gateway', ['gateway gone', 'gateway stalled']],
]
const ONLY_BEHIND_A_GATEWAY = ['gateway gone', 'gateway stalled']
const ONLY_WITH_SEPARATE_INPUTS = ['dead inputs behind living relays']

describe('the contract', () => {
  test('tries every fault that is promised, and no other', () => {
    const promised = PROMISED.flatMap(([, names]) => names)
    expect(FAULTS.map(({ name }) => name).sort()).toEqual([...promised].sort())
  })

  test.each(WALLS)('leaves out for $name only what cannot happen to it', (wall) => {
    for (const link of wall.links) {
      const out = FAULTS.filter((fault) => !fault.appliesTo(wall, link)).map(({ name }) => name)
      const isSeparate = wall.name === 'modbus-rtu, inputs on another board'
      expect(out.sort()).toEqual(
        [
          ...(link === 'tcp' ? [] : ONLY_BEHIND_A_GATEWAY),
          ...(isSeparate ? [] : ONLY_WITH_SEPARATE_INPUTS),
        ].sort(),
      )
    }
  })

  test('is held by nine walls, all but the host-timed one on both links', () => {
    const table = WALLS.map(({ name, links }) => `${name}: ${links.join(' ')}`)
    expect(table).toEqual([
      'latchkey-line: serial tcp',
      'kerong-cu16: serial tcp',
      'kerong-cu48, 60 61 75: serial tcp',
      'kerong-cu48, 50 51 65: serial tcp',
      'lock-board-8a: serial tcp',
      'wkly: serial tcp',
      'modbus-rtu: serial tcp',
      'modbus-rtu, inputs on another board: serial tcp',
      'modbus-rtu, host-timed: serial',
    ])
  })
})

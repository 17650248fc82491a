// The wall as text: doors in their place and proportion, one letter each.
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { drawBoxes } from '../../src/cli/box.ts'
import { wallPicture } from '../../src/cli/wall-picture.ts'
import { type Wall, wallOf } from '../../src/diagnostics/wall.ts'
import { readSettings } from '../../src/runtime/settings.ts'
import { SMALL_KIOSK, SMALL_STATUS } from '../support/fake-kiosk.ts'

const EXAMPLE = join(resolve(import.meta.dirname, '../../config'), 'demo-24.yaml')
const plain = (_style: string, text: string): string => text

describe('the picture of a wall', () => {
  it('shows a small wall', () => {
    expect(wallPicture(wallOf(SMALL_KIOSK, SMALL_STATUS), plain)).toEqual([
      '┌───────┬───────┐',
      '│ 1 .   │ 3 O   │',
      '├───────┤       │',
      '│ 2 #   │       │',
      '└───────┴───────┘',
      '',
      '. free  # occupied  ~ reserved  c clearing  ^ awaits courier',
      '? unverified  % disputed  x out of service  O door open  ! door unknown',
      '',
      '3 lockers: 1 free, 1 occupied, 1 door open',
    ])
  })

  it('shows all 24 lockers of the example, each column equally high', () => {
    const { kiosk } = readSettings({ file: EXAMPLE, env: {} })
    const lines = wallPicture(wallOf(kiosk, { ...SMALL_STATUS, lockers: [] }), plain)
    const picture = lines.slice(0, lines.indexOf('')).join('\n')
    expect(picture.match(/\d\d !/g)).toHaveLength(24)
    expect(lines[0]).toMatch(/^┌[─┬]+┐$/)
    expect(lines[lines.indexOf('') - 1]).toMatch(/^└[─┴]+┘$/)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  it('marks a locker that is out of service, unless its door says more', () => {
    const lockers = SMALL_STATUS.lockers.map((locker) => ({
      ...locker,
      withdrawnFor: 'technician' as const,
    }))
    const lines = wallPicture(wallOf(SMALL_KIOSK, { ...SMALL_STATUS, lockers }), plain)
    expect(lines.slice(1, 4)).toEqual([
      '│ 1 x   │ 3 O   │',
      '├───────┤       │',
      '│ 2 x   │       │',
    ])
  })

  it('leaves a hole where the wall has one, and colours each door once', () => {
    const wall = wallOf(SMALL_KIOSK, SMALL_STATUS)
    const holed: Wall = {
      ...wall,
      columns: wall.columns.map((column, index) => ({
        lockers: index === 0 ? column.lockers.slice(1) : column.lockers,
      })),
    }
    const lines = wallPicture(holed, (style, text) => `<${style}${text}>`)
    expect(lines[0]).toBe('        ┌───────┐')
    expect(lines[1]).toBe('        │<magenta 3 O   >│')
    expect(lines[3]).toBe('│<blue 2 #   >│<magenta       >│')
  })

  it('says so when there are no lockers', () => {
    const empty: Wall = { apiVersion: 1, kioskId: 'k1', columns: [] }
    expect(wallPicture(empty, plain)).toEqual(['The wall has no lockers.'])
  })
})

it('boxes that meet share their corners', () => {
  const box = (top: number, left: number) => {
    const paint = (text: string): string => text
    return { top, left, bottom: top + 2, right: left + 3, lines: [], paint }
  }
  expect(drawBoxes([box(0, 0), box(0, 3), box(2, 0), box(2, 3)])).toEqual([
    '┌──┬──┐',
    '│  │  │',
    '├──┼──┤',
    '│  │  │',
    '└──┴──┘',
  ])
})

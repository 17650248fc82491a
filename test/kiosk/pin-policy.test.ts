// The length of a PIN: the arithmetic of docs/pins.md, against the document and by experiment.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEFAULT_POLICY } from '../../src/kiosk/config.ts'
import {
  policyWarnings,
  shortestPinDigits,
  YEARLY_RISK_MAX,
  yearlyRisk,
} from '../../src/kiosk/pin-policy.ts'
import { wallOf } from '../support/bench.ts'

test.each([
  [1, 30, 6],
  [10, 30, 7],
  [100, 30, 8],
  [100, 10, 8],
  [101, 30, 9],
  [1_000, 30, 9],
  [10_000, 1_000, 9],
])('%i parcels and %i wrong entries a day need %i digits', (liveParcels, guessesADay, digits) => {
  const guessing = { liveParcels, guessesADay }
  expect(shortestPinDigits(guessing)).toBe(digits)
  if (digits > 6) {
    expect(yearlyRisk({ ...guessing, digits: digits - 1 })).toBeGreaterThanOrEqual(YEARLY_RISK_MAX)
  }
})

test('the default is the shortest length under 1.1 percent a kiosk-year', () => {
  const { liveParcelsExpected: liveParcels, guessesADayMax: guessesADay } = DEFAULT_POLICY
  expect(DEFAULT_POLICY.pinDigits).toBe(shortestPinDigits({ liveParcels, guessesADay }))
  const risk = yearlyRisk({ liveParcels, guessesADay, digits: DEFAULT_POLICY.pinDigits })
  expect(risk).toBeLessThan(0.011)
  expect(risk).toBeGreaterThan(0.0108)
  expect(policyWarnings(wallOf(['S']))).toEqual([])
})

test('a shorter length is a policy with a warning that names what would be enough', () => {
  const [warning] = policyWarnings(wallOf(['S'], { pinDigits: 6 }))
  expect(warning?.code).toBe('LK-CFG-04')
  expect(warning?.text).toContain('66.6 %; 8 digits would be enough')
  const hopeless = wallOf(['S'], { pinDigits: 9, liveParcelsExpected: 10_000 })
  expect(policyWarnings(hopeless)[0]?.text).toContain('lower guessesADayMax')
})

test('a wall with more lockers than parcels were expected is warned too', () => {
  const wall = wallOf(Array.from({ length: 150 }, () => 'S'))
  expect(policyWarnings(wall)[0]?.text).toContain('150 parcels')
})

test('the table of the manual is computed, not remembered', () => {
  const page = readFileSync('docs/pins.md', 'utf8')
  const columns = [
    [10, 30],
    [100, 10],
    [100, 30],
    [100, 100],
    [1_000, 30],
  ] as const
  for (const digits of [6, 7, 8, 9]) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${digits} `)) ?? ''
    const told = row
      .split('|')
      .slice(2, -1)
      .map((cell) => cell.replaceAll(/[*% ]/g, ''))
    const computed = columns.map(([liveParcels, guessesADay], index) => {
      const percent = 100 * yearlyRisk({ digits, liveParcels, guessesADay })
      return percent.toFixed(told[index]?.split('.')[1]?.length ?? 0)
    })
    expect(told).toEqual(computed)
  }
})

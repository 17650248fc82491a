// How long a PIN has to be. Nobody names a parcel before typing a PIN, so every guess is a guess at
// all living PINs at once. The arithmetic and its table are in docs/pins.md.
import type { Code } from './codes.ts'
import { type KioskConfig, lockersOf } from './config.ts'

export const PIN_DIGITS_MIN = 6
export const PIN_DIGITS_MAX = 9
/** The second part of a PIN, asked for when the day's budget of wrong entries is spent. */
export const REFERENCE_DIGITS = 4
/** The chance that a guesser who burns every day's budget for a year opens one door. */
export const YEARLY_RISK_MAX = 0.011
const DAYS_A_YEAR = 365

export interface Guessing {
  readonly digits: number
  /** Living PINs at once; with one PIN for a recipient's parcels, no more than parcels. */
  readonly liveParcels: number
  /** Wrong entries before the second part is asked for. */
  readonly guessesADay: number
}

/** @returns the chance, from 0 to 1, that somebody hits any living PIN within a year */
export function yearlyRisk({ digits, liveParcels, guessesADay }: Guessing): number {
  // The budget refills evenly, so that the first day has two budgets.
  const guesses = guessesADay * (DAYS_A_YEAR + 1)
  return 1 - (1 - Math.min(1, liveParcels / 10 ** digits)) ** guesses
}

/** @returns the least digits, from 6 to 9, under {@link YEARLY_RISK_MAX}; 9 when none is */
export function shortestPinDigits(guessing: Omit<Guessing, 'digits'>): number {
  for (let digits = PIN_DIGITS_MIN; digits < PIN_DIGITS_MAX; digits += 1) {
    if (yearlyRisk({ ...guessing, digits }) < YEARLY_RISK_MAX) return digits
  }
  return PIN_DIGITS_MAX
}

export interface PolicyWarning {
  readonly code: Code
  /** For people: what is so, and what it means. */
  readonly text: string
}

/** What a kiosk may do but should know about itself; nothing here stops a start. */
export function policyWarnings(config: KioskConfig): readonly PolicyWarning[] {
  const { policy } = config
  // A wall that has grown holds more parcels than somebody once expected.
  const liveParcels = Math.max(policy.liveParcelsExpected, lockersOf(config).length)
  const guessing = { liveParcels, guessesADay: policy.guessesADayMax }
  const risk = yearlyRisk({ ...guessing, digits: policy.pinDigits })
  if (risk < YEARLY_RISK_MAX) return []
  const percent = (risk * 100).toFixed(1)
  const needed = shortestPinDigits(guessing)
  const advice =
    needed > policy.pinDigits ? `; ${needed} digits would be enough` : '; lower guessesADayMax'
  const text =
    `with ${policy.pinDigits} digits, ${guessing.liveParcels} parcels and ` +
    `${guessing.guessesADay} wrong entries a day, guessing opens a door within a year with a ` +
    `chance of ${percent} %${advice}`
  return [{ code: 'LK-CFG-04', text }]
}

// How whoever stands there likes the screen. It belongs to nobody but this person: no ledger knows
// it, and it ends with the visit.
import type { KioskConfig } from './config.ts'

export interface Preferences {
  /** A tag of BCP 47, one of the kiosk's own. */
  readonly language: string
  readonly isLarge: boolean
  readonly isContrast: boolean
  /** Every wait for the person lasts `SLOW_FACTOR` times as long. */
  readonly isSlow: boolean
}

/** What can be switched on and off. */
export type Ease = 'large' | 'contrast' | 'slow'

export const SLOW_FACTOR = 3

const FLAGS = { large: 'isLarge', contrast: 'isContrast', slow: 'isSlow' } as const

/** As everybody finds the screen: the kiosk's first language, and nothing switched on. */
export function usualPreferences({ languages = ['en'] }: KioskConfig): Preferences {
  return { language: languages[0] ?? 'en', isLarge: false, isContrast: false, isSlow: false }
}

export function areUsual(preferences: Preferences, config: KioskConfig): boolean {
  const usual = usualPreferences(config)
  return (Object.keys(usual) as (keyof Preferences)[]).every(
    (key) => preferences[key] === usual[key],
  )
}

/** @returns null when the kiosk has no such language */
export function inLanguage(
  preferences: Preferences,
  language: string | null,
  { languages = ['en'] }: KioskConfig,
): Preferences | null {
  return language !== null && languages.includes(language) ? { ...preferences, language } : null
}

/** @returns with it switched on where it was off, and the other way round; null: no such thing */
export function switched(preferences: Preferences, ease: string | null): Preferences | null {
  if (ease === null || !Object.hasOwn(FLAGS, ease)) return null
  const flag = FLAGS[ease as Ease]
  return { ...preferences, [flag]: !preferences[flag] }
}

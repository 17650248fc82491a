// The languages in which the screen has texts: one file each in `web/texts`.

export interface Language {
  /** A tag of BCP 47, and the name of the file. */
  readonly code: string
  /** As those who speak it call it. */
  readonly name: string
  readonly direction: 'ltr' | 'rtl'
}

export const LANGUAGES: readonly Language[] = [{ code: 'en', name: 'English', direction: 'ltr' }]

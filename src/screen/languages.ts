// The languages that the screen speaks. Each has its sentences in `web/texts/{code}.json`.

export interface Language {
  /** As `lang` and `Intl` take it. */
  readonly code: string
  /** In the language itself: whoever looks for it reads no other. */
  readonly name: string
  readonly direction: 'ltr' | 'rtl'
}

export const LANGUAGES = [
  { code: 'en', name: 'English', direction: 'ltr' },
  { code: 'de', name: 'Deutsch', direction: 'ltr' },
  { code: 'fr', name: 'Français', direction: 'ltr' },
  { code: 'es', name: 'Español', direction: 'ltr' },
  { code: 'pl', name: 'Polski', direction: 'ltr' },
  { code: 'ar', name: 'العربية', direction: 'rtl' },
] as const satisfies readonly Language[]

export type LanguageCode = (typeof LANGUAGES)[number]['code']

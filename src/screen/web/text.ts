// The screen's sentences: a key, its parameters, one file for each language. Components hold no
// words.
import type { Hello } from '../protocol.ts'
import { fill, type TextParams } from './fill.ts'
import type en from './texts/en.json'

export type TextKey = keyof typeof en

type Language = Hello['languages'][number]

type Texts = Readonly<Record<string, string>>

/** Where the page gets them, by file: sentences are no script, and one language is enough. */
const urls = import.meta.glob<string>('./texts/*.json', {
  import: 'default',
  query: '?url',
  eager: true,
})

let language: string | null = null
let asked: string | null = null
let texts: Texts = {}
let plurals = new Intl.PluralRules('en')

/** Of the sentences now; null: there are none yet. */
export function presentLanguage(): string | null {
  return language
}

/**
 * Fetches the sentences and speaks that language from now on.
 *
 * @throws when they cannot be had; then everything stays as it was
 */
export async function speak({ code, direction }: Language): Promise<void> {
  asked = code
  const wanted = await fetchTexts(code)
  // Somebody has chosen another one meanwhile.
  if (asked !== code) return
  language = code
  texts = wanted
  plurals = new Intl.PluralRules(code)
  const { documentElement } = document
  documentElement.lang = code
  documentElement.dir = direction
}

async function fetchTexts(code: string): Promise<Texts> {
  const answer = await fetch(urls[`./texts/${code}.json`] ?? '')
  if (!answer.ok) throw new RangeError(`There are no texts in "${code}".`)
  return answer.json()
}

export function text(key: TextKey, params: TextParams = {}): string {
  return fill(texts[key] ?? key, params)
}

/** Chooses the plural form of the count (or `key.zero`, where there is one). */
export function countText(key: string, count: number, params: TextParams = {}): string {
  const zero = count === 0 ? texts[`${key}.zero`] : undefined
  const template = zero ?? texts[`${key}.${plurals.select(count)}`] ?? texts[`${key}.other`] ?? key
  return fill(template, { ...params, count })
}

export function ordinal(row: number): string {
  return fill(texts[`ordinal.${row}`] ?? texts['ordinal.other'] ?? '{row}', { row })
}

// The screen's sentences: a key, its parameters, one language file. Components hold no words.
import { fill, type TextParams } from './fill.ts'
import en from './texts/en.json' with { type: 'json' }

export type TextKey = keyof typeof en

const texts: Readonly<Record<string, string>> = en
const plurals = new Intl.PluralRules('en')

export function text(key: TextKey, params: TextParams = {}): string {
  return fill(texts[key] ?? key, params)
}

/** Chooses `key.one` or `key.other` (or `key.zero`, where there is one) by the count. */
export function countText(key: string, count: number, params: TextParams = {}): string {
  const zero = count === 0 ? texts[`${key}.zero`] : undefined
  const template = zero ?? texts[`${key}.${plurals.select(count)}`] ?? texts[`${key}.other`] ?? key
  return fill(template, { ...params, count })
}

export function ordinal(row: number): string {
  return fill(texts[`ordinal.${row}`] ?? texts['ordinal.other'] ?? '{row}', { row })
}

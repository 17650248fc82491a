// The wall page's sentences.
import { fill, type TextParams } from '../../../src/screen/web/fill.ts'
import texts from './texts.json' with { type: 'json' }

export type SayKey = keyof typeof texts

export function say(key: SayKey, params: TextParams = {}): string {
  return fill(texts[key], params)
}

export function contentsText(count: number): string {
  if (count === 0) return say('inside-none')
  return count === 1 ? say('inside-one') : say('inside-many', { count })
}

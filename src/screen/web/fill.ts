// Puts parameters into a sentence: 'Door {locker} is open.'

export type TextParams = Readonly<Record<string, string | number>>

const RIGHT_TO_LEFT = /[\u0590-\u08ff]/
const ISOLATE = '\u2068'
const END_OF_ISOLATE = '\u2069'

/**
 * A parameter that was not given leaves a gap that can be seen. One that was given keeps its own
 * direction in a sentence that runs from right to left: '0800 555' must not become '555 0800'.
 */
export function fill(template: string, params: TextParams): string {
  const isolate = RIGHT_TO_LEFT.test(template)
  return template.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const value = params[name] ?? '…'
    return isolate && typeof value === 'string' ? ISOLATE + value + END_OF_ISOLATE : String(value)
  })
}

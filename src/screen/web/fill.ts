// Puts parameters into a sentence: 'Door {locker} is open.'

export type TextParams = Readonly<Record<string, string | number>>

/** A parameter that was not given leaves a gap that can be seen. */
export function fill(template: string, params: TextParams): string {
  return template.replace(/\{(\w+)\}/g, (_all, name: string) => String(params[name] ?? '…'))
}

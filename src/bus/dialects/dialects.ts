// All dialects by the name that a configuration uses.
import type { DialectName } from '../config.ts'
import type { Dialect } from './dialect.ts'
import { LATCHKEY_LINE } from './latchkey-line.ts'

const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  'latchkey-line': LATCHKEY_LINE,
}

export function dialectOf(name: DialectName): Dialect {
  return DIALECTS[name]
}

// All dialects by the name that a configuration uses.
import type { DialectName } from '../config.ts'
import type { Dialect } from './dialect.ts'
import { KERONG_CU16 } from './kerong-cu16.ts'
import { KERONG_CU48 } from './kerong-cu48.ts'
import { LATCHKEY_LINE } from './latchkey-line.ts'
import { LOCK_BOARD_8A } from './lock-board-8a.ts'
import { MODBUS_RTU } from './modbus-rtu.ts'
import { WKLY } from './wkly.ts'

const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  'latchkey-line': LATCHKEY_LINE,
  'kerong-cu16': KERONG_CU16,
  'kerong-cu48': KERONG_CU48,
  'lock-board-8a': LOCK_BOARD_8A,
  wkly: WKLY,
  'modbus-rtu': MODBUS_RTU,
}

export function dialectOf(name: DialectName): Dialect {
  return DIALECTS[name]
}

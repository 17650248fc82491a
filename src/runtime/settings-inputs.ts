// How scanners and keypads are written in the configuration.
import {
  type InputConfig,
  type InputLinkConfig,
  KEY_DIGITS,
  KEY_FUNCTIONS,
} from '../screen/inputs/config.ts'
import { baudRate, choiceOf, linkOf, wholeOf } from './settings-buses.ts'

/** KEY_MAX of linux/input-event-codes.h. */
const KEY_CODE_MAX = 767
const KEYS_MAX = 64
/** EN 301 549, 5.8: up to half a second. */
const SAME_KEY_MAX_MS = 500
export const INPUTS_MAX = 8

const path = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  description: 'write the device’s path, such as /dev/latchkey/keypad',
}

function isKind(...kinds: readonly string[]): object {
  return { const: kinds[0], description: `write ${kinds.join(' or ')}` }
}

const SERIAL = linkOf({ kind: isKind('serial', 'evdev'), path, baudRate }, [
  'kind',
  'path',
  'baudRate',
])
const EVDEV = linkOf({ kind: isKind('evdev'), path }, ['kind', 'path'])

const SCANNER_LINK = {
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: [SERIAL, EVDEV],
  description: 'its kind is serial or evdev',
}

const KEYS = {
  type: 'array',
  maxItems: KEYS_MAX,
  items: {
    type: 'object',
    ...linkOf(
      {
        code: wholeOf({ minimum: 1, maximum: KEY_CODE_MAX }),
        does: choiceOf(...KEY_DIGITS, ...KEY_FUNCTIONS, 'nothing'),
      },
      ['code', 'does'],
    ),
  },
  description: 'write a list such as [{ code: 183, does: next }]',
}

/** @param id how an id is written */
export function inputSchema(id: object): object {
  const scanner = { kind: isKind('scanner', 'keypad'), id, link: SCANNER_LINK }
  const keypad = {
    kind: isKind('keypad'),
    id,
    link: { type: 'object', ...EVDEV },
    keys: KEYS,
    sameKeyMs: wholeOf({ minimum: 0, maximum: SAME_KEY_MAX_MS }),
  }
  return {
    type: 'object',
    required: ['kind'],
    discriminator: { propertyName: 'kind' },
    oneOf: [linkOf(scanner, ['kind', 'id', 'link']), linkOf(keypad, ['kind', 'id', 'link'])],
    description: 'its kind is scanner or keypad',
  }
}

/** @param resolvePath against the data folder */
export function inputFrom(input: InputConfig, resolvePath: (path: string) => string): InputConfig {
  const at = <L extends InputLinkConfig>(link: L): L => ({ ...link, path: resolvePath(link.path) })
  return input.kind === 'keypad'
    ? { ...input, link: at(input.link) }
    : { ...input, link: at(input.link) }
}

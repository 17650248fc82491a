// What may stand in the configuration: every key, its range, its default and a hint for people.
// Scalars can be set by environment too: policy.pulseMs is LATCHKEY_POLICY_PULSE_MS.
import { DEFAULT_POLICY, type Policy } from '../kiosk/config.ts'
import {
  PLACE_LIMITS,
  POLICY_LIMITS,
  SETTABLE_KEYS,
  type TextLimit,
  type WholeLimit,
} from '../kiosk/setting-limits.ts'
import { LANGUAGES } from '../screen/languages.ts'
import { BOARD_PROPERTIES, LINK_SCHEMA } from './settings-buses.ts'
import { INPUTS_MAX, inputSchema } from './settings-inputs.ts'

interface Common {
  /** How to write it, as the end of a sentence. */
  readonly hint: string
  /** Null: there is no default, it has to be set. */
  readonly default: unknown
}

export type Leaf =
  | (Common & WholeLimit)
  | (Common & TextLimit)
  | (Common & { readonly format: 'choice'; readonly choices: readonly string[] })
  | (Common & { readonly format: 'list'; readonly items: object; readonly max: number })

export type SettingsSchema = Readonly<Record<string, Leaf | Readonly<Record<string, Leaf>>>>

const ID_PATTERN = '^[A-Za-z0-9_-]{1,64}$'
const ID_HINT = 'use 1 to 64 of A-Z a-z 0-9 _ - and quote digits, such as "07"'
const FILE_HINT = 'write the path of a file; a relative one starts at the data folder'
/** Sixteen boards of sixteen channels, and as many lockers as a long wall has. */
const CHANNELS_MAX = 64

const BROKER_URL = 'mqtts?://[^\\s/,]+:[0-9]{1,5}'
const URL_HINT = 'write a URL such as mqtts://broker.example:8883; up to 8, separated by spaces'
/** Empty: not given. */
const OPTIONAL = '^[^\\p{Cc}]{0,255}$'

function whole(range: { min: number; max: number }, value: number | null = null): Leaf {
  const hint = `write a whole number from ${range.min} to ${range.max}`
  return { format: 'whole', ...range, default: value, hint }
}

function text(pattern: string, hint: string, value: string | null = null): Leaf {
  return { format: 'text', pattern, hint, default: value }
}

function choice(choices: readonly string[], value: string): Leaf {
  return { format: 'choice', choices, hint: `write one of ${choices.join(', ')}`, default: value }
}

const id = { type: 'string', pattern: ID_PATTERN, description: ID_HINT }
const millimetres = {
  type: 'integer',
  minimum: 0,
  maximum: 5_000,
  description: 'write whole millimetres from 0 to 5000',
}

function channelOf(first: string): object {
  const description = `write ${first} from 1 to ${CHANNELS_MAX}`
  return { type: 'integer', minimum: 1, maximum: CHANNELS_MAX, description }
}

/** @param optional the keys that may be left out */
function closed(properties: Record<string, object>, optional: readonly string[] = []): object {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    properties,
    description: `its keys are ${Object.keys(properties).join(', ')}`,
  }
}

function listOf(items: object, { max }: { max: number }): object {
  const description = `write a list of 1 to ${max} entries, each behind a dash`
  return { type: 'array', minItems: 1, maxItems: max, items, description }
}

const size = closed({
  name: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,8}$', description: 'write a name such as S' },
  widthMm: { ...millimetres, minimum: 50 },
  heightMm: { ...millimetres, minimum: 50 },
  depthMm: { ...millimetres, minimum: 50 },
})

const locker = closed({
  id,
  size: { type: 'string', description: 'write the name of one of wall.sizes' },
  boardId: id,
  channel: channelOf('the lock output'),
  bottomMm: millimetres,
})

const board = closed({ id, ...BOARD_PROPERTIES }, ['options', 'senses', 'signals'])

function list(items: object, limit: { max: number }): Leaf {
  const { max } = limit
  return { format: 'list', items: listOf(items, limit), max, default: null, hint: 'write a list' }
}

const languageCodes = LANGUAGES.map(({ code }) => code)
const languageHint = `write a list of different languages out of ${languageCodes.join(', ')}`

const languages: Leaf = {
  format: 'list',
  items: {
    type: 'array',
    minItems: 1,
    uniqueItems: true,
    items: { enum: languageCodes, description: languageHint },
    description: languageHint,
  },
  max: languageCodes.length,
  default: ['en'],
  hint: languageHint,
}

const localKeys: Leaf = {
  format: 'list',
  items: {
    type: 'array',
    maxItems: SETTABLE_KEYS.length,
    uniqueItems: true,
    items: { enum: SETTABLE_KEYS, description: `write one of ${SETTABLE_KEYS.join(', ')}` },
    description: 'write each key once, behind a dash',
  },
  max: SETTABLE_KEYS.length,
  default: [],
  hint: 'write a list of keys',
}

/** May be empty, or left out. */
function optionalList(items: object, { max }: { max: number }): Leaf {
  const hint = `write a list of up to ${max} entries, each behind a dash`
  const schema = { type: 'array', maxItems: max, items, description: hint }
  return { format: 'list', items: schema, max, default: [], hint }
}

export const SETTINGS_SCHEMA: SettingsSchema = {
  namespace: text(ID_PATTERN, ID_HINT, 'main'),
  kiosk: {
    id: text(ID_PATTERN, ID_HINT),
    siteName: text(
      PLACE_LIMITS.siteName.pattern,
      'write the name of the place, up to 80 characters',
    ),
    helpPhone: text(PLACE_LIMITS.helpPhone.pattern, 'write a phone number in quotes'),
    // The usual one first.
    languages,
  },
  wall: {
    sizes: list(size, { max: 16 }),
    columns: list(closed({ lockers: listOf(locker, { max: 64 }) }), { max: 64 }),
  },
  policy: Object.fromEntries(
    Object.entries(POLICY_LIMITS).map(([name, { min, max }]) => [
      name,
      whole({ min, max }, DEFAULT_POLICY[name as keyof Policy]),
    ]),
  ),
  // What central may not set here.
  configuration: { local: localKeys },
  buses: list(closed({ id, link: LINK_SCHEMA, boards: listOf(board, { max: 32 }) }), { max: 16 }),
  inputs: optionalList(inputSchema(id), { max: INPUTS_MAX }),
  uplink: {
    // Several are tried in turn.
    url: text(`^${BROKER_URL}([ ,]+${BROKER_URL}){0,7}$`, URL_HINT),
    caFile: text(OPTIONAL, FILE_HINT, ''),
    certificateFile: text(OPTIONAL, FILE_HINT, ''),
    keyFile: text(OPTIONAL, FILE_HINT, ''),
    serverName: text(OPTIONAL, 'write the name that the broker’s certificate has', ''),
    protocol: choice(['auto', '5', '3.1.1'], 'auto'),
    connectTimeoutMs: whole({ min: 1_000, max: 120_000 }, 15_000),
    keepaliveS: whole({ min: 5, max: 600 }, 60),
    // What a cluster keeps for a client, it must find before it lets the client in again.
    brokerKeeps: choice(['yes', 'no'], 'yes'),
    // A lost session is tried again after a random part of the spread, then ever more slowly.
    reconnectSpreadMs: whole({ min: 100, max: 600_000 }, 60_000),
    reconnectMaxMs: whole({ min: 100, max: 3_600_000 }, 900_000),
  },
  screen: {
    // The page has no login: whoever reaches this port stands in front of the kiosk.
    host: choice(['127.0.0.1', '::1'], '127.0.0.1'),
    port: whole({ min: 0, max: 65_535 }, 7_080),
  },
  control: { path: text('^[^\\p{Cc}]+$', FILE_HINT, '/run/latchkey/control.sock') },
  data: {
    folder: text('^[^\\p{Cc}]+$', 'write the path of a folder', '/var/lib/latchkey'),
    headFile: text('^[^\\p{Cc}]+$', FILE_HINT, 'ledger.head'),
  },
  secrets: {
    pepperFile: text('^[^\\p{Cc}]+$', FILE_HINT, 'pepper'),
    helpKeyFile: text('^[^\\p{Cc}]+$', FILE_HINT, 'help-key'),
    staffKeyFile: text('^[^\\p{Cc}]+$', FILE_HINT, 'staff-key'),
    centralKeysFile: text('^[^\\p{Cc}]+$', FILE_HINT, 'central-keys.json'),
    centralSealKeyFile: text('^[^\\p{Cc}]+$', FILE_HINT, 'central-seal-key.json'),
  },
  log: { level: choice(['trace', 'debug', 'info', 'warn', 'error'], 'info') },
}

export const SETTINGS_GROUPS = Object.keys(SETTINGS_SCHEMA).filter(
  (name) => !isLeaf(SETTINGS_SCHEMA[name]),
)

export function isLeaf(node: SettingsSchema[string] | undefined): node is Leaf {
  return typeof node?.['format'] === 'string'
}

/** `policy.pulseMs` → `LATCHKEY_POLICY_PULSE_MS` */
export function envNameOf(path: string): string {
  const words = path.replaceAll('.', '_').replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
  return `LATCHKEY_${words.toUpperCase()}`
}

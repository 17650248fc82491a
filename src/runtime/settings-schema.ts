// What may stand in the configuration: every key, its range, its default and a hint for people.
// Scalars can be set by environment too: policy.pulseMs is LATCHKEY_POLICY_PULSE_MS.
import { DEFAULT_POLICY, type Policy } from '../kiosk/config.ts'
import { PIN_DIGITS_MAX, PIN_DIGITS_MIN } from '../kiosk/pin-policy.ts'
import { REMOTE_OPENINGS_A_DAY_MAX, REMOTE_OPENINGS_IN_10_MIN_MAX } from '../kiosk/remote-budget.ts'
import { LANGUAGES } from '../screen/languages.ts'
import { BOARD_PROPERTIES, LINK_SCHEMA } from './settings-buses.ts'

interface Common {
  /** How to write it, as the end of a sentence. */
  readonly hint: string
  /** Null: there is no default, it has to be set. */
  readonly default: unknown
}

export type Leaf =
  | (Common & { readonly format: 'whole'; readonly min: number; readonly max: number })
  | (Common & { readonly format: 'text'; readonly pattern: string })
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

/** WCAG 2.2.1 gives a person at least 20 seconds to answer "still there?". */
const IDLE_WARNING_MIN_MS = 20_000

const POLICY_RANGES: Readonly<Record<keyof Policy, readonly [min: number, max: number]>> = {
  // How many are needed is in docs/pins.md; fewer are a policy, and are told as a warning.
  pinDigits: [PIN_DIGITS_MIN, PIN_DIGITS_MAX],
  accessCodeDigits: [6, 12],
  // A solenoid burns when it is held, and does not move when it is hardly touched.
  pulseMs: [50, 1_500],
  unlockExpiryMs: [500, 30_000],
  openSeenMs: [200, 10_000],
  pulsesMax: [1, 5],
  openMinMs: [0, 30_000],
  reopenMs: [1_000, 600_000],
  leftOpenMs: [5_000, 3_600_000],
  idleMs: [IDLE_WARNING_MIN_MS, 600_000],
  courierIdleMs: [IDLE_WARNING_MIN_MS, 1_800_000],
  idleWarningMs: [IDLE_WARNING_MIN_MS, 300_000],
  thanksMs: [1_000, 60_000],
  guessDecayMs: [60_000, 86_400_000],
  liveParcelsExpected: [1, 10_000],
  guessesADayMax: [5, 1_000],
  pinLifeMs: [3_600_000, 90 * 86_400_000],
  standstillFromMs: [60_000, 86_400_000],
  reissuesADayMax: [0, 20],
  // What a stolen key of central can do is bounded here, and not by configuration.
  remoteOpeningsIn10MinMax: [0, REMOTE_OPENINGS_IN_10_MIN_MAX],
  remoteOpeningsADayMax: [0, REMOTE_OPENINGS_A_DAY_MAX],
  reminderAfterHours: [1, 2_160],
  endedParcelsKeptDays: [1, 3_650],
  confirmedFactsKeptDays: [1, 3_650],
  reachMinMm: [0, 2_500],
  reachMaxMm: [0, 2_500],
  reachKeptPercent: [0, 100],
  reachKeptPerSize: [0, 100],
  heavyFromGrams: [1, 100_000],
  heavyBottomMaxMm: [0, 2_500],
  sparesPerSize: [0, 20],
  parcelsPerLockerMax: [1, 6],
  spareFromLockers: [1, 5_000],
  slowOpenMs: [100, 10_000],
  shakyFromPoints: [1, 40],
}

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

function languageList(): Leaf {
  const codes = LANGUAGES.map(({ code }) => code)
  const hint = `write a list of different languages out of ${codes.join(', ')}`
  const items = {
    type: 'array',
    minItems: 1,
    uniqueItems: true,
    items: { enum: codes, description: hint },
    description: hint,
  }
  return { format: 'list', items, max: codes.length, default: ['en'], hint }
}

export const SETTINGS_SCHEMA: SettingsSchema = {
  namespace: text(ID_PATTERN, ID_HINT, 'main'),
  kiosk: {
    id: text(ID_PATTERN, ID_HINT),
    siteName: text('^[^\\p{Cc}]{1,80}$', 'write the name of the place, up to 80 characters'),
    helpPhone: text('^\\+?[0-9 ()/.-]{3,32}$', 'write a phone number in quotes'),
    // The usual one first.
    languages: languageList(),
  },
  wall: {
    sizes: list(size, { max: 16 }),
    columns: list(closed({ lockers: listOf(locker, { max: 64 }) }), { max: 64 }),
  },
  policy: Object.fromEntries(
    Object.entries(POLICY_RANGES).map(([name, [min, max]]) => [
      name,
      whole({ min, max }, DEFAULT_POLICY[name as keyof Policy]),
    ]),
  ),
  buses: list(closed({ id, link: LINK_SCHEMA, boards: listOf(board, { max: 32 }) }), { max: 16 }),
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

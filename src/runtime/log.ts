// The daemon's log: JSON lines on stdout, for the journal. Every line of interest has a stable
// `event`, so that a search or an alert survives a changed sentence.
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'

export type Log = Logger

/** Names that never reach a line, at any depth. `code` stays: it is what LK-… codes are called. */
const SECRET_NAMES = new Set([
  'accesscode',
  'accessindex',
  'digits',
  'password',
  'pepper',
  'pin',
  'pinindex',
  'sealedpin',
  'staffkey',
  'token',
  'typedcode',
  'verifier',
])
const CENSORED = '[redacted]'
/** Deeper things are cut off: a log line is no dump. */
const DEPTH_MAX = 6

/** Stable for ever, like the codes: a name is never reused for something else. */
export type EventName =
  | 'board-lost'
  | 'board-returned'
  | 'clock-believed'
  | 'clock-doubted'
  | 'command-asked'
  | 'command-refused'
  | 'config-refused'
  | 'control-failed'
  | 'control-listening'
  | 'daemon-failed'
  | 'daemon-started'
  | 'daemon-stopped'
  | 'daemon-stopping'
  | 'identity-renewal-failed'
  | 'identity-renewed'
  | 'input-lost'
  | 'input-missing'
  | 'input-online'
  | 'ledger-opened'
  | 'ledger-repaired'
  | 'policy-doubted'
  | 'screen-connected'
  | 'screen-gone'
  | 'screen-listening'
  | 'screen-refused'
  | 'sync-refused'
  | 'uplink-lost'
  | 'uplink-returned'

/** @param destination where lines go instead of stdout */
export function createLog({
  level,
  kioskId,
  destination,
}: {
  readonly level: string
  readonly kioskId: string
  readonly destination?: DestinationStream
}): Log {
  const options: LoggerOptions = {
    level,
    base: { kiosk: kioskId },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => censored(fields, 0) as Record<string, unknown>,
    },
    // What child() binds does not pass the formatter above.
    redact: { paths: ['pin', 'digits', 'token', 'sealedPin', 'typedCode'], censor: CENSORED },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** `log.info(event('board-lost', { boardId }), 'The board no longer answers.')` */
export function event(name: EventName, fields: object = {}): object {
  return { event: name, ...fields }
}

function censored(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value
  if (depth >= DEPTH_MAX) return '[deep]'
  if (Array.isArray(value)) return value.map((item) => censored(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecret(name) ? CENSORED : censored(inner, depth + 1),
    ]),
  )
}

function isSecret(name: string): boolean {
  return SECRET_NAMES.has(name.replaceAll(/[_-]/g, '').toLowerCase())
}

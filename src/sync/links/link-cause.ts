// Names why an MQTT connection ended. The machine decides by the name how soon to try again.
import type { LinkCause } from '../machine/state.ts'

export type NamedCause = readonly [cause: LinkCause, detail: string]

/** CONNACK and DISCONNECT codes, MQTT 3.1.1 §3.2.2.3 and MQTT 5 §2.4. */
const CAUSE_BY_CODE: ReadonlyMap<number, LinkCause> = new Map([
  [0x01, 'protocol-refused'],
  [0x84, 'protocol-refused'],
  [0x02, 'refused'],
  [0x04, 'refused'],
  [0x05, 'refused'],
  [0x85, 'refused'],
  [0x86, 'refused'],
  [0x87, 'refused'],
  [0x8a, 'refused'],
  [0x8c, 'refused'],
  [0x8e, 'taken-over'],
  [0x95, 'refused'],
  [0x98, 'refused'],
])

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
])
const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/u
/** What the broker's end says of the kiosk's certificate: alerts of RFC 8446 §6.2. */
const EXPIRED_ALERT = /ALERT_CERTIFICATE_EXPIRED/u
const IDENTITY_ALERT =
  /ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|ACCESS_DENIED)/u
const TIMEOUT = /timeout/iu

function causeOfCode(code: number): LinkCause {
  return CAUSE_BY_CODE.get(code) ?? 'closed'
}

export function causeOfDisconnect(code: number | undefined): NamedCause {
  return [causeOfCode(code ?? 0), `the broker disconnects, code ${code ?? 0}`]
}

/** Ends a connection under a name of its own. */
export class LinkError extends Error {
  readonly named: NamedCause

  constructor(named: NamedCause) {
    super(named[1])
    this.named = named
  }
}

/** @param error as MQTT.js emits it: `code` is a number from MQTT or a word from the system */
export function causeOfClose(
  error: Error & { readonly code?: unknown },
  wasHeard: boolean,
): NamedCause {
  if (error instanceof LinkError) return error.named
  const { code, message } = error
  if (typeof code === 'number') return [causeOfCode(code), message]
  if (typeof code === 'string') {
    if (UNREACHABLE.has(code)) return ['unreachable', code]
    if (EXPIRED_ALERT.test(code)) return ['identity-expired', `the broker says ${code}`]
    if (IDENTITY_ALERT.test(code)) return ['identity-refused', `the broker says ${code}`]
    if (TLS_CODE.test(code)) return ['tls-refused', code]
    return [wasHeard ? 'closed' : 'closed-early', code]
  }
  return [TIMEOUT.test(message) ? 'timeout' : 'closed', message]
}

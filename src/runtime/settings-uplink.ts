// What the configuration says of the uplink: its brokers, and by what they and the kiosk know each
// other. The files themselves are read at every attempt to connect, and not here: a kiosk whose
// certificate is broken still has doors to open.
import { resolve } from 'node:path'
import type { Code } from '../kiosk/codes.ts'
import type { IdentityFiles } from '../sync/identity/identity-files.ts'
import { type Broker, parseBroker } from '../sync/links/broker.ts'
import type { ValueProblem } from './settings-values.ts'

interface UplinkTiming {
  readonly protocol: 'auto' | '5' | '3.1.1'
  readonly connectTimeoutMs: number
  readonly keepaliveS: number
  /** `no`: nothing that has to be found again after one of its nodes is lost. */
  readonly brokerKeeps: 'yes' | 'no'
  /** The first attempt after a loss comes within this time, at random. */
  readonly reconnectSpreadMs: number
  readonly reconnectMaxMs: number
}

/** As it stands in the files: an empty text is not given. */
export interface UplinkValues extends UplinkTiming {
  readonly url: string
  readonly caFile: string
  readonly certificateFile: string
  readonly keyFile: string
  readonly serverName: string
}

export interface UplinkSettings extends UplinkTiming {
  /** At least one; they are tried in turn. All are encrypted, or none. */
  readonly brokers: readonly Broker[]
  readonly identity: IdentityFiles
  /** Whom the brokers' certificates must name; null: the host of the URL. */
  readonly serverName: string | null
}

const PORT_MAX = 65_535

/** Sound by its form is not enough: a URL can carry a password. */
export function checkUplink(
  uplink: UplinkValues,
  report: (problem: ValueProblem, code?: Code) => void,
): void {
  const urls = urlsIn(uplink.url)
  for (const url of urls) checkUrl(url, report)
  const path = 'uplink.url'
  if (new Set(urls).size < urls.length) {
    report({ path, message: 'names a broker twice', hint: 'write each URL once' })
  }
  const isEncrypted = urls.every((url) => url.startsWith('mqtts:'))
  if (!isEncrypted && urls.some((url) => url.startsWith('mqtts:'))) {
    const hint = 'whoever stops the encrypted one would get the other: write mqtts:// for all'
    report({ path, message: 'is encrypted only in part', hint })
  }
  for (const key of ['caFile', 'certificateFile', 'keyFile', 'serverName'] as const) {
    if (uplink[key] === '' || isEncrypted) continue
    const hint = 'write mqtts:// in uplink.url, or remove it'
    report({ path: `uplink.${key}`, message: 'has no use without encryption', hint })
  }
  if ((uplink.certificateFile === '') !== (uplink.keyFile === '')) {
    const missing = uplink.keyFile === '' ? 'keyFile' : 'certificateFile'
    const hint = 'certificate and key go together'
    report({ path: `uplink.${missing}`, message: 'is missing', hint })
  }
}

function checkUrl(url: string, report: (problem: ValueProblem, code?: Code) => void): void {
  const path = 'uplink.url'
  const hint = 'write mqtts://host:8883'
  if (!URL.canParse(url)) {
    report({ path, message: 'is not a URL', hint })
    return
  }
  const { username, password, port } = new URL(url)
  if (password !== '') {
    report({ path, message: 'holds a password', hint: 'remove it from the URL' }, 'LK-CFG-03')
  } else if (username !== '') {
    report({ path, message: 'holds a user', hint: 'the kiosk is known by its certificate' })
  }
  if (!(Number(port) > 0 && Number(port) <= PORT_MAX)) {
    report({ path, message: 'has no port', hint })
  }
}

function urlsIn(text: string): readonly string[] {
  return text.split(/[ ,]+/u)
}

/** @param folder where relative paths start */
export function uplinkFrom(values: UplinkValues, folder: string): UplinkSettings {
  const { url, caFile, certificateFile, keyFile, serverName, ...timing } = values
  const pathOf = (file: string): string | null => (file === '' ? null : resolve(folder, file))
  return {
    ...timing,
    brokers: urlsIn(url).map(parseBroker),
    identity: {
      caFile: pathOf(caFile),
      certificateFile: pathOf(certificateFile),
      keyFile: pathOf(keyFile),
    },
    serverName: serverName === '' ? null : serverName,
  }
}

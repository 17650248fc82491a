// The kiosk's secrets and the keys it trusts. They are files (on a kiosk: systemd credentials),
// read once at the start; nothing here is ever logged.
import { createHmac, randomInt } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { SecretFiles } from './settings.ts'
import { SettingsError, type SettingsProblem } from './settings-problem.ts'

/** As long as the output of SHA-256: a shorter key would be the weakest part. */
const KEY_BYTES_MIN = 32
const KEY_BYTES_MAX = 4_096
const JSON_BYTES_MAX = 65_536
/** randomInt draws below 2 to the power of 48. */
const PIN_DIGITS_MAX = 14
const OTHERS_READ = 0o004

/** A public key as central publishes it (RFC 7517). */
type PublicJwk = Readonly<Record<string, unknown>> & { readonly kty: string }

export interface Secrets {
  readonly pepper: Buffer
  readonly staffKey: Buffer
  /** The desk has a copy; with it a challenge is answered. */
  readonly helpKey: Buffer
  readonly centralKeys: { readonly keys: readonly PublicJwk[] }
  readonly centralSealKey: PublicJwk
}

/** @throws SettingsError with every LK-CFG-03 there is */
export function loadSecrets(files: SecretFiles): Secrets {
  const problems: SettingsProblem[] = []
  const guarded = <T>(key: keyof SecretFiles, load: (file: string) => T): T | null => {
    try {
      return load(files[key])
    } catch (error) {
      problems.push(problemOf({ key, file: files[key], error }))
      return null
    }
  }
  const pepper = guarded('pepperFile', readKey)
  const staffKey = guarded('staffKeyFile', readKey)
  const helpKey = guarded('helpKeyFile', readKey)
  const centralKeys = guarded('centralKeysFile', readKeySet)
  const centralSealKey = guarded('centralSealKeyFile', (file) => publicJwk(readJson(file)))
  const keys = { pepper, staffKey, helpKey, centralKeys, centralSealKey }
  if (!isComplete(keys)) throw new SettingsError(problems)
  return keys
}

/** Every problem is told before the first one ends the start. */
function isComplete(keys: { readonly [K in keyof Secrets]: Secrets[K] | null }): keys is Secrets {
  return Object.values(keys).every((key) => key !== null)
}

/** What is wrong with a file, and how to mend it. */
class Unfit extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

function problemOf({
  key,
  file,
  error,
}: {
  readonly key: keyof SecretFiles
  readonly file: string
  readonly error: unknown
}): SettingsProblem {
  const reason = (error as NodeJS.ErrnoException).code
  const isUnfit = error instanceof Unfit
  return {
    code: 'LK-CFG-03',
    where: file,
    path: `secrets.${key}`,
    // The text of a JSON error quotes the file, so only its kind is told.
    message: isUnfit ? error.message : `cannot be read (${reason ?? 'not JSON'})`,
    hint: isUnfit ? error.hint : 'provide the file, readable for the daemon’s user',
  }
}

/** Raw bytes: no encoding, no newline is taken away. */
function readKey(file: string): Buffer {
  const hint = `make one with: (umask 377; head -c ${KEY_BYTES_MIN} /dev/urandom > ${file})`
  const { mode, size } = statSync(file)
  if ((mode & OTHERS_READ) !== 0) throw new Unfit('is readable for everybody', `chmod 0400 ${file}`)
  if (size < KEY_BYTES_MIN) throw new Unfit(`has ${size} bytes, too few for a key`, hint)
  if (size > KEY_BYTES_MAX) throw new Unfit(`has ${size} bytes, too many for a key`, hint)
  return readFileSync(file)
}

function readJson(file: string): unknown {
  const { size } = statSync(file)
  const hint = 'copy the file that central publishes'
  if (size > JSON_BYTES_MAX) throw new Unfit(`has ${size} bytes, too many for keys`, hint)
  return JSON.parse(readFileSync(file, 'utf8'))
}

function readKeySet(file: string): { keys: readonly PublicJwk[] } {
  const value = readJson(file) as { keys?: unknown } | null
  const keys = value?.keys
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new Unfit('holds no keys', 'write a JWKS: {"keys": [ … ]}')
  }
  return { keys: keys.map(publicJwk) }
}

function publicJwk(value: unknown): PublicJwk {
  const jwk = value as PublicJwk | null
  if (typeof jwk?.kty !== 'string') throw new Unfit('is not a JWK', 'write {"kty": …, "kid": …}')
  // A kiosk that could sign or unseal for central would be worth breaking into.
  if ('d' in jwk || 'k' in jwk) throw new Unfit('is a private key', 'give the kiosk the public one')
  return jwk
}

export interface DigitIndexes {
  readonly pinIndex: string
  readonly accessIndex: string
}

/**
 * Turns typed digits into the keyed indexes under which the ledger looks them up. The digits go no
 * further than this function.
 */
export function createIndexer({
  kioskId,
  pepper,
  staffKey,
}: {
  readonly kioskId: string
  readonly pepper: Uint8Array
  readonly staffKey: Uint8Array
}): (digits: string) => DigitIndexes {
  const index = (key: Uint8Array, text: string): string =>
    createHmac('sha256', key).update(text).digest('base64url')
  return (digits) => ({
    pinIndex: index(pepper, `pin|${kioskId}|${digits}`),
    accessIndex: index(staffKey, `access|${kioskId}|${digits}`),
  })
}

/** A PIN of that many digits, every one as likely as any other. */
export function drawPin(digits: number): string {
  if (!Number.isInteger(digits) || digits < 1 || digits > PIN_DIGITS_MAX) {
    throw new RangeError(`A PIN has 1 to ${PIN_DIGITS_MAX} digits, not ${digits}`)
  }
  return String(randomInt(10 ** digits)).padStart(digits, '0')
}

// How a kiosk becomes one of central's: its key is made here and stays here, central certifies it
// for a claim code, and the answer becomes files. Whatever breaks off on the way, the same command
// with the same code goes on: the key waits, and central answers the same key again.
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Code } from '../../kiosk/codes.ts'
import { type ClaimKeys, readClaimCode } from './claim-code.ts'
import { type ClaimAnswer, openAnswer, signClaim } from './claim-messages.ts'
import { PUBLIC_MODE, SECRET_MODE, writeDurably } from './durable-files.ts'
import { drawKey, requestFor } from './signing-request.ts'

export interface ClaimOptions {
  readonly code: string
  /** Central's address, without the path. */
  readonly url: string
  /** The daemon's data folder. */
  readonly dataFolder: string
  /** Beside kiosk.yaml: drop-ins lie there. */
  readonly dropInFolder: string
  /** Also when this kiosk has a certificate already. */
  readonly isAgain: boolean
}

export interface Claimed {
  readonly kioskId: string
  readonly namespace: string
  readonly brokers: readonly string[]
  readonly validTo: Date
  /** The drop-in that makes it all count. */
  readonly file: string
}

export class ClaimError extends Error {
  readonly code: Code

  constructor(code: Code, message: string) {
    super(message)
    this.code = code
  }
}

const PEPPER_BYTES = 32
const ANSWER_WAIT_MS = 30_000
const ANSWER_BYTES_MAX = 65_536
const FILES = { ca: 'uplink-ca.crt', certificate: 'uplink.crt', key: 'uplink.key' } as const
const DROP_IN = '50-claim.yaml'

/** @throws ClaimError; before central's answer is there, nothing that the daemon reads changes */
export async function claimKiosk(options: ClaimOptions): Promise<Claimed> {
  const keys = readClaimCode(options.code)
  if (keys === null) throw new ClaimError('LK-CLAIM-01', 'The claim code is misspelt.')
  try {
    return await claimWith(keys, options)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (error instanceof ClaimError || code === undefined) throw error
    throw new ClaimError('LK-CLAIM-06', `A file cannot be written (${message}).`)
  }
}

async function claimWith(keys: ClaimKeys, options: ClaimOptions): Promise<Claimed> {
  const { dataFolder, isAgain } = options
  const at = (name: string): string => join(dataFolder, name)
  // Not yet the key that the daemon uses; it stays until all else is written, and whoever finds it
  // goes on with it.
  const waiting = at(`${FILES.key}.claim`)
  if (existsSync(at(FILES.certificate)) && !existsSync(waiting) && !isAgain) {
    throw new ClaimError('LK-CLAIM-05', `${at(FILES.certificate)} is there already.`)
  }
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  if (!existsSync(waiting)) writeDurably(waiting, drawKey(), { mode: SECRET_MODE })
  const key = readFileSync(waiting, 'utf8')
  const answer = await ask(options.url, keys, await requestFor(key, keys.claimId))
  const certificate = checked(answer, key)
  store(answer, options)
  for (const name of Object.values(FILES)) rmSync(at(`${name}.next`), { force: true })
  writeDurably(at(FILES.key), key, { mode: SECRET_MODE })
  writeDurably(at(FILES.certificate), answer.certificate, { mode: PUBLIC_MODE })
  const file = configure(answer, options)
  rmSync(waiting)
  const { k: kioskId, namespace, brokers } = answer
  return { kioskId, namespace, brokers, validTo: certificate.validToDate, file }
}

async function ask(url: string, keys: ClaimKeys, csr: Uint8Array): Promise<ClaimAnswer> {
  const unreachable = (reason: string): ClaimError =>
    new ClaimError('LK-CLAIM-02', `Central does not answer at ${url} (${reason}).`)
  let response: Response
  let text: string
  try {
    response = await fetch(new URL(`claim/v1/${keys.claimId}`, `${url.replace(/\/$/u, '')}/`), {
      method: 'POST',
      headers: { 'content-type': 'application/jose' },
      body: await signClaim(keys, csr),
      signal: AbortSignal.timeout(ANSWER_WAIT_MS),
    })
    text = await response.text()
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: string } }
    throw unreachable(cause?.code ?? (error as Error).name)
  }
  if (response.status >= 500) throw unreachable(`status ${response.status}`)
  if (!response.ok) {
    throw new ClaimError('LK-CLAIM-03', `Central refuses the claim (status ${response.status}).`)
  }
  const answer = text.length > ANSWER_BYTES_MAX ? null : await openAnswer(keys, text)
  if (answer === null) {
    throw new ClaimError('LK-CLAIM-04', 'The answer does not come from whoever made the code.')
  }
  return answer
}

function checked({ certificate, k }: ClaimAnswer, keyPem: string): X509Certificate {
  const own = new X509Certificate(certificate)
  const named = own.subject.split('\n').includes(`CN=${k}`)
  const fits = own.checkPrivateKey(createPrivateKey(keyPem))
  if (named && fits) return own
  const what = named ? 'is for another key' : `does not name ${k}`
  throw new ClaimError('LK-CLAIM-04', `The certificate in the answer ${what}.`)
}

function store(answer: ClaimAnswer, { dataFolder }: ClaimOptions): void {
  const write = (name: string, content: string | Uint8Array, mode: number): void =>
    writeDurably(join(dataFolder, name), content, { mode })
  write(FILES.ca, answer.ca, PUBLIC_MODE)
  write('central-keys.json', JSON.stringify(answer.centralKeys), PUBLIC_MODE)
  write('central-seal-key.json', JSON.stringify(answer.centralSealKey), PUBLIC_MODE)
  write('staff-key', Buffer.from(answer.staffKey, 'base64url'), SECRET_MODE)
  write('help-key', Buffer.from(answer.helpKey, 'base64url'), SECRET_MODE)
  // The pepper is the kiosk's alone, and every PIN that was handed out hangs on it.
  if (existsSync(join(dataFolder, 'pepper'))) return
  write('pepper', randomBytes(PEPPER_BYTES), SECRET_MODE)
}

function configure(answer: ClaimAnswer, { dropInFolder, dataFolder }: ClaimOptions): string {
  const text = (value: string): string => JSON.stringify(value)
  const pathOf = (name: string): string => text(join(dataFolder, name))
  const lines = [
    '# Made by `latchkey claim`; the next claim writes it anew.',
    `namespace: ${text(answer.namespace)}`,
    `kiosk: { id: ${text(answer.k)} }`,
    'uplink:',
    `  url: ${text(answer.brokers.join(' '))}`,
    `  caFile: ${pathOf(FILES.ca)}`,
    `  certificateFile: ${pathOf(FILES.certificate)}`,
    `  keyFile: ${pathOf(FILES.key)}`,
    ...(answer.serverName === null ? [] : [`  serverName: ${text(answer.serverName)}`]),
  ]
  mkdirSync(dropInFolder, { recursive: true })
  const file = join(dropInFolder, DROP_IN)
  writeDurably(file, `${lines.join('\n')}\n`, { mode: PUBLIC_MODE })
  return file
}

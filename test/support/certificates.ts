// A small certificate authority, run with openssl as an operator would: none of the kiosk's code
// has a hand in it. Everything lies in one folder, which the owner removes.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { IdentityFiles } from '../../src/sync/identity/identity-files.ts'

const CONFIG = `[ca]
default_ca = own
[own]
dir = .
database = ./index.txt
serial = ./serial
new_certs_dir = .
certificate = ./ca.crt
private_key = ./ca.key
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
`
const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
const DAY_MS = 86_400_000
/** Alone it would begin in the second of its making, and a kiosk's clock may lag. */
const EARLY_MS = 3_600_000

export interface IssueOptions {
  /** Days from now; what lies in the past is negative. */
  readonly fromDays?: number
  readonly toDays?: number
}

export interface Pair {
  readonly certificateFile: string
  readonly keyFile: string
}

/** As `openssl ca` wants it: 20260131235959Z. */
function stampOf(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/gu, '')
}

export class CertificateAuthority {
  readonly caFile: string
  readonly #folder: string
  #made = 0

  /** @param folder which is made when it is not there */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    this.#folder = folder
    this.caFile = join(folder, 'ca.crt')
    writeFileSync(join(folder, 'openssl.cnf'), CONFIG)
    writeFileSync(join(folder, 'index.txt'), '')
    writeFileSync(join(folder, 'serial'), '1000\n')
    const files = ['-keyout', 'ca.key', '-out', 'ca.crt', '-days', '3650']
    const root = ['-x509', '-extensions', 'root', '-subj', '/CN=Test Authority']
    this.#openssl('req', '-config', 'openssl.cnf', ...P256, ...root, ...files)
  }

  /** For a broker on the loopback, known by both of its names, or by another one. */
  broker(options: IssueOptions & { readonly name?: string } = {}): Pair {
    const { name } = options
    const names = name === undefined ? 'DNS:localhost,IP:127.0.0.1' : `DNS:${name}`
    return this.#issue({ ...options, name: name ?? 'localhost', kind: 'server', names })
  }

  /** A key pair and a certificate for somebody who connects to a broker. */
  client(name: string, options: IssueOptions = {}): Pair {
    return this.#issue({ ...options, name, kind: 'client', names: null })
  }

  /** The same, as the uplink takes it. */
  identity(name: string, options: IssueOptions = {}): IdentityFiles {
    return { caFile: this.caFile, ...this.client(name, options) }
  }

  /** Signs what somebody else made the key for. @returns PEM */
  sign(request: string, options: IssueOptions = {}): string {
    const file = this.#next('request')
    writeFileSync(`${file}.csr`, request)
    return this.#sign({ ...options, file, kind: 'client' })
  }

  /** Its card was stolen. @returns the list of all that are revoked, as a broker wants it */
  revoke({ certificateFile }: Pair): string {
    const ca = ['ca', '-batch', '-config', 'openssl.cnf']
    this.#openssl(...ca, '-revoke', certificateFile)
    const file = this.#next('revoked')
    this.#openssl(...ca, '-gencrl', '-crldays', '30', '-out', `${file}.crl`)
    return `${file}.crl`
  }

  #issue(
    options: IssueOptions & {
      readonly name: string
      readonly kind: 'server' | 'client'
      readonly names: string | null
    },
  ): Pair {
    const { name, names } = options
    const file = this.#next(name)
    const extra = names === null ? [] : ['-addext', `subjectAltName=${names}`]
    const files = ['-keyout', `${file}.key`, '-out', `${file}.csr`, '-subj', `/CN=${name}`]
    this.#openssl('req', '-config', 'openssl.cnf', '-new', ...P256, ...extra, ...files)
    this.#sign({ ...options, file })
    return { certificateFile: `${file}.crt`, keyFile: `${file}.key` }
  }

  #sign({
    file,
    kind,
    fromDays = 0,
    toDays = 365,
  }: IssueOptions & { readonly file: string; readonly kind: 'server' | 'client' }): string {
    const from = stampOf(Date.now() - EARLY_MS + fromDays * DAY_MS)
    const to = stampOf(Date.now() + toDays * DAY_MS)
    const dates = ['-startdate', from, '-enddate', to]
    const files = ['-in', `${file}.csr`, '-out', `${file}.crt`, '-extensions', kind]
    const ca = ['ca', '-batch', '-notext', '-config', 'openssl.cnf']
    this.#openssl(...ca, ...dates, ...files)
    return this.#openssl('x509', '-in', `${file}.crt`)
  }

  #next(name: string): string {
    this.#made += 1
    return join(this.#folder, `${this.#made}-${name}`)
  }

  #openssl(...args: readonly string[]): string {
    return execFileSync('openssl', args, { cwd: this.#folder, encoding: 'utf8', stdio: 'pipe' })
  }
}

// Which certificate the kiosk shows, and when it asks for the next one. The next pair lies beside
// the present one until it has connected and central was heard through it: only then does it take
// its place. A broker that refuses it is shown the present one again.
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import type { RenewalAnswer } from '../links/link.ts'
import type { LinkCause, LinkEvent } from '../machine/state.ts'
import { moveDurably, PUBLIC_MODE, SECRET_MODE, writeDurably } from './durable-files.ts'
import { type Identity, type IdentityFiles, readIdentity } from './identity-files.ts'

export interface KeeperOptions {
  readonly kioskId: string
  readonly files: IdentityFiles
  readonly now: () => { readonly wallMs: number; readonly isWallBelieved: boolean }
}

/** A renewal is due when this part of the certificate's life is over. */
const DUE_AFTER = 2 / 3
/** Between two looks at the date, and between two requests for the same certificate. */
const LOOK_EVERY_MS = 3_600_000
/** So often a broker may refuse the next certificate before another one is asked for. */
export const REFUSALS_MAX = 5

/** What another certificate may cure. */
const REFUSALS: ReadonlySet<LinkCause> = new Set<LinkCause>([
  'closed-early',
  'broker-unknown',
  'identity-refused',
  'identity-expired',
  'refused',
  'subscription-refused',
  'publication-refused',
])

interface Pair {
  readonly certificateFile: string
  readonly keyFile: string
  /** Null: none is configured. */
  readonly caFile: string | null
}

export class IdentityKeeper {
  readonly #options: KeeperOptions
  readonly #host: (event: LinkEvent) => void
  readonly #current: Pair | null
  readonly #next: Pair | null
  #isNextShown = false
  #isHeard = false
  #refusals = 0
  /** After a refusal, until central was heard: a bad next one costs one attempt. */
  #isOldsTurn = false
  #look: NodeJS.Timeout | null = null

  /** @param host gets `renewal-wanted`, `identity-renewed` and `renewal-failed` */
  constructor(options: KeeperOptions, host: (event: LinkEvent) => void) {
    this.#options = options
    this.#host = host
    const { caFile, certificateFile, keyFile } = options.files
    const isComplete = certificateFile !== null && keyFile !== null
    this.#current = isComplete ? { caFile, certificateFile, keyFile } : null
    this.#next = isComplete
      ? {
          caFile: caFile === null ? null : `${caFile}.next`,
          certificateFile: `${certificateFile}.next`,
          keyFile: `${keyFile}.next`,
        }
      : null
  }

  /** For one attempt. @throws IdentityError */
  read(): Identity {
    const { files } = this.#options
    this.#isHeard = false
    this.#settle()
    this.#isNextShown = this.#hasNext() && !this.#isOldsTurn
    return readIdentity(this.#isNextShown ? this.#nextFiles() : files)
  }

  /** Its authority may be the one that is there. */
  #nextFiles(): IdentityFiles {
    const { files } = this.#options
    const { caFile = null, ...pair } = this.#next ?? {}
    const isNew = caFile !== null && existsSync(caFile)
    return { ...files, ...pair, ...(isNew && { caFile }) }
  }

  /** @returns what the machine is to hear of it */
  hear(event: LinkEvent): LinkEvent {
    if (event.kind === 'link-up') this.#start()
    // Only what central signed comes as a message: it is there, behind this broker.
    if (event.kind === 'message' && !this.#isHeard) {
      this.#isHeard = true
      if (this.#isNextShown) this.#promote()
      this.#isOldsTurn = false
    }
    if (event.kind !== 'link-down') return event
    this.stop()
    if (!this.#isNextShown || this.#isHeard || !REFUSALS.has(event.cause)) return event
    this.#refusals += 1
    this.#isOldsTurn = true
    if (this.#refusals > REFUSALS_MAX) this.#dropNext()
    // No long wait: the present certificate is still there.
    const detail = `the renewed certificate: ${event.detail}`
    return { ...event, cause: 'renewal-refused', detail }
  }

  /** What central certified. @param re of the request */
  install({ re, certificate, ca }: RenewalAnswer): void {
    const [current, next] = [this.#current, this.#next]
    try {
      // An answer to something else is an old one, which a broker may repeat as it likes.
      if (current === null || next === null || !this.#isAwaited(re)) return
      const problem = this.#problemOf(certificate, { current, next }) ?? problemOfCa(ca)
      if (problem !== null) {
        this.#fail(problem)
        return
      }
      if (next.caFile !== null) replace(next.caFile, ca)
      writeDurably(next.certificateFile, certificate, { mode: PUBLIC_MODE })
      this.#host({ kind: 'identity-renewed' })
    } catch (error) {
      this.#fail(reasonOf(error))
    }
  }

  stop(): void {
    if (this.#look !== null) clearInterval(this.#look)
    this.#look = null
  }

  #start(): void {
    this.stop()
    if (this.#current === null) return
    void this.#lookAtDate()
    this.#look = setInterval(() => void this.#lookAtDate(), LOOK_EVERY_MS)
    this.#look.unref()
  }

  async #lookAtDate(): Promise<void> {
    try {
      if (this.#isDue()) this.#host({ kind: 'renewal-wanted', ...(await this.#request()) })
    } catch (error) {
      this.#fail(reasonOf(error))
    }
  }

  #isDue(): boolean {
    if (this.#current === null || this.#hasNext()) return false
    const { wallMs, isWallBelieved } = this.#options.now()
    const { validFromDate, validToDate } = certificateIn(this.#current)
    const [fromMs, toMs] = [validFromDate.getTime(), validToDate.getTime()]
    return isWallBelieved && wallMs >= fromMs + (toMs - fromMs) * DUE_AFTER
  }

  /** The same key until it is certified: an answer that was lost is given again. */
  async #request(): Promise<{ readonly id: string; readonly request: string }> {
    const [current, next] = [this.#current, this.#next]
    if (current === null || next === null) throw new Error('there is no certificate to renew')
    // Loaded once a year.
    const { drawKey, requestFor } = await import('./signing-request.ts')
    const { signRenewal } = await import('./renewal-messages.ts')
    if (!existsSync(next.keyFile)) writeDurably(next.keyFile, drawKey(), { mode: SECRET_MODE })
    const { kioskId } = this.#options
    const csr = await requestFor(readFileSync(next.keyFile, 'utf8'), kioskId)
    const request = await signRenewal(readFileSync(current.keyFile, 'utf8'), { kioskId, csr })
    return { id: nameOf(next.keyFile), request }
  }

  #isAwaited(re: string): boolean {
    const { keyFile } = this.#next ?? {}
    if (keyFile === undefined || this.#hasNext() || !existsSync(keyFile)) return false
    return re === nameOf(keyFile)
  }

  #problemOf(
    certificate: string,
    { current, next }: { readonly current: Pair; readonly next: Pair },
  ): string | null {
    const offered = new X509Certificate(certificate)
    if (!isKeyOf(offered, next.keyFile)) return 'it is for another key'
    const { kioskId } = this.#options
    if (!offered.subject.split('\n').includes(`CN=${kioskId}`)) return `it does not name ${kioskId}`
    const isShorter = offered.validToDate < certificateIn(current).validToDate
    return isShorter ? 'it ends before the present one' : null
  }

  #hasNext(): boolean {
    return this.#next !== null && existsSync(this.#next.certificateFile)
  }

  #promote(): void {
    try {
      if (this.#current === null || this.#next === null) return
      const { caFile } = this.#next
      const isNew = caFile !== null && existsSync(caFile)
      if (isNew && this.#current.caFile !== null) moveDurably(caFile, this.#current.caFile)
      moveDurably(this.#next.keyFile, this.#current.keyFile)
      moveDurably(this.#next.certificateFile, this.#current.certificateFile)
      this.#refusals = 0
    } catch (error) {
      this.#fail(reasonOf(error))
    }
  }

  /** A power cut between the two moves leaves the new key beside the old certificate. */
  #settle(): void {
    const [current, next] = [this.#current, this.#next]
    if (current === null || next === null || existsSync(next.keyFile) || !this.#hasNext()) return
    try {
      moveDurably(next.certificateFile, current.certificateFile)
    } catch (error) {
      this.#fail(reasonOf(error))
    }
  }

  #dropNext(): void {
    if (this.#next === null) return
    rmSync(this.#next.certificateFile, { force: true })
    rmSync(this.#next.keyFile, { force: true })
    if (this.#next.caFile !== null) rmSync(this.#next.caFile, { force: true })
    this.#refusals = 0
    this.#fail(`a broker refused it ${REFUSALS_MAX + 1} times`)
  }

  #fail(detail: string): void {
    this.#host({ kind: 'renewal-failed', detail })
  }
}

/** Of a request: it follows from its key. */
function nameOf(keyFile: string): string {
  const key = createPublicKey(createPrivateKey(readFileSync(keyFile)))
  const der = key.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('base64url')
}

function problemOfCa(ca: string | null): string | null {
  if (ca === null) return null
  return new X509Certificate(ca).ca ? null : 'its authority is none'
}

function replace(file: string, content: string | null): void {
  if (content === null) rmSync(file, { force: true })
  else writeDurably(file, content, { mode: PUBLIC_MODE })
}

function certificateIn({ certificateFile }: Pair): X509Certificate {
  return new X509Certificate(readFileSync(certificateFile))
}

function isKeyOf(certificate: X509Certificate, keyFile: string): boolean {
  return certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

// Whether the other end is the broker that was meant. OpenSSL decides; this says which part of its
// check failed, since of several failures OpenSSL tells the last one only. Dates are the exception:
// a kiosk without a battery clock starts in 1970, where every certificate is too new. Its clock
// then decides nothing, and everything but the dates is checked here.
import { X509Certificate } from 'node:crypto'
import { checkServerIdentity, getCACertificates, type TLSSocket } from 'node:tls'
import type { NamedCause } from './link-cause.ts'

/** A certificate, the ones between, and the root. */
const CHAIN_MAX = 6
const SERVER_USE = '1.3.6.1.5.5.7.3.1'
const DATE_ERRORS = new Set(['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'])
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu

export interface TrustOptions {
  /** Whom the certificate must name. */
  readonly name: string
  /** PEM; null: the roots that come with Node. */
  readonly ca: string | null
  /** PEM of the kiosk's own certificate; null: it has none. */
  readonly certificate: string | null
  readonly wallMs: number
  readonly isWallBelieved: boolean
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  return (pem.match(CERTIFICATE) ?? []).map((text) => new X509Certificate(text))
}

/** @returns why the broker is not trusted; null: it is */
export function distrustOf(socket: TLSSocket, options: TrustOptions): NamedCause | null {
  if (socket.authorized) return null
  const error = String(socket.authorizationError)
  const leaf = socket.getPeerX509Certificate()
  if (leaf === undefined) return ['tls-refused', error]
  const given = options.ca === null ? [] : certificatesIn(options.ca)
  const roots = options.ca === null ? getCACertificates('default').map(parse) : given
  const chain = chainOf(leaf, roots)
  if (chain === null) {
    return ['broker-unknown', `its certificate is of ${oneLine(leaf.issuer)}`]
  }
  const misnamed = checkServerIdentity(options.name, leaf.toLegacyObject())
  if (misnamed !== undefined) return ['broker-misnamed', misnamed.message]
  const own = options.certificate === null ? [] : certificatesIn(options.certificate)
  const wrong = wrongDateOf(chain, { ...options, floorMs: newestMs([...own, ...given]) })
  if (wrong !== null) return wrong
  const serves = leaf.keyUsage?.includes(SERVER_USE) ?? true
  return serves && DATE_ERRORS.has(error) ? null : ['tls-refused', error]
}

function parse(pem: string): X509Certificate {
  return new X509Certificate(pem)
}

/** From the broker's certificate to a known root, each signed by the next; null: there is none. */
function chainOf(
  leaf: X509Certificate,
  roots: readonly X509Certificate[],
): readonly X509Certificate[] | null {
  const chain = [leaf]
  for (let holder = leaf; chain.length < CHAIN_MAX; ) {
    const root = roots.find((candidate) => isIssuer(candidate, holder))
    if (root !== undefined) return [...chain, root]
    const next = holder.issuerCertificate
    if (next === undefined || !isIssuer(next, holder)) return null
    chain.push(next)
    holder = next
  }
  return null
}

function isIssuer(issuer: X509Certificate, holder: X509Certificate): boolean {
  return issuer.ca && holder.checkIssued(issuer) && holder.verify(issuer.publicKey)
}

/** It cannot be earlier than the day on which one of these was made. */
function newestMs(certificates: readonly X509Certificate[]): number {
  return Math.max(0, ...certificates.map(({ validFromDate }) => validFromDate.getTime()))
}

function wrongDateOf(
  chain: readonly X509Certificate[],
  clock: {
    readonly wallMs: number
    readonly isWallBelieved: boolean
    readonly floorMs: number
  },
): NamedCause | null {
  const { wallMs, floorMs } = clock
  const isBelieved = clock.isWallBelieved && wallMs >= floorMs
  const nowMs = isBelieved ? wallMs : floorMs
  const expired = chain.find(({ validToDate }) => validToDate.getTime() < nowMs)
  if (expired !== undefined) return ['broker-expired', `on ${dayOf(expired.validToDate)}`]
  const early = chain.find(({ validFromDate }) => validFromDate.getTime() > wallMs)
  if (early === undefined || !isBelieved) return null
  const from = dayOf(early.validFromDate)
  return ['broker-too-new', `it begins on ${from}, and the kiosk’s clock says ${dayOf(wallMs)}`]
}

function dayOf(time: Date | number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** A name may hold line breaks, and goes into the log. */
function oneLine(name: string): string {
  return name.replaceAll(/\s+/gu, ' ')
}

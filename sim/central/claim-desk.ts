// Hands out claim codes and answers whoever comes with one. A code is good for one key: the first
// one that shows it. The same key is answered again, since an answer may be lost on the way.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { CertificationRequest } from 'pkijs'
import { type ClaimKeys, drawClaimCode, readClaimCode } from '../../src/sync/identity/claim-code.ts'
import { type ClaimAnswer, openClaim, sealAnswer } from '../../src/sync/identity/claim-messages.ts'
import { openRenewal, publicKeyIn } from '../../src/sync/identity/renewal-messages.ts'
import type { Authority } from './authority.ts'
import { SEALING_KEYS_FILE, SIGNING_KEYS_FILE } from './keys.ts'

const CLAIM_SCHEMA = `
CREATE TABLE IF NOT EXISTS claims (
  claim_id TEXT PRIMARY KEY, kiosk_id TEXT NOT NULL, request_key BLOB NOT NULL,
  answer_key BLOB NOT NULL, expires_at_ms INTEGER NOT NULL, used_by TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS certified (
  number INTEGER PRIMARY KEY, kiosk_id TEXT NOT NULL, certificate TEXT NOT NULL
) STRICT;`

export interface ClaimOffer {
  readonly brokers: readonly string[]
  readonly serverName?: string
  /** PEM file: who certifies the brokers. */
  readonly brokerCaFile: string
  readonly certificateLifeMs?: number
}

interface ClaimRow {
  readonly kiosk_id: string
  readonly request_key: Uint8Array
  readonly answer_key: Uint8Array
  readonly expires_at_ms: number
  readonly used_by: string | null
}

export interface ClaimDeskParts {
  readonly db: Database.Database
  readonly folder: string
  readonly namespace: string
  readonly authority: Authority
  readonly offer: ClaimOffer
  /** base64url; null: no such kiosk. */
  readonly staffKeyOf: (kioskId: string) => string | null
}

const CLAIM_LIFE_MS = 86_400_000
const CERTIFICATE_LIFE_MS = 365 * 86_400_000
const HELP_KEY_BYTES = 32
const CERTIFICATES_KNOWN = 2

export class ClaimDesk {
  readonly #parts: ClaimDeskParts

  constructor(parts: ClaimDeskParts) {
    this.#parts = parts
    parts.db.exec(CLAIM_SCHEMA)
  }

  /** @returns the code, which is kept nowhere: whoever loses it asks for another one */
  offer(kioskId: string, lifeMs = CLAIM_LIFE_MS): string {
    if (this.#parts.staffKeyOf(kioskId) === null) throw new Error(`no kiosk ${kioskId}`)
    const code = drawClaimCode()
    const keys = readClaimCode(code)
    if (keys === null) throw new Error('a drawn code cannot be misspelt')
    const insert = 'INSERT INTO claims VALUES (?, ?, ?, ?, ?, NULL)'
    const { claimId, requestKey, answerKey } = keys
    const expiresAtMs = Date.now() + lifeMs
    this.#parts.db.prepare(insert).run(claimId, kioskId, requestKey, answerKey, expiresAtMs)
    return code
  }

  /**
   * @param text as it was posted
   * @returns the sealed answer, or null: it tells nobody which part was wrong
   */
  async answer(claimId: string, text: string): Promise<string | null> {
    const { db, authority, offer } = this.#parts
    const row = db.prepare('SELECT * FROM claims WHERE claim_id = ?').get(claimId) as
      | ClaimRow
      | undefined
    if (row === undefined || row.expires_at_ms < Date.now()) return null
    const keys: ClaimKeys = { claimId, requestKey: row.request_key, answerKey: row.answer_key }
    const request = await openClaim(keys, text)
    if (request === null) return null
    const csr = Buffer.from(request.csr, 'base64')
    const kioskId = row.kiosk_id
    const lifeMs = offer.certificateLifeMs ?? CERTIFICATE_LIFE_MS
    const certificate = await authority.certify(csr, { kioskId, lifeMs })
    if (certificate === null || !this.#use(claimId, keyOf(csr))) return null
    this.#note(kioskId, certificate)
    return await sealAnswer(keys, this.#answerFor({ claimId, kioskId, certificate }))
  }

  /**
   * The next certificate, for whoever has the key of one of the last two: the newest may never have
   * arrived.
   *
   * @param text a compact JWS, see the contract; @returns PEM, or null
   */
  async renew(kioskId: string, text: string): Promise<string | null> {
    const { db, authority, offer } = this.#parts
    const select = `SELECT certificate FROM certified WHERE kiosk_id = ?
      ORDER BY number DESC LIMIT ${CERTIFICATES_KNOWN}`
    const known = db.prepare(select).pluck().all(kioskId) as readonly string[]
    for (const pem of known) {
      const csr = await openRenewal(publicKeyIn(pem), { kioskId, text })
      if (csr === null) continue
      const lifeMs = offer.certificateLifeMs ?? CERTIFICATE_LIFE_MS
      const certificate = await authority.certify(csr, { kioskId, lifeMs })
      if (certificate !== null) this.#note(kioskId, certificate)
      return certificate
    }
    return null
  }

  /** PEM, as it is now: it may change. */
  brokerCa(): string {
    return readFileSync(this.#parts.offer.brokerCaFile, 'utf8')
  }

  #note(kioskId: string, certificate: string): void {
    const insert = 'INSERT INTO certified (kiosk_id, certificate) VALUES (?, ?)'
    this.#parts.db.prepare(insert).run(kioskId, certificate)
  }

  #use(claimId: string, key: string): boolean {
    const update = `UPDATE claims SET used_by = ?
      WHERE claim_id = ? AND (used_by IS NULL OR used_by = ?)`
    return this.#parts.db.prepare(update).run(key, claimId, key).changes === 1
  }

  #answerFor({
    claimId,
    kioskId,
    certificate,
  }: {
    readonly claimId: string
    readonly kioskId: string
    readonly certificate: string
  }): ClaimAnswer {
    const { folder, namespace, offer, staffKeyOf } = this.#parts
    const keysIn = (name: string) =>
      JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly keys: readonly object[] }
    return {
      v: 1,
      claim: claimId,
      k: kioskId,
      namespace,
      brokers: offer.brokers,
      serverName: offer.serverName ?? null,
      ca: this.brokerCa(),
      certificate,
      centralKeys: keysIn(SIGNING_KEYS_FILE),
      centralSealKey: keysIn(SEALING_KEYS_FILE).keys[0] ?? {},
      staffKey: staffKeyOf(kioskId) ?? '',
      helpKey: this.#helpKeyOf(kioskId),
    }
  }

  /** It lies beside, for the desk: `latchkey desk answer --key`. */
  #helpKeyOf(kioskId: string): string {
    const file = join(this.#parts.folder, `${kioskId}.help-key`)
    if (!existsSync(file)) writeFileSync(file, randomBytes(HELP_KEY_BYTES), { mode: 0o400 })
    return readFileSync(file).toString('base64url')
  }
}

function keyOf(csr: Uint8Array): string {
  const key = CertificationRequest.fromBER(csr).subjectPublicKeyInfo.toSchema().toBER(false)
  return createHash('sha256').update(Buffer.from(key)).digest('base64url')
}

// The two messages of a claim, both ends of them. The request is signed and the answer sealed under
// keys that come from the claim code: whoever carries them, by HTTPS or not, can neither read the
// answer nor change anything.
import { CompactEncrypt, CompactSign, compactDecrypt, compactVerify } from 'jose'
import { type Checked, checkClaimAnswer, checkClaimRequest } from '../contract/validate.ts'
import type { ClaimKeys } from './claim-code.ts'

export interface ClaimRequest {
  readonly v: 1
  readonly claim: string
  /** DER of a PKCS#10 request, base64. */
  readonly csr: string
}

/** All that a kiosk needs to know of central, and central's part of what both share. */
export interface ClaimAnswer {
  readonly v: 1
  readonly claim: string
  /** The kiosk's id from now on. */
  readonly k: string
  readonly namespace: string
  readonly brokers: readonly string[]
  readonly serverName: string | null
  /** PEM: who certifies the brokers. */
  readonly ca: string
  /** PEM: the kiosk's own, and the ones between. */
  readonly certificate: string
  readonly centralKeys: { readonly keys: readonly object[] }
  readonly centralSealKey: object
  /** 32 bytes each, base64url. */
  readonly staffKey: string
  readonly helpKey: string
}

const REQUEST_TYPE = 'lk-claim'
const ANSWER_TYPE = 'lk-claim-answer'
const REQUEST_ALGORITHM = 'HS256'
const ANSWER_ALGORITHM = { alg: 'dir', enc: 'A256GCM' } as const

/** @returns a compact JWS */
export async function signClaim(keys: ClaimKeys, csr: Uint8Array): Promise<string> {
  const { claimId: claim, requestKey } = keys
  const request: ClaimRequest = { v: 1, claim, csr: Buffer.from(csr).toString('base64') }
  return await new CompactSign(bytesOf(request))
    .setProtectedHeader({ alg: REQUEST_ALGORITHM, typ: REQUEST_TYPE })
    .sign(requestKey)
}

/** @returns null when it is not what the holder of the code sent */
export async function openClaim(keys: ClaimKeys, text: string): Promise<ClaimRequest | null> {
  try {
    const algorithms = [REQUEST_ALGORITHM]
    const { payload, protectedHeader } = await compactVerify(text, keys.requestKey, { algorithms })
    if (protectedHeader.typ !== REQUEST_TYPE) return null
    return read<ClaimRequest>(payload, keys, checkClaimRequest)
  } catch {
    return null
  }
}

/** @returns a compact JWE */
export async function sealAnswer(keys: ClaimKeys, answer: ClaimAnswer): Promise<string> {
  return await new CompactEncrypt(bytesOf(answer))
    .setProtectedHeader({ ...ANSWER_ALGORITHM, typ: ANSWER_TYPE })
    .encrypt(keys.answerKey)
}

/** @returns null when it is not what the giver of the code sent */
export async function openAnswer(keys: ClaimKeys, text: string): Promise<ClaimAnswer | null> {
  try {
    const { alg, enc } = ANSWER_ALGORITHM
    const { plaintext, protectedHeader } = await compactDecrypt(text, keys.answerKey, {
      keyManagementAlgorithms: [alg],
      contentEncryptionAlgorithms: [enc],
    })
    if (protectedHeader.typ !== ANSWER_TYPE) return null
    return read<ClaimAnswer>(plaintext, keys, checkClaimAnswer)
  } catch {
    return null
  }
}

function bytesOf(message: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message))
}

function read<T extends { readonly claim: string }>(
  bytes: Uint8Array,
  { claimId }: ClaimKeys,
  check: (value: unknown) => Checked,
): T | null {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  if (!check(value).isValid) return null
  // The schema has just proven it to be one.
  const message = value as T
  return message.claim === claimId ? message : null
}

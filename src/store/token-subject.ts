// How a token of central names the right that it is for: without the name itself, and as short for
// the longest id as for the shortest.
import { createHash } from 'node:crypto'
import type { TokenPurpose } from '../kiosk/token-facts.ts'

/** Half a SHA-256: whom it names nobody can choose, since only central signs. */
const SUBJECT_BYTES = 16

/**
 * @param name of a pickup: the sealed PIN that it stands for; of a courier: the staff id
 * @returns in hexadecimal
 */
export function tokenSubject(purpose: TokenPurpose, name: string): string {
  const digest = createHash('sha256').update(`${purpose}|${name}`).digest()
  return digest.subarray(0, SUBJECT_BYTES).toString('hex')
}

// Signs a message for a kiosk: flattened JWS, Ed25519.
import { FlattenedSign } from 'jose'
import { downType, SIGNATURE_ALGORITHM } from '../../src/sync/contract/open-down.ts'
import type { DownLeaf } from '../../src/sync/machine/messages.ts'
import type { PrivateKey } from './keys.ts'

export async function signDown(
  { kid, key }: PrivateKey,
  { leaf, body }: { readonly leaf: DownLeaf; readonly body: object },
): Promise<string> {
  const jws = await new FlattenedSign(new TextEncoder().encode(JSON.stringify(body)))
    .setProtectedHeader({ alg: SIGNATURE_ALGORITHM, kid, typ: downType(leaf) })
    .sign(key)
  return JSON.stringify(jws)
}

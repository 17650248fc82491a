// The recipient's post: one letter when a parcel was deposited, one when it was collected. Central
// is the only one who can open the sealed PIN.
import { compactDecrypt } from 'jose'
import { checkSealedPin } from '../../src/sync/contract/validate.ts'
import { CONTENT_CIPHER, KEY_AGREEMENT } from '../../src/sync/seal.ts'
import { type Batch, type FactStore, readEvent, type TakenFact } from './fact-store.ts'
import type { PrivateKey } from './keys.ts'

/** Opened PINs by their sealed form; null: cannot be opened, or sealed for another parcel. */
export type OpenedPins = ReadonlyMap<string, string | null>

const DEPOSITED = 'parcel-deposited/1'
export const COLLECTED = 'parcel-collected/1'

/** Opening takes a promise and the transaction cannot wait, so all PINs of a batch come first. */
export async function openPins(key: PrivateKey, batch: Batch): Promise<OpenedPins> {
  const opened = new Map<string, string | null>()
  for (const [index, text] of batch.texts.entries()) {
    const { event } = readEvent(text, batch.first + index)
    if (event?.type !== DEPOSITED) continue
    const { sealedPin, parcelId } = event.data
    if (typeof sealedPin !== 'string') continue
    opened.set(sealedPin, await openPin(key, { sealedPin, parcelId, kioskId: batch.kioskId }))
  }
  return opened
}

async function openPin(
  { key }: PrivateKey,
  sealed: { readonly sealedPin: string; readonly parcelId: unknown; readonly kioskId: string },
): Promise<string | null> {
  try {
    const { plaintext } = await compactDecrypt(sealed.sealedPin, key, {
      keyManagementAlgorithms: [KEY_AGREEMENT],
      contentEncryptionAlgorithms: [CONTENT_CIPHER],
    })
    const content: unknown = JSON.parse(new TextDecoder().decode(plaintext))
    if (!checkSealedPin(content).isValid) return null
    const { k, parcel, pin } = content as { k: string; parcel: string; pin: string }
    return k === sealed.kioskId && parcel === sealed.parcelId ? pin : null
  } catch {
    return null
  }
}

/** What follows from one fact, in the transaction that takes it. */
export function writeLetters(store: FactStore, fact: TakenFact, pins: OpenedPins): void {
  const data = fact.event?.data
  if (fact.event === null || data === undefined) return
  const atWallMs = fact.event.t
  const { parcelId, recipientId, lockerId } = data
  if (typeof parcelId !== 'string' || typeof lockerId !== 'string') return
  if (fact.type === DEPOSITED && typeof recipientId === 'string') {
    const pin = typeof data['sealedPin'] === 'string' ? pins.get(data['sealedPin']) : null
    const text =
      pin === null || pin === undefined
        ? `Your parcel is in locker ${lockerId}. Please call us for your PIN.`
        : `Your parcel is in locker ${lockerId}, PIN ${pin}.`
    store.deposit(fact, { parcelId, recipientId, lockerId })
    store.write(fact, { kind: 'deposited', parcelId, recipientId, text, atWallMs })
  }
  if (fact.type === COLLECTED) {
    const recipient = store.deposited(fact.kioskId, parcelId)?.recipientId
    if (recipient === undefined) return
    const text = `Your parcel was collected from locker ${lockerId}.`
    store.write(fact, { kind: 'collected', parcelId, recipientId: recipient, text, atWallMs })
  }
}

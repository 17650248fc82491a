// The recipient's post: one letter when a parcel was deposited, one when it was collected; one with
// the code of a return, and one when that was handed in. Central is the only one who can open what
// was sealed.
import { compactDecrypt } from 'jose'
import { checkSealedPin } from '../../src/sync/contract/validate.ts'
import { CONTENT_CIPHER, KEY_AGREEMENT } from '../../src/sync/seal.ts'
import { type Batch, type FactStore, type Letter, readTexts, type TakenFact } from './fact-store.ts'
import type { PrivateKey } from './keys.ts'
import type { TokenDesk } from './token-desk.ts'

interface OpenedPin {
  readonly pin: string
  /** The kiosk asks for it only after many wrong entries. */
  readonly reference: string
  /** For the scanner, instead of typing; absent: none is written for this. */
  readonly token?: string
}

/** Opened PINs by their sealed form; null: cannot be opened, or sealed for another parcel. */
export type OpenedPins = ReadonlyMap<string, OpenedPin | null>

export const DEPOSITED = 'parcel-deposited/1'
const REISSUED = 'pin-reissued/1'
export const COLLECTED = 'parcel-collected/1'
const RETURN_EXPECTED = 'return-expected/1'
export const HANDED_IN = 'parcel-handed-in/1'
export const RETRIEVED = 'parcel-retrieved/1'

interface OpeningOptions {
  /** Writes a token for each PIN that is for a pickup. */
  readonly tokens?: TokenDesk | null
  /** The batch's texts, where they were read before. */
  readonly read?: ReturnType<typeof readTexts>
}

/** Opening takes a promise and the transaction cannot wait, so all PINs of a batch come first. */
export async function openPins(
  key: PrivateKey,
  batch: Batch,
  { tokens = null, read = readTexts(batch) }: OpeningOptions = {},
): Promise<OpenedPins> {
  const opened = new Map<string, OpenedPin | null>()
  for (const { event } of read) {
    if (event === null) continue
    const { kioskId } = batch
    const { parcelId } = event.data
    const sealedPin = sealedIn(event)
    if (typeof sealedPin !== 'string') continue
    const pin = await openPin(key, { sealedPin, parcelId, kioskId })
    const isForPickup = pin !== null && tokens !== null && event.type !== RETURN_EXPECTED
    const token = isForPickup ? { token: await tokens.forPickup(kioskId, sealedPin) } : {}
    opened.set(sealedPin, pin === null ? null : { ...pin, ...token })
  }
  return opened
}

function sealedIn({ type, data }: { type: string; data: Readonly<Record<string, unknown>> }) {
  if (type === RETURN_EXPECTED) return data['sealedCode']
  return type === DEPOSITED || type === REISSUED ? data['sealedPin'] : null
}

async function openPin(
  { key }: PrivateKey,
  sealed: { readonly sealedPin: string; readonly parcelId: unknown; readonly kioskId: string },
): Promise<OpenedPin | null> {
  try {
    const { plaintext } = await compactDecrypt(sealed.sealedPin, key, {
      keyManagementAlgorithms: [KEY_AGREEMENT],
      contentEncryptionAlgorithms: [CONTENT_CIPHER],
    })
    const content: unknown = JSON.parse(new TextDecoder().decode(plaintext))
    if (!checkSealedPin(content).isValid) return null
    const { k, parcel, pin, reference } = content as OpenedPin & { k: string; parcel: string }
    return k === sealed.kioskId && parcel === sealed.parcelId ? { pin, reference } : null
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
  if (fact.type === REISSUED && typeof parcelId === 'string' && typeof recipientId === 'string') {
    const text = `Your old PIN is void${pinText(pins, data['sealedPin'])}`
    const token = tokenIn(pins, data['sealedPin'])
    store.write(fact, { kind: 'reissued', parcelId, recipientId, text, token, atWallMs })
    return
  }
  if (fact.type === RETURN_EXPECTED || fact.type === HANDED_IN) {
    return writeReturn(store, fact, pins)
  }
  writeWaiting(store, fact)
  if (typeof parcelId !== 'string' || typeof lockerId !== 'string') return
  if (fact.type === DEPOSITED && typeof recipientId === 'string') {
    const text = `Your parcel is in locker ${lockerId}${pinText(pins, data['sealedPin'])}`
    store.deposit(fact, { parcelId, recipientId, lockerId })
    const token = tokenIn(pins, data['sealedPin'])
    store.write(fact, { kind: 'deposited', parcelId, recipientId, text, token, atWallMs })
  }
  if (fact.type === COLLECTED) {
    const recipient = store.deposited(fact.kioskId, parcelId)?.recipientId
    if (recipient === undefined) return
    const text = `Your parcel was collected from locker ${lockerId}.`
    store.write(fact, { kind: 'collected', parcelId, recipientId: recipient, text, atWallMs })
  }
}

/** What the kiosk tells of a parcel that waits: all that such a letter needs is in the fact. */
function writeWaiting(store: FactStore, fact: TakenFact): void {
  const { t: atWallMs, data } = fact.event ?? { t: 0, data: {} }
  const write = (kind: Letter['kind'], to: Addressed, text: string): void => {
    const { recipientId, parcelIds, parcelId = parcelIds?.[0] ?? '' } = to
    store.write(fact, { kind, parcelId, recipientId, text, atWallMs })
  }
  switch (fact.type) {
    case 'reminder-due/1': {
      const to = data as unknown as Addressed & { lockerId: string; pinExpiresAtWallMs: EndMs }
      const until = untilText(to.pinExpiresAtWallMs)
      write('reminder', to, `Your parcel still waits in locker ${to.lockerId}${until}.`)
      return
    }
    case 'pin-extended/1': {
      const to = data as unknown as Addressed & { expiresAtWallMs: EndMs }
      write('extended', to, `Your PIN is good${untilText(to.expiresAtWallMs)}.`)
      return
    }
    case 'pin-expired/1':
      write('expired', data as unknown as Addressed, 'Your PIN has ended. Please call us.')
      return
    case 'parcel-missed/1': {
      const text = 'Your parcel is not where it should be. We look for it; please call us.'
      write('missing', data as unknown as Addressed, text)
      return
    }
    case 'deadlines-moved/1': {
      const { moved } = data as unknown as { moved: readonly Moved[] }
      for (const to of moved) {
        const until = untilText(to.expiresAtWallMs)
        write('moved', to, `The kiosk could not be used for a while. Your PIN is good${until}.`)
      }
      return
    }
    default:
      return
  }
}

type EndMs = number | null

interface Addressed {
  readonly recipientId: string
  readonly parcelId?: string
  readonly parcelIds?: readonly string[]
}

interface Moved extends Addressed {
  readonly expiresAtWallMs: EndMs
}

function untilText(endMs: EndMs): string {
  if (endMs === null) return ''
  return ` until ${new Date(endMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function writeReturn(store: FactStore, fact: TakenFact, pins: OpenedPins): void {
  const { t: atWallMs, data } = fact.event ?? { t: 0, data: {} }
  const { parcelId, recipientId, lockerId, sealedCode } = data
  if (typeof parcelId !== 'string' || typeof recipientId !== 'string') return
  const letter = { parcelId, recipientId, atWallMs }
  if (fact.type === HANDED_IN) {
    const text = `Your parcel was handed in, at locker ${lockerId}.`
    store.write(fact, { kind: 'handed-in', ...letter, text })
    return
  }
  const opened = typeof sealedCode === 'string' ? pins.get(sealedCode) : undefined
  const text =
    opened === null || opened === undefined
      ? 'You may hand your parcel in. Please call us for its code.'
      : `You may hand your parcel in with the code ${opened.pin}. ${referenceText(opened)}`
  store.write(fact, { kind: 'return-code', ...letter, text })
}

function referenceText({ reference }: OpenedPin): string {
  return `Should the kiosk ask for a reference: ${reference}.`
}

function tokenIn(pins: OpenedPins, sealedPin: unknown): string | null {
  return (typeof sealedPin === 'string' ? pins.get(sealedPin)?.token : null) ?? null
}

/** Null: the kiosk has told the recipient's present PIN to open this parcel too. */
function pinText(pins: OpenedPins, sealedPin: unknown): string {
  if (sealedPin === null) return '. The PIN that you have opens it too.'
  const opened = typeof sealedPin === 'string' ? pins.get(sealedPin) : undefined
  if (opened === null || opened === undefined) return '. Please call us for your PIN.'
  return `, PIN ${opened.pin}. It opens all that waits for you here. ${referenceText(opened)}`
}

// Tokens that somebody shows to the scanner. Their signatures were checked before; here is decided
// what they open. Nobody guesses one, so they are outside the brake on guessing: they neither wait
// nor count, and what is refused may be told apart: docs/decisions/a-token-stands-for-a-pin.md.
import type { Code } from './codes.ts'
import { isInDoubt } from './doubt.ts'
import { type Draft, goTo, record, remember, update } from './draft.ts'
import { hearLate } from './late-complaints.ts'
import type { ParcelRow } from './ledger.ts'
import type { PinRow } from './pin-ledger.ts'
import { judgePin } from './pins.ts'
import { collect } from './recipient.ts'
import { beginWork, isValidNow } from './staff.ts'
import { notice } from './state.ts'
import type { TokenClaims } from './token-facts.ts'
import type { IntentResult, Notice } from './view.ts'

/** Used ones are remembered with their PIN: more than so many are not accepted for one PIN. */
export const TOKENS_OF_A_PIN_MAX = 16
/** The same refusal of the same token is stored once, as long as it is among the last ones. */
const REFUSALS_REMEMBERED_MAX = 16

const NOTICES = {
  'LK-TOKEN-01': 'token-invalid',
  'LK-TOKEN-02': 'token-elsewhere',
  'LK-TOKEN-03': 'token-unknown',
  'LK-TOKEN-04': 'token-used',
  'LK-TOKEN-05': 'token-expired',
  'LK-TOKEN-06': 'token-early',
  'LK-TOKEN-07': 'token-unchecked',
  'LK-TOKEN-08': 'token-unconfirmed',
} as const satisfies Partial<Readonly<Record<Code, Notice['key']>>>

type TokenCode = keyof typeof NOTICES

/** @param claims null: it looks like a token, and is none that central signed */
export function enterToken(draft: Draft, claims: TokenClaims | null): IntentResult {
  // Whoever shows it has proven nothing: it leaves no trace.
  if (claims === null) return turnAway(draft, 'LK-TOKEN-01')
  const fault = faultOf(draft, claims)
  if (fault !== null) return refuse(draft, claims, fault)
  return claims.purpose === 'pickup' ? enterPickup(draft, claims) : enterCourier(draft, claims)
}

/** What holds for either purpose. A date counts only on a clock that is believed. */
function faultOf({ now }: Draft, claims: TokenClaims): TokenCode | null {
  if (!claims.isForThisKiosk) return 'LK-TOKEN-02'
  if (!now.isWallBelieved) return 'LK-TOKEN-07'
  if (claims.expiresAtWallMs <= now.wallMs) return 'LK-TOKEN-05'
  return claims.notBeforeWallMs > now.wallMs ? 'LK-TOKEN-06' : null
}

function turnAway(draft: Draft, code: TokenCode): IntentResult {
  goTo(draft, { kind: 'welcome' }, null, notice(NOTICES[code], code))
  return 'refused'
}

function refuse(draft: Draft, { tokenId, purpose }: TokenClaims, code: TokenCode): IntentResult {
  const { refusedTokens } = draft.state
  const told = `${tokenId} ${code}`
  if (!refusedTokens.includes(told)) {
    record(draft, { kind: 'token-refused', data: { tokenId, purpose, code } })
    update(draft, { refusedTokens: [...refusedTokens, told].slice(-REFUSALS_REMEMBERED_MAX) })
  }
  return turnAway(draft, code)
}

/** It stands for a PIN: what ends that ends it too. */
function enterPickup(draft: Draft, claims: TokenClaims): IntentResult {
  const found = judgePin(draft, draft.ledger.pinOfToken(claims.subject))
  switch (found.kind) {
    case 'hit':
      return takeOut(draft, claims, found)
    case 'missing':
      goTo(draft, { kind: 'welcome' }, null, notice('parcel-missing', 'LK-PIN-10'))
      return 'ok'
    case 'used':
      return refuseUsed(draft, claims, found.pin)
    case 'expired':
      return refuse(draft, claims, 'LK-TOKEN-05')
    case 'unknown':
    case 'return':
      return refuse(draft, claims, draft.ledger.hasDoubts() ? 'LK-TOKEN-08' : 'LK-TOKEN-03')
  }
}

function takeOut(
  draft: Draft,
  claims: TokenClaims,
  { pin, parcels }: { readonly pin: PinRow; readonly parcels: readonly ParcelRow[] },
): IntentResult {
  const { tokenId } = claims
  const used = pin.tokens.find((each) => each.tokenId === tokenId)
  // A door that nobody saw open has spent no right: the token is good for that parcel still.
  const due = parcels.filter(({ id }) => used === undefined || used.parcelIds.includes(id))
  const isOneTooMany = used === undefined && pin.tokens.length >= TOKENS_OF_A_PIN_MAX
  if (due.length === 0 || isOneTooMany) return refuseUsed(draft, claims, pin)
  // What came later and lies behind the same door comes with it: nobody can leave it there.
  const doors = new Set(due.map(({ lockerId }) => lockerId))
  const coming = parcels.filter(({ lockerId }) => doors.has(lockerId))
  const sound = coming.filter(({ lockerId }) => !isInDoubt(draft, lockerId))
  if (sound.length === 0) return refuse(draft, claims, 'LK-TOKEN-08')
  const others = parcels.filter((each) => !coming.includes(each)).map(({ id }) => id)
  if (!collect(draft, sound, others)) return 'refused'
  if (used === undefined) {
    const { recipientId } = pin
    const parcelIds = parcels.map(({ id }) => id)
    record(draft, { kind: 'pickup-token-used', data: { tokenId, recipientId, parcelIds } })
  }
  return 'ok'
}

function refuseUsed(draft: Draft, claims: TokenClaims, pin: PinRow): IntentResult {
  refuse(draft, claims, 'LK-TOKEN-04')
  hearLate(draft, pin)
  return 'refused'
}

function enterCourier(draft: Draft, claims: TokenClaims): IntentResult {
  const { ledger, now } = draft
  const { tokenId, notBeforeWallMs } = claims
  const knownFromWallMs = ledger.courierTokensKnownFromWallMs()
  if (knownFromWallMs === null) {
    // It was when no clock was believed: whatever begins before now may be of before.
    remember(draft, { kind: 'courier-tokens-forgotten', data: { untilWallMs: now.wallMs } })
  }
  if (notBeforeWallMs < (knownFromWallMs ?? now.wallMs)) {
    return refuse(draft, claims, 'LK-TOKEN-08')
  }
  if (ledger.isCourierTokenUsed(tokenId)) return refuse(draft, claims, 'LK-TOKEN-04')
  const staff = ledger.courierOfToken(claims.subject)
  if (staff === null || !isValidNow(draft, staff)) return refuse(draft, claims, 'LK-TOKEN-03')
  const { id: courierId } = staff
  record(draft, { kind: 'courier-token-used', data: { tokenId, courierId, notBeforeWallMs } })
  beginWork(draft, staff)
  return 'ok'
}

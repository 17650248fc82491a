// What central can say after a kiosk's ledger was restored: by all facts of the epoch before, which
// parcels and returns of the copy still lie where the copy has them, and whose PIN is another one
// since.
import { type FactStore, RESTORED, readEvent, type StoredFact } from './fact-store.ts'

export interface Confirmation {
  readonly after: { readonly epoch: string; readonly cum: number }
  readonly parcels: readonly {
    readonly id: string
    readonly lockerId: string
    readonly isPinStale: boolean
  }[]
}

type Data = Readonly<Record<string, unknown>>

interface Lying {
  readonly lockerId: string
  /** Whose PIN opens it; null: it was handed in, and no PIN does. */
  readonly recipientId: string | null
}

/**
 * @returns no parcels when all is confirmed; null when the epoch did not begin with a restore, or
 * facts are missing that only somebody who looks inside can make up for
 */
export function confirmationOf(
  facts: FactStore,
  { kioskId, epoch }: { readonly kioskId: string; readonly epoch: string },
): Confirmation | null {
  if (facts.firstType(kioskId, epoch) !== RESTORED) return null
  return confirmationBy(facts.factsOf(kioskId, epoch), (previous) =>
    facts.factsOf(kioskId, previous),
  )
}

type Text = Pick<StoredFact, 'seq' | 'type' | 'body'>

/** @param own of the epoch that began with the restore */
export function confirmationBy(
  own: readonly Text[],
  factsOf: (epoch: string) => readonly Text[],
): Confirmation | null {
  const [first] = own
  if (first === undefined) return null
  const { previousEpoch, knownSeq } = dataOf(first)
  const before = factsOf(String(previousEpoch))
  const cum = before.at(-1)?.seq ?? 0
  if (typeof knownSeq === 'number' && cum < knownSeq) return null
  const lying = new LyingParcels()
  const stale = new Set<unknown>()
  for (const fact of before) {
    lying.follow(fact)
    if (fact.seq >= first.seq && PIN_CHANGED.has(fact.type)) stale.add(dataOf(fact)['recipientId'])
  }
  for (const fact of own) lying.follow(fact)
  const confirmed = new Set(own.flatMap(confirmedIn))
  const parcels = [...lying.byId]
    .filter(([id]) => !confirmed.has(id))
    .map(([id, { lockerId, recipientId }]) => ({
      id,
      lockerId,
      isPinStale: recipientId !== null && stale.has(recipientId),
    }))
  return { after: { epoch: String(previousEpoch), cum }, parcels }
}

const PIN_CHANGED: ReadonlySet<string | null> = new Set(['pin-revoked/1', 'pin-expired/1'])

/** It is not there any more, or somebody says that it is not what should be there. */
const GONE: ReadonlySet<string | null> = new Set([
  'parcel-collected/1',
  'parcel-missed/1',
  'parcel-recalled/1',
  'parcel-retrieved/1',
  'locker-disputed/1',
])

/** A parcel's right is spent when its door is seen open for it, whatever follows. */
class LyingParcels {
  readonly byId = new Map<string, Lying>()
  readonly #pickups = new Map<unknown, readonly string[]>()

  follow(fact: Text): void {
    const { parcelId, lockerId, recipientId, found, openingId } = dataOf(fact)
    this.#followPickup(fact)
    if (fact.type === 'door-opened/1') {
      for (const id of this.#pickups.get(openingId) ?? []) this.byId.delete(id)
    }
    if (typeof parcelId !== 'string') return
    const isEmpty = fact.type === 'locker-inspected/1' && found === 'empty'
    if (GONE.has(fact.type) || isEmpty) this.byId.delete(parcelId)
    const isReturn = fact.type === 'parcel-handed-in/1'
    if (!isReturn && fact.type !== 'parcel-deposited/1') return
    const owner = isReturn ? null : String(recipientId)
    this.byId.set(parcelId, { lockerId: String(lockerId), recipientId: owner })
  }

  #followPickup(fact: Text): void {
    if (fact.type !== 'opening-authorised/1') return
    const { purpose, parcelIds } = dataOf(fact)
    if (purpose === 'pickup') this.#pickups.set(fact.seq, parcelIds as readonly string[])
  }
}

/** After these the kiosk knows by itself where it lies. */
const KNOWN: ReadonlySet<string | null> = new Set(['parcel-deposited/1', 'parcel-handed-in/1'])

function confirmedIn(fact: Text): readonly string[] {
  if (KNOWN.has(fact.type)) return [String(dataOf(fact)['parcelId'])]
  if (fact.type !== 'parcels-confirmed/1') return []
  const { parcels } = dataOf(fact) as { parcels: readonly { parcelId: string }[] }
  return parcels.map(({ parcelId }) => parcelId)
}

function dataOf(fact: Text): Data {
  return readEvent(fact.body, fact.seq).event?.data ?? {}
}

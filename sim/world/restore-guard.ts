// The law of a ledger that was put back: its first fact says so, and of what it says of a locker
// nobody's right opens anything before central has confirmed it, or somebody has looked.

interface Fact {
  readonly kind: string
  readonly data: Readonly<Record<string, unknown>>
}

interface Place {
  readonly lockerId: string
}

/** After these somebody knows what lies there. */
const SETTLED = ['locker-inspected', 'locker-released', 'parcel-deposited']
const SEEN_AT_AUDIT = ['matches', 'empty']
/** What a technician or an auditor opens to look. */
const LOOKS = ['technician', 'inspection']

export class RestoreGuard {
  readonly #violated: (what: string) => void
  readonly #count: (name: string) => void
  readonly #doubted = new Set<string>()
  #isDue = false

  constructor(violated: (what: string) => void, count: (name: string) => void) {
    this.#violated = violated
    this.#count = count
  }

  /** @param isOlder the present ledger had facts that the copy lacks */
  putBack(isOlder: boolean): void {
    this.#isDue = isOlder
    this.#count(isOlder ? 'older copy put back' : 'same copy put back')
  }

  stored({ kind, data }: Fact): void {
    if (this.#isDue && kind !== 'ledger-restored') {
      this.#violated(`an older copy is taken for the present: it begins with ${kind}`)
    }
    this.#isDue = false
    const lockerId = String(data['lockerId'])
    if (kind === 'ledger-restored') {
      for (const id of data['lockerIds'] as readonly string[]) this.#doubted.add(id)
    }
    if (kind === 'opening-authorised') this.#checkOpening(lockerId, data)
    if (kind === 'parcels-confirmed') {
      for (const place of data['parcels'] as readonly Place[]) this.#doubted.delete(place.lockerId)
    }
    const isSeen = kind === 'locker-audited' && SEEN_AT_AUDIT.includes(String(data['answer']))
    if (isSeen || SETTLED.includes(kind)) this.#doubted.delete(lockerId)
  }

  #checkOpening(lockerId: string, { purpose, parcelIds, by }: Fact['data']): void {
    if (!this.#doubted.has(lockerId)) return
    const { role } = by as { readonly role: string }
    if (LOOKS.includes(String(purpose)) && role !== 'courier') return
    this.#violated(`${purpose} of ${parcelIds} opens ${lockerId}, of which only a copy tells`)
  }
}

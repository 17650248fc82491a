// The promises of the design, checked from outside: against the cabinet, the boards, central and
// the ledger's facts, never against the kiosk's own memory.

import type { KioskConfig } from '../../src/kiosk/config.ts'
import type { KioskAction } from '../../src/kiosk/events.ts'
import type { DeadlineMove } from '../../src/kiosk/standstill-facts.ts'
import type { View } from '../../src/kiosk/view.ts'
import type { Ledger } from '../../src/store/ledger.ts'
import { verifyLedger } from '../../src/store/verify.ts'
import { misfitOfOwnFact } from '../../src/sync/contract/check-fact.ts'
import type { Cabinet, Compartment } from '../cabinet.ts'
import { FairClock } from './fair-clock.ts'
import type { Death } from './lives.ts'
import { RestoreGuard } from './restore-guard.ts'

/** A pulse may reach the board this long after its expiry: line, board and retries. */
const LINE_SLACK_MS = 400
const COIL_ON_MAX_MS = 1_500
/** A reading this fresh may still lie in the mailbox. */
const MAILBOX_MS = 1

/** After these a parcel may be handed in, be it once more. */
const REOPENS = new Set(['hand-in-cancelled', 'hand-in-interrupted', 'hand-in-resumed'])

type Unlock = Extract<KioskAction, { kind: 'unlock' }>

interface Fact {
  readonly seq: number
  readonly kind: string
  readonly body: string
  readonly data: Record<string, unknown>
}

/** What central signed: one locker, and until when it may be opened. */
interface Signed {
  readonly lockerId: string
  readonly endsAtMs: number
}

interface Order extends Unlock {
  readonly lockerId: string
  isFired: boolean
}

function roleOf(fact: Fact | undefined): unknown {
  return (fact?.data['by'] as { readonly role: unknown } | undefined)?.role
}

export class Checkers {
  readonly facts: Fact[] = []
  readonly violations: string[] = []
  /** How often the interesting things happened: a run in which none did proves nothing. */
  readonly counts: Record<string, number> = {}
  /** The newest audit of the whole wall that came to its end. */
  completedAudit = 0
  readonly #nowMs: () => number
  readonly #guessesADayMax: number
  readonly #remoteOpeningsMax: number
  readonly #fairClock: FairClock
  readonly #restores: RestoreGuard
  readonly #cabinet: Cabinet
  readonly #orders = new Map<string, Order>()
  readonly #signed = new Map<string, Signed>()
  readonly #sprung = new Set<number>()
  readonly #readings = new Map<string, { state: string; atMs: number }>()
  /** By parcel: the facts that authorised its openings; a copy may hold one that was under way. */
  readonly #pickups = new Map<string, Set<Fact>>()
  /** Opened in a past that the ledger was put back before. */
  readonly #openedBefore = new Set<string>()
  /** By parcel: whose it is. */
  readonly #recipients = new Map<string, string>()
  /** By parcel: the locker that it was given last. */
  readonly #places = new Map<string, string>()
  readonly #handedIn = new Set<string>()
  /** By return: until when its spent code opens its locker once more. */
  readonly #spent = new Map<string, number>()
  readonly #reopenMs: number
  readonly #pins = new Set<string>()
  readonly #coils = new Map<string, number>()
  /** The newest fact that had an effect outside the process: it must survive everything. */
  #shownSeq = 0
  /** The ledger that is opened next is an older copy. */
  #isPutBack = false
  /** The newest fact of the lives before. */
  #inheritedSeq = 0

  constructor(parts: {
    readonly nowMs: () => number
    readonly cabinet: Cabinet
    readonly kiosk: KioskConfig
  }) {
    this.#guessesADayMax = parts.kiosk.policy.guessesADayMax
    this.#remoteOpeningsMax = parts.kiosk.policy.remoteOpeningsIn10MinMax
    this.#reopenMs = parts.kiosk.policy.reopenMs
    this.#nowMs = parts.nowMs
    this.#cabinet = parts.cabinet
    const violated = (what: string) => this.violated(what)
    this.#fairClock = new FairClock({ kiosk: parts.kiosk, nowMs: parts.nowMs, violated })
    this.#restores = new RestoreGuard(violated, (name) => this.count(name))
  }

  violated(what: string): void {
    this.violations.push(`${this.#nowMs().toFixed(1)} ms: ${what}`)
  }

  count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1
  }

  signed(commandId: string, order: Signed): void {
    this.#signed.set(commandId, order)
  }

  pinMade(pin: string): void {
    this.#pins.add(pin)
  }

  /** After every committed turn: what is new in the ledger. */
  stored(ledger: Ledger): void {
    const rows = ledger.outboxAfter(this.facts.length, { countMax: 1_000, bytesMax: 1e9 })
    const before = this.facts.length
    for (const { seq, body } of rows) {
      const { type, data } = JSON.parse(body)
      const fact = { seq, body, kind: String(type).replace(/\/\d+$/, ''), data }
      this.facts.push(fact)
      this.count(fact.kind)
      const misfit = misfitOfOwnFact(fact.kind, data)
      if (misfit !== null) this.violated(`not as the contract says: ${misfit}`)
      this.#restores.stored(fact)
      this.#checkFact(fact)
      this.secretsAbsent(body)
    }
    for (const fact of this.facts.slice(before)) this.#checkLook(fact, ledger)
  }

  /** Whoever audits here tells the truth: what the ledger makes of it must be the truth, too. */
  #checkLook({ kind, data }: Fact, ledger: Ledger): void {
    if (kind === 'audit-ended' && data['cause'] === 'completed') {
      const auditId = Number(data['auditId'])
      if (this.facts[auditId - 1]?.data['choice'] === 'all') this.completedAudit = auditId
    }
    if (kind !== 'locker-audited') return
    this.count(`audited ${data['healing']}`)
    if (data['answer'] === 'unknown' || data['answer'] === 'not-opened') return
    const lockerId = String(data['lockerId'])
    const { contents } = this.#cabinet.at(lockerId)
    const row = ledger.locker(lockerId)
    if (row?.state === 'free' && contents.length > 0) {
      this.violated(`locker ${lockerId} is free after an audit, and ${contents} lies in it`)
    }
    const known = ledger.parcelsAt(lockerId).map(({ id }) => id)
    if (row?.state === 'occupied' && !known.every((id) => contents.includes(id))) {
      this.violated(`locker ${lockerId} holds ${contents} after an audit, not ${known}`)
    }
  }

  #checkFact({ kind, data }: Fact): void {
    const lockerId = String(data['lockerId'])
    if (kind === 'deadlines-moved') this.#fairClock.moved(data['moved'] as DeadlineMove[])
    const isStart = kind === 'deposit-started' || kind === 'hand-in-started'
    if (isStart) this.#checkAssignment(lockerId, data)
    if ((isStart || kind === 'door-forced') && this.#isUnseen(lockerId)) {
      this.violated(`${kind} at locker ${lockerId}, whose sensor is distrusted`)
    }
    if (kind === 'command-obeyed') this.#checkOrder(data)
    this.#checkHandIn(kind, data)
    this.#checkCode(kind, data)
    // A new deposit is a new right, with a new PIN.
    if (kind === 'parcel-deposited') this.#pickups.delete(String(data['parcelId']))
    if (kind === 'ledger-restored')
      for (const id of this.#pickups.keys()) this.#openedBefore.add(id)
    // The ledger never knew of that opening; somebody has seen that the parcel still lies there.
    if (kind === 'locker-audited' && data['healing'] === 'confirmed') {
      for (const id of data['parcelIds'] as readonly string[]) {
        if (this.#openedBefore.delete(id)) this.#pickups.delete(id)
      }
    }
    if (kind !== 'door-opened') return
    const authorised = this.facts[Number(data['openingId']) - 1]
    if (authorised?.data['purpose'] !== 'pickup') return
    for (const parcelId of authorised.data['parcelIds'] as readonly string[]) {
      // A copy had an opening under way; the board has counted what came of it in what is lost.
      if (data['witness'] === 'counter' && this.#openedBefore.has(parcelId)) continue
      const openings = this.#pickups.get(parcelId) ?? new Set()
      this.#pickups.set(parcelId, openings.add(authorised))
      if (openings.size > 1) this.violated(`the PIN of ${parcelId} opened ${openings.size} times`)
    }
  }

  /** A locker that is handed out is empty, or holds parcels of the same recipient alone. */
  #checkAssignment(lockerId: string, { parcelId, recipientId, isTogether }: Fact['data']): void {
    this.#recipients.set(String(parcelId), String(recipientId))
    this.#places.set(String(parcelId), lockerId)
    const compartment = this.#cabinet.at(lockerId)
    const { contents } = compartment
    if (isTogether === true) {
      this.count('put together')
      if (this.#ownersIn(compartment).some((owner) => owner !== recipientId)) {
        this.violated(`${parcelId} is put into locker ${lockerId}, where somebody else’s lies`)
      }
    } else if (contents.length > 0) {
      this.violated(`locker ${lockerId} was handed out with a parcel inside`)
    }
  }

  /** Parcels in one locker are always of one recipient. */
  shut(compartment: Compartment): void {
    const { locker, contents } = compartment
    const owners = new Set(this.#ownersIn(compartment))
    if (owners.size > 1) this.violated(`${contents} of several people lie in ${locker.id}`)
    if (contents.length > 1) this.count('shut on several parcels')
  }

  /** Of what was put there; what a thief has left is nobody's doing. */
  #ownersIn({ locker, contents }: Compartment): readonly (string | undefined)[] {
    const own = contents.filter((label) => this.#places.get(label) === locker.id)
    return own.map((label) => this.#recipients.get(label))
  }

  /** Only what central signed for this locker, while it was fresh, once, and within the budget. */
  #checkOrder({ commandId, lockerId, openingId }: Fact['data']): void {
    const id = String(commandId)
    const order = this.#signed.get(id)
    if (order === undefined) return this.violated(`${id} was never signed, and was obeyed`)
    if (order.lockerId !== lockerId) this.violated(`${id} was for another locker than ${lockerId}`)
    if (order.endsAtMs < this.#nowMs()) this.violated(`${id} was obeyed too late`)
    const obeyed = this.facts.filter(({ kind }) => kind === 'command-obeyed')
    if (obeyed.filter(({ data }) => data['commandId'] === id).length > 1) {
      this.violated(`${id} was obeyed twice`)
    }
    // A whole run is shorter than the ten minutes of the budget.
    if (obeyed.length > this.#remoteOpeningsMax) {
      this.violated(`${obeyed.length} doors were opened from afar`)
    }
    const authorised = this.facts[Number(openingId) - 1]
    if (roleOf(authorised) !== 'central') this.violated(`${id} names no opening of central`)
  }

  /** What is said to be handed in lies there, and once; what a courier has taken out does not. */
  #checkHandIn(kind: string, data: Record<string, unknown>): void {
    const parcelId = String(data['parcelId'])
    const isTwice = this.#handedIn.has(parcelId)
    this.#followHandIn(kind, parcelId)
    if (kind !== 'parcel-handed-in') return
    const { contents } = this.#cabinet.at(String(data['lockerId']))
    if (!contents.includes(parcelId)) {
      this.violated(`${parcelId} is handed in, and “${contents}” lies there`)
    }
    if (isTwice) this.violated(`${parcelId} is handed in twice`)
  }

  /** A code is good for one hand-in, and for a short look after it. */
  #checkCode(kind: string, { parcelId, parcelIds, purpose }: Fact['data']): void {
    if (kind === 'hand-in-cancelled' || kind === 'hand-in-interrupted') {
      this.#spent.delete(String(parcelId))
    }
    if (kind === 'parcel-handed-in' && !this.#spent.has(String(parcelId))) {
      this.#spent.set(String(parcelId), this.#nowMs() + this.#reopenMs)
    }
    if (kind !== 'opening-authorised' || purpose !== 'hand-in') return
    for (const id of parcelIds as readonly string[]) {
      if ((this.#spent.get(id) ?? Infinity) >= this.#nowMs()) continue
      this.violated(`the code of ${id} is spent, and opened again`)
    }
  }

  #followHandIn(kind: string, parcelId: string): void {
    if (REOPENS.has(kind)) this.#handedIn.delete(parcelId)
    if (kind === 'parcel-handed-in') this.#handedIn.add(parcelId)
  }

  /** By the chain, which outlives every start. */
  #isUnseen(lockerId: string): boolean {
    const judged = this.facts.findLast(
      ({ kind, data }) =>
        (kind === 'door-distrusted' || kind === 'door-trusted') && data['lockerId'] === lockerId,
    )
    return judged?.kind === 'door-distrusted'
  }

  secretsAbsent(text: string): void {
    for (const pin of this.#pins) if (text.includes(pin)) this.violated('a PIN left in the clear')
  }

  /** Something left the process: all that is stored by now must never be taken back. */
  performed(ledger: Ledger): void {
    this.#shownSeq = ledger.headSeq()
  }

  ordered(unlock: Unlock, lockerId: string): void {
    this.#orders.set(lockerId, { ...unlock, lockerId, isFired: false })
    if (unlock.openingId <= this.#inheritedSeq) {
      this.violated(`locker ${lockerId} is pulsed again for an opening from before the start`)
    }
    const authorised = this.facts[unlock.openingId - 1]
    if (authorised?.kind !== 'opening-authorised' || authorised.data['lockerId'] !== lockerId) {
      this.violated(`locker ${lockerId} is to be opened without a stored reason`)
    }
    const isOrdered = this.facts.some(
      ({ kind, data }) => kind === 'command-obeyed' && data['openingId'] === unlock.openingId,
    )
    if (roleOf(authorised) === 'central' && !isOrdered) {
      this.violated(`locker ${lockerId} is to be opened for central, which ordered nothing`)
    }
  }

  /** @returns the opening that the pulse belongs to */
  pulsed(compartment: Compartment, ms: number): void {
    const { id } = compartment.locker
    const order = this.#orders.get(id)
    this.count('pulse')
    if (order === undefined) this.violated(`locker ${id} was pulsed without any order`)
    else if (order.isFired) this.violated(`locker ${id} was pulsed twice for one order`)
    else if (this.#nowMs() > order.expiresAtMonoMs + LINE_SLACK_MS) {
      this.violated(`locker ${id} was pulsed after its order had expired`)
    }
    if (order !== undefined) order.isFired = true
    if (ms > COIL_ON_MAX_MS) this.violated(`a coil was on for ${ms} ms`)
    this.#coils.set(id, this.#nowMs())
    if (this.#coils.size > 1) this.violated(`${this.#coils.size} coils were on at once`)
  }

  rested(compartment: Compartment): void {
    this.#coils.delete(compartment.locker.id)
  }

  /** The lock let the door go. */
  sprang(compartment: Compartment): void {
    const order = this.#orders.get(compartment.locker.id)
    if (order !== undefined) this.#sprung.add(order.openingId)
  }

  read(lockerId: string, state: string): void {
    this.#readings.set(lockerId, { state, atMs: this.#nowMs() })
    this.#fairClock.read(lockerId)
  }

  boardSilent(lockerId: string): void {
    this.#readings.delete(lockerId)
    this.#fairClock.silent(lockerId)
  }

  died(cause: Death): void {
    this.#isPutBack = cause === 'restore'
    this.count(`dies of ${cause}`)
    this.#fairClock.died()
  }

  shown(view: View): void {
    const { screen } = view
    this.count(`screen ${screen.kind}`)
    this.secretsAbsent(JSON.stringify(view))
    if (!screen.kind.endsWith('-open') || !('lockerId' in screen)) return
    const reading = this.#readings.get(screen.lockerId)
    if (reading?.state === 'closed' && this.#nowMs() - reading.atMs > MAILBOX_MS) {
      this.violated(`the screen says ${screen.kind} of ${screen.lockerId}, the sensor says closed`)
    }
  }

  /** What was told of the time since the copy is gone, and begins anew. */
  #goBackTo(ledger: Ledger): void {
    const headSeq = ledger.headSeq()
    this.#restores.putBack(headSeq < this.facts.length)
    this.#shownSeq = Math.min(this.#shownSeq, headSeq)
    this.facts.length = Math.min(this.facts.length, headSeq)
    for (const id of this.#sprung) if (id > headSeq) this.#sprung.delete(id)
    this.#handedIn.clear()
    this.#spent.clear()
    for (const { kind, data } of this.facts) this.#followHandIn(kind, String(data['parcelId']))
    this.completedAudit = 0
    this.#fairClock.putBack()
  }

  /** After a restart: nothing that had an effect may be gone or changed. */
  survived(ledger: Ledger): void {
    if (this.#isPutBack) this.#goBackTo(ledger)
    this.#isPutBack = false
    if (ledger.headSeq() < this.#shownSeq) {
      this.violated(`facts up to ${this.#shownSeq} had effects, ${ledger.headSeq()} are left`)
    }
    const [row] = ledger.outboxAfter(this.#shownSeq - 1, { countMax: 1, bytesMax: 1e9 })
    if (this.#shownSeq > 0 && row?.body !== this.facts[this.#shownSeq - 1]?.body) {
      this.violated(`fact ${this.#shownSeq} changed over a restart`)
    }
    // What was stored without any effect may rightly be gone: the power went in between.
    this.facts.length = Math.min(this.facts.length, ledger.headSeq())
  }

  lifeBegan(ledger: Ledger): void {
    this.#inheritedSeq = ledger.headSeq()
    // A right PIN ends a wait, but nothing gives the day's budget back in so short a time.
    const refused = this.facts.filter(({ kind }) => kind === 'entry-refused').length
    const counted = Math.min(refused, this.#guessesADayMax)
    if (ledger.budgetSpent() < counted) {
      this.violated(`${counted} wrong entries were counted, ${ledger.budgetSpent()} at the start`)
    }
  }

  /** At the end: the chain is whole, and the tables say what the facts say. */
  provable(ledgerPath: string): void {
    const verdict = verifyLedger(ledgerPath)
    if (verdict.kind === 'broken')
      this.violated(`fact ${verdict.fault.seq}: ${verdict.fault.words}`)
    if (verdict.kind === 'differs') this.violated(verdict.words)
  }

  /**
   * Every opening that the lock made is in the chain, seen or as of unknown outcome. A door that
   * opens after another one was taken for it is there too, as forced.
   */
  openingsAccounted(): void {
    for (const openingId of this.#sprung) {
      const ends = this.facts.filter(
        ({ kind, data }) =>
          data['openingId'] === openingId &&
          (kind === 'door-opened' ||
            kind === 'opening-unproven' ||
            kind === 'door-crossed' ||
            (kind === 'opening-failed' && data['code'] === 'LK-DOOR-03')),
      )
      if (ends.length === 0) this.violated(`opening ${openingId} sprang and is in no chain`)
    }
  }
}

// Who did what a fact tells, and why. Every fact has an actor: a person, the kiosk that saw it by
// its sensors, or somebody who is not known. The answer follows from the fact alone, so that
// whoever checks the chain can hold the one against the other.
import type { StaffRole } from './desired.ts'
import type { Actor, Fact } from './facts.ts'
import { isReturnFact, type ReturnFact } from './return-facts.ts'

export interface Doer {
  readonly role: Actor['role'] | 'unknown'
  readonly id?: string
}

const KIOSK: Doer = { role: 'kiosk' }
/** In front of the kiosk, and nobody has shown a right. */
const UNKNOWN: Doer = { role: 'unknown' }

type NamingFact = Extract<Fact, { data: { readonly by: Actor } }>

export function doerOf(fact: Fact): Doer {
  if (isReturnFact(fact)) return doerOfReturn(fact)
  return namesDoer(fact) ? fact.data.by : doerByKind(fact)
}

function namesDoer(fact: Fact): fact is NamingFact {
  return 'by' in fact.data
}

function doerByKind(fact: Exclude<Fact, NamingFact | ReturnFact>): Doer {
  switch (fact.kind) {
    case 'courier-signed-in':
    case 'courier-token-used':
    case 'deposit-started':
    case 'deposit-cancelled':
    case 'parcel-not-deposited':
      return { role: 'courier', id: fact.data.courierId }
    case 'staff-signed-in':
      return staffOf(fact.data)
    case 'staff-signed-out':
      return fact.data.isIdle ? KIOSK : staffOf(fact.data)
    case 'break-glass-used':
      return { role: 'break-glass', id: fact.data.codeId }
    case 'session-revoked':
    case 'configuration-applied':
      return { role: 'central' }
    case 'courier-signed-out':
      return fact.data.isIdle ? KIOSK : { role: 'courier', id: fact.data.courierId }
    case 'parcel-deposited':
      // After an inspection nobody knows any more who put it in.
      return fact.data.courierId === '' ? UNKNOWN : { role: 'courier', id: fact.data.courierId }
    case 'desk-answered':
      return { role: 'operator' }
    case 'parcel-collected':
    case 'parcel-complained':
    case 'pickup-token-used':
    case 'reach-refused':
      return { role: 'recipient' }
    case 'entry-refused':
    case 'token-refused':
    case 'door-forced':
    case 'cabinet-opened':
      return UNKNOWN
    case 'kiosk-started':
    case 'ledger-restored':
    case 'standstill-began':
    case 'standstill-ended':
    case 'deadlines-moved':
    case 'opening-failed':
    case 'door-opened':
    case 'door-closed':
    case 'door-left-open':
    case 'opening-unproven':
    case 'door-distrusted':
    case 'contents-distrusted':
    case 'door-crossed':
    case 'cabinet-closed':
    case 'mains-lost':
    case 'mains-returned':
    case 'deposit-interrupted':
    case 'locker-released':
    case 'locker-doubted':
    case 'personal-data-erased':
    case 'history-cut':
    case 'reminder-due':
    case 'guessing-suspected':
    case 'pin-reissued':
    case 'pin-expired':
    case 'firmware-compared':
      return KIOSK
  }
}

function doerOfReturn(fact: ReturnFact): Doer {
  switch (fact.kind) {
    case 'return-withdrawn':
      return { role: 'central' }
    case 'return-expected':
    case 'return-expired':
    case 'hand-in-interrupted':
      return KIOSK
    case 'hand-in-started':
    case 'hand-in-resumed':
    case 'hand-in-cancelled':
    case 'parcel-not-handed-in':
      return { role: 'recipient' }
    case 'parcel-handed-in':
      // After an inspection nobody knows any more who put it in.
      return fact.data.proof === 'inspected' ? UNKNOWN : { role: 'recipient' }
  }
}

function staffOf({ role, staffId }: { role: StaffRole; staffId: string }): Doer {
  return { role, id: staffId }
}

/** A person's own words, or the code or cause that the kiosk knows; null when there is none. */
export function whyOf({ data }: Fact): string | null {
  if ('reason' in data) return data.reason
  if ('code' in data) return data.code
  return 'cause' in data ? data.cause : null
}

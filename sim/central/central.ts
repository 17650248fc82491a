// The reference central: takes facts over, answers requests, signs what it sends. Small on purpose,
// it shows an integrator what the contract asks of a central, and nothing of a real one's business.
import { createHmac } from 'node:crypto'
import type {
  DesiredParcel,
  DesiredRecipient,
  DesiredStaff,
  StreamName,
  StreamRows,
} from '../../src/kiosk/desired.ts'
import { checkDown } from '../../src/sync/contract/validate.ts'
import type { Place } from './desired-store.ts'
import {
  CentralExchange,
  type CentralKiosk,
  type CentralOptions,
  type Rejection,
} from './exchange.ts'
import type { FactCounters, Letter, StoredFact } from './fact-store.ts'
import { loadCentralKeys } from './keys.ts'

interface CentralCounters extends FactCounters {
  deltas: number
  snapshots: number
  /** Up messages that are not of the contract. */
  refused: number
  /** Refusals that kiosks reported. */
  rejections: number
}

type At<Row> = Row & { readonly kioskId: string }

export interface Central {
  announce(parcel: At<DesiredParcel>): void
  withdraw(parcel: { readonly kioskId: string; readonly id: string }): void
  setRecipient(recipient: At<DesiredRecipient>): void
  setCourier(courier: At<Omit<DesiredStaff, 'role' | 'verifier'>> & { readonly code: string }): void
  letters(): readonly Letter[]
  facts(): readonly StoredFact[]
  /** The newest ones. */
  rejections(): readonly Rejection[]
  /** Presence as the kiosks' retained `state` tells it: a hint, no more. */
  presence(kioskId: string): { readonly isOnline: boolean } | null
  counters(): Readonly<CentralCounters>
  /** Resolves once what has arrived so far is handled. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** @see docs/contract, "Access codes" */
export function accessVerifier({ kioskId, staffKey }: CentralKiosk, code: string): string {
  return createHmac('sha256', Buffer.from(staffKey, 'base64url'))
    .update(`access|${kioskId}|${code}`)
    .digest('base64url')
}

interface Needs {
  readonly weightGrams?: number | null
  readonly needsReach?: boolean
}

/** What was said about them, and nothing else: what is absent has its default at the kiosk. */
function needsOf({ weightGrams, needsReach }: Needs): Needs {
  return {
    ...(weightGrams === undefined ? {} : { weightGrams }),
    ...(needsReach === undefined ? {} : { needsReach }),
  }
}

export async function openCentral(options: CentralOptions): Promise<Central> {
  const central = new CentralExchange(options, await loadCentralKeys(options.folder))
  const { desired, facts } = central
  const kioskOf = (kioskId: string): CentralKiosk => {
    const kiosk = options.kiosks.find((candidate) => candidate.kioskId === kioskId)
    if (kiosk === undefined) throw new Error(`central does not know the kiosk ${kioskId}`)
    return kiosk
  }
  /** Throws at once when a kiosk would refuse the row. */
  const put = <S extends StreamName>(place: Place & { stream: S }, row: StreamRows[S]): void => {
    const { kioskId, stream } = place
    kioskOf(kioskId)
    const delta = { v: 1, k: kioskId, t: 0, stream, from: 0, to: 1, ops: [{ put: row }] }
    const checked = checkDown('delta', delta)
    if (!checked.isValid) throw new Error(`the row does not fit the contract: ${checked.detail}`)
    central.enqueue(() => central.change(kioskId, stream, () => void desired.put(place, row)))
  }
  return {
    announce: ({ kioskId, id, tracking, size, recipientId, ...needs }) =>
      put({ kioskId, stream: 'parcel' }, { id, tracking, size, recipientId, ...needsOf(needs) }),
    withdraw: ({ kioskId, id }) => {
      kioskOf(kioskId)
      const remove = (): void => central.forget(kioskId, id)
      central.enqueue(() => central.change(kioskId, 'parcel', remove))
    },
    setRecipient: ({ kioskId, id, label, ...needs }) =>
      put({ kioskId, stream: 'directory' }, { id, label, ...needsOf(needs) }),
    setCourier: ({ kioskId, id, label, code }) => {
      const verifier = accessVerifier(kioskOf(kioskId), code)
      put({ kioskId, stream: 'staff' }, { id, role: 'courier', label, verifier })
    },
    letters: () => facts.letters(),
    facts: () => facts.facts(),
    rejections: () => [...central.refusals],
    presence: (kioskId) => central.sessions.get(kioskId) ?? null,
    counters: () => ({ ...facts.counters, ...central.counts }),
    settled: () => central.queue,
    close: () => central.close(),
  }
}

// What lies in the lockers: which parcels, for whom, and the state that a locker is in by them. A
// locker is given to one recipient at a time, and free again only when nothing is left to look for.
import type { Database } from 'better-sqlite3'
import type { Fact } from '../kiosk/facts.ts'
import type { LockerState, ParcelState } from '../kiosk/ledger.ts'

type DataOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>['data']

type DepositFact = Extract<Fact, { kind: `deposit-${string}` | 'parcel-deposited' }>

/** In which state a locker is by one of its parcels; the first one counts. */
const BY_PARCEL: readonly (readonly [ParcelState, LockerState])[] = [
  ['depositing', 'reserved'],
  ['handing-in', 'reserved'],
  ['missing', 'disputed'],
  ['unconfirmed', 'unverified'],
  ['recalled', 'awaiting-courier'],
  ['handed-in', 'awaiting-courier'],
  ['deposited', 'occupied'],
]

type Statements = ReturnType<typeof prepareStatements>

function prepareStatements(db: Database) {
  const run = (sql: string) => db.prepare(sql)
  return {
    assign: run('INSERT INTO assignments (id, recipient_id) VALUES (@lockerId, @recipientId)'),
    // Refused while a parcel refers to it.
    unassign: run('DELETE FROM assignments WHERE id = ?'),
    unassignEmpty: run(`DELETE FROM assignments
      WHERE id = @lockerId AND NOT EXISTS (SELECT 1 FROM parcels WHERE locker_id = @lockerId)`),
    // A walk-up parcel is new to the ledger, an announced one is not.
    parcelDepositing: run(`INSERT INTO parcels
      VALUES (@parcelId, 'depositing', NULL, @size, @recipientId, @lockerId, @courierId, 0, @seq,
              NULL, 0, @seq, NULL, 0)
      ON CONFLICT (id) DO UPDATE
        SET state = excluded.state, locker_id = excluded.locker_id,
            courier_id = excluded.courier_id, deposit_seq = excluded.deposit_seq`),
    parcelState: run('UPDATE parcels SET state = ? WHERE id = ?'),
    placeOf: db.prepare<
      [string],
      { locker_id: string | null; recipient_id: string; state: ParcelState }
    >('SELECT locker_id, recipient_id, state FROM parcels WHERE id = ?'),
    parcelAway: run('UPDATE parcels SET locker_id = NULL WHERE id = ?'),
    parcelHere: run('UPDATE parcels SET locker_id = @lockerId WHERE id = @parcelId'),
    assignOnce: run(`INSERT INTO assignments (id, recipient_id)
      SELECT @lockerId, @recipientId
      WHERE NOT EXISTS (SELECT 1 FROM assignments WHERE id = @lockerId)`),
    lockerInDoubt: run(`UPDATE lockers SET state = 'unverified'
      WHERE id = ? AND state IN ('free', 'clearing')`),
    // What still waits goes on waiting; what was recalled is never handed to its recipient again.
    parcelFound: run(`UPDATE parcels SET state = 'unconfirmed'
      WHERE id = ? AND state NOT IN ('recalled', 'deposited', 'handed-in')`),
    // What was put in and is not there has been lost; what never was goes on with its courier.
    parcelOut: run(`UPDATE parcels
      SET state = CASE WHEN state = 'collected' THEN state
                       WHEN is_announced = 1 AND state IN ('depositing', 'unconfirmed')
                         THEN 'announced'
                       ELSE 'withdrawn' END,
          locker_id = NULL
      WHERE id = ?`),
    endedOut: run(`UPDATE parcels SET locker_id = NULL
      WHERE locker_id = ? AND state IN ('collected', 'withdrawn')`),
    statesAt: db
      .prepare<[string], ParcelState>('SELECT state FROM parcels WHERE locker_id = ?')
      .pluck(),
    lockerSet: run(`UPDATE lockers
      SET state = @state, courier_id = @courierId, return_id = @returnId, is_proven_empty = 0
      WHERE id = @lockerId`),
    lockerBy: run(`UPDATE lockers
      SET state = @state, is_proven_empty = 0,
          courier_id = CASE WHEN @state IN ('reserved', 'unverified') THEN courier_id END,
          return_id = CASE WHEN @state IN ('reserved', 'unverified') THEN return_id END
      WHERE id = @lockerId AND (state <> 'disputed' OR @state = 'occupied')`),
    lockerState: run('UPDATE lockers SET state = ? WHERE id = ?'),
  }
}

export function prepareLockerProjection(db: Database) {
  const to = prepareStatements(db)
  return {
    deposit: (fact: DepositFact, seq: number) => projectDeposit(to, fact, seq),
    collected: (data: DataOf<'parcel-collected'>) => projectCollected(to, data),
    recalled: (data: DataOf<'parcel-recalled'>) => projectRecalled(to, data),
    retrieved: (data: DataOf<'parcel-retrieved'>) => projectRetrieved(to, data),
    inspected: (data: DataOf<'locker-inspected'>) => projectInspected(to, data),
    disputed: (data: DataOf<'locker-disputed'>) => projectDisputed(to, data),
    released: (data: DataOf<'locker-released'>) => free(to, data.lockerId),
    /** For a return, whose parcel is told to lie there next. */
    assigned(lockerId: string, recipientId: string): void {
      to.assign.run({ lockerId, recipientId })
    },
    returnHeld: (held: HeldReturn) => holdReturn(to, held),
    returnCancelled: (place: Place) => cancelReturn(to, place),
  }
}

export type LockerProjection = ReturnType<typeof prepareLockerProjection>

interface Place {
  readonly parcelId: string
  readonly lockerId: string
}

interface HeldReturn extends Place {
  readonly state: 'handing-in' | 'unconfirmed' | 'handed-in'
}

function projectDeposit(to: Statements, fact: DepositFact, seq: number): void {
  const { parcelId, lockerId } = fact.data
  switch (fact.kind) {
    case 'deposit-started': {
      const { size, recipientId, courierId, isTogether } = fact.data
      if (!isTogether) to.assign.run({ lockerId, recipientId })
      to.parcelDepositing.run({ parcelId, size, recipientId, lockerId, courierId, seq })
      return set(to, lockerId, { state: 'reserved', courierId })
    }
    case 'deposit-cancelled':
      to.parcelOut.run(parcelId)
      to.unassignEmpty.run({ lockerId })
      return setByRest(to, lockerId, { state: 'unverified', courierId: fact.data.courierId })
    case 'deposit-interrupted':
      // The parcel may lie inside: the locker keeps its courier until somebody looks.
      to.parcelState.run('unconfirmed', parcelId)
      to.lockerState.run('unverified', lockerId)
      return
    case 'parcel-deposited':
      to.parcelState.run('deposited', parcelId)
      return setByRest(to, lockerId, { state: 'occupied' })
  }
}

function holdReturn(to: Statements, { parcelId, lockerId, state }: HeldReturn): void {
  to.parcelState.run(state, parcelId)
  set(to, lockerId, { state: stateByRest(to, lockerId) ?? 'unverified', returnId: parcelId })
}

/** The carrier of the return looks whether it is empty. */
function cancelReturn(to: Statements, { parcelId, lockerId }: Place): void {
  to.parcelOut.run(parcelId)
  to.unassignEmpty.run({ lockerId })
  set(to, lockerId, { state: stateByRest(to, lockerId) ?? 'unverified', returnId: parcelId })
}

/** It stays in the locker's name: should it still lie inside, whoever looks can say so. */
function projectCollected(to: Statements, data: DataOf<'parcel-collected'>): void {
  to.parcelState.run('collected', data.parcelId)
  setByRest(to, data.lockerId, { state: 'clearing' })
}

function projectRecalled(to: Statements, data: DataOf<'parcel-recalled'>): void {
  to.parcelState.run('recalled', data.parcelId)
  setByRest(to, data.lockerId, { state: 'awaiting-courier' })
}

function projectRetrieved(to: Statements, data: DataOf<'parcel-retrieved'>): void {
  const { parcelId, lockerId, isProvenEmpty } = data
  to.parcelOut.run(parcelId)
  to.unassignEmpty.run({ lockerId })
  if (stateByRest(to, lockerId) === null && isProvenEmpty) free(to, lockerId)
  else setByRest(to, lockerId, { state: 'unverified' })
}

function projectInspected(to: Statements, data: DataOf<'locker-inspected'>): void {
  const { parcelId, lockerId, found } = data
  if (found === 'parcel') {
    if (parcelId === null) return
    if (to.placeOf.get(parcelId)?.locker_id !== lockerId) move(to, { parcelId, lockerId })
    // A parcel-deposited follows as soon as its new PIN is there.
    to.parcelFound.run(parcelId)
    const state = stateByRest(to, lockerId)
    if (state !== null && state !== 'unverified') to.lockerState.run(state, lockerId)
    to.lockerInDoubt.run(lockerId)
    return
  }
  if (parcelId !== null) to.parcelOut.run(parcelId)
  const rest = to.statesAt.all(lockerId)
  if (parcelId === null || rest.length === 0) free(to, lockerId)
  else setByRest(to, lockerId, null)
}

/** It was found in another locker than the ledger had it in, or had been thought collected. */
function move(to: Statements, { parcelId, lockerId }: Place): void {
  const before = to.placeOf.get(parcelId)
  if (before === undefined) return
  const { locker_id: from, recipient_id: recipientId } = before
  to.parcelAway.run(parcelId)
  if (from !== null) {
    to.unassignEmpty.run({ lockerId: from })
    setByRest(to, from, null)
  }
  to.assignOnce.run({ lockerId, recipientId })
  to.parcelHere.run({ parcelId, lockerId })
}

/** Where nothing was known to lie, what was found there is what the dispute is about. */
function projectDisputed(to: Statements, data: DataOf<'locker-disputed'>): void {
  const { lockerId, parcelId } = data
  const place = parcelId === null ? undefined : to.placeOf.get(parcelId)
  const isFound = place?.state === 'collected' && place.locker_id === null
  if (parcelId !== null && isFound && to.statesAt.all(lockerId).length === 0) {
    move(to, { parcelId, lockerId })
  }
  to.lockerState.run('disputed', lockerId)
}

/** A locker that anything still lies in, or may lie in, cannot be freed: the tables refuse it. */
function free(to: Statements, lockerId: string): void {
  to.endedOut.run(lockerId)
  to.unassign.run(lockerId)
  set(to, lockerId, { state: 'free' })
}

/** @returns null when nothing in it is left to be brought in, collected or taken back */
function stateByRest(to: Statements, lockerId: string): LockerState | null {
  const states = new Set(to.statesAt.all(lockerId))
  return BY_PARCEL.find(([state]) => states.has(state))?.[1] ?? null
}

interface LockerChange {
  readonly state: LockerState
  readonly courierId?: string
  readonly returnId?: string
}

/** @param alone when none of its parcels says otherwise; null: it stays as it is */
function setByRest(to: Statements, lockerId: string, alone: LockerChange | null): void {
  const state = stateByRest(to, lockerId)
  if (state !== null) to.lockerBy.run({ lockerId, state })
  else if (alone !== null) set(to, lockerId, alone)
}

function set(to: Statements, lockerId: string, change: LockerChange): void {
  to.lockerSet.run({ courierId: null, returnId: null, ...change, lockerId })
}

// What central orders for now, from afar. The uplink has checked that the order is signed, fresh,
// new and counted; here is decided whether it may be followed at this moment.

import type { Code } from './codes.ts'
import { endCommand } from './command-answers.ts'
import type { ActingCommand, StatusReport } from './command-facts.ts'
import { type Draft, lockerConfig, record } from './draft.ts'
import type { KioskEvent } from './events.ts'
import type { Actor, OpeningId } from './facts.ts'
import { authorise, proveIfOpen } from './openings.ts'
import { reissuePin } from './pins.ts'
import { remoteBudget, spendRemoteOpening } from './remote-budget.ts'
import { isServing } from './state.ts'
import { statusOf } from './status.ts'

/** Doors that one report names. */
const DOORS_TOLD_MAX = 50

type Sent = Extract<KioskEvent, { kind: 'command-sent' }>
type Open = Extract<ActingCommand, { kind: 'open' }>

export function obeyCentral(draft: Draft, { commandId, command }: Sent): void {
  if (command.kind === 'status') {
    const report = reportOf(draft)
    return endCommand(draft, commandId, { status: 'done', code: null, report })
  }
  const code =
    command.kind === 'open'
      ? openRemotely(draft, commandId, command)
      : reissueRemotely(draft, commandId, command)
  if (code !== null) refuse(draft, commandId, command, code)
}

function orderedBy({ operator }: ActingCommand): Actor {
  return operator === null ? { role: 'central' } : { role: 'central', id: operator }
}

function refuse(draft: Draft, commandId: string, command: ActingCommand, code: Code): void {
  const { kind: what, reason } = command
  const data = { commandId, what, code, by: orderedBy(command), reason }
  record(draft, { kind: 'command-refused', data })
  const left = command.kind === 'open' ? { left: remoteBudget(draft) } : {}
  endCommand(draft, commandId, { status: 'refused', code, ...left })
}

/** The answer follows when the door was seen to open, or was not. @returns why not, or null */
function openRemotely(draft: Draft, commandId: string, command: Open): Code | null {
  const { lockerId, parcelId, reason } = command
  if (lockerConfig(draft, lockerId) === undefined) return 'LK-CTL-02'
  if (isServing(draft.state.session)) return 'LK-CTL-03'
  if (parcelId !== null && !isWaiting(draft, parcelId, lockerId)) return 'LK-CMD-04'
  const left = remoteBudget(draft)
  if (left.in10Min === 0 || left.today === 0) return 'LK-CMD-03'
  const by = orderedBy(command)
  // What lies together is one person's, and comes out together.
  const lying = draft.ledger.parcelsAt(lockerId)
  const inside = parcelId === null ? lying : lying.filter(({ state }) => state === 'deposited')
  const authorised = authorise(draft, {
    lockerId,
    purpose: parcelId === null ? 'remote' : 'pickup',
    parcelIds: inside.map(({ id }) => id),
    by,
    reason,
    requestId: null,
    commandId,
  })
  if (!authorised.ok) return authorised.code
  spendRemoteOpening(draft)
  const { openingId } = authorised
  obeyed(draft, commandId, command, { lockerId, parcelId, recipientId: null, openingId })
  proveIfOpen(draft, lockerId)
  return null
}

function isWaiting(draft: Draft, parcelId: string, lockerId: string): boolean {
  const parcel = draft.ledger.parcel(parcelId)
  return parcel?.state === 'deposited' && parcel.lockerId === lockerId
}

interface Obeyed {
  readonly lockerId: string | null
  readonly parcelId: string | null
  readonly recipientId: string | null
  readonly openingId: OpeningId | null
}

function obeyed(draft: Draft, commandId: string, command: ActingCommand, what: Obeyed): void {
  const { kind, reason } = command
  const data = { commandId, what: kind, ...what, by: orderedBy(command), reason }
  record(draft, { kind: 'command-obeyed', data })
}

/** The old PIN is dead with this step; the new one reaches central as a fact. */
function reissueRemotely(
  draft: Draft,
  commandId: string,
  command: Extract<ActingCommand, { kind: 'reissue' }>,
): Code | null {
  const { recipientId, reason } = command
  const code = reissuePin(draft, { recipientId, by: orderedBy(command), reason })
  if (code !== null) return code
  const nowhere = { lockerId: null, parcelId: null, openingId: null }
  obeyed(draft, commandId, command, { ...nowhere, recipientId })
  endCommand(draft, commandId, { status: 'done', code: null })
  return null
}

function reportOf(draft: Draft): StatusReport {
  const { boot, screen, boards, lockers, outboxCount } = statusOf(draft)
  const counts: Record<string, number> = {}
  for (const { state } of lockers) counts[state] = (counts[state] ?? 0) + 1
  return {
    boot,
    screen,
    boardsOffline: boards.filter(({ isOnline }) => !isOnline).map(({ boardId }) => boardId),
    lockers: counts,
    doorsOpen: lockers
      .filter(({ door }) => door === 'open')
      .map(({ lockerId }) => lockerId)
      .slice(0, DOORS_TOLD_MAX),
    outbox: outboxCount,
    left: remoteBudget(draft),
  }
}

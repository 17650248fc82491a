// What a technician can do without the screen: open with a reason, and say what is in a locker.
import type { Code } from './codes.ts'
import { isContentsDistrusted } from './contents.ts'
import { answer, type Draft, lockerConfig, record } from './draft.ts'
import type { KioskEvent } from './events.ts'
import type { LockerRow } from './ledger.ts'
import { takeLook } from './looks.ts'
import { authorise, proveIfOpen } from './openings.ts'
import { extendPinByHours, reissuePin } from './pins.ts'
import { goOn } from './standstill.ts'
import { isServing } from './state.ts'
import { isDistrusted, trust } from './trust.ts'

type Asked = Extract<KioskEvent, { kind: 'technician-asked' }>

export function obeyTechnician(draft: Draft, asked: Asked): void {
  const { command, requestId } = asked
  const isKnown = lockerConfig(draft, command.lockerId) !== undefined
  const code = isKnown ? obey(draft, asked) : 'LK-CTL-02'
  if (code === null) return
  // The one refusal that is the outcome of an opening, too: no pulse could be ordered.
  const outcome = code === 'LK-BUS-01' ? ({ outcome: 'bus-down' } as const) : {}
  answer(draft, requestId, { kind: 'refused', code, ...outcome })
}

function obey(draft: Draft, asked: Asked): Code | null {
  const { command } = asked
  switch (command.kind) {
    case 'open':
      return openForTechnician(draft, asked, command)
    case 'inspect':
      return inspectForTechnician(draft, asked, command)
    case 'recall':
      return recallParcel(draft, asked, command)
    case 'disable':
    case 'enable':
      return changeService(draft, asked, command)
    case 'reissue-pin':
    case 'extend-pin':
      return changePin(draft, asked, command)
    case 'trust':
      if (!isAnyDistrusted(draft, command.lockerId)) return 'LK-DOOR-07'
      trustAgain(draft, { ...command, technicianId: asked.technicianId })
      answer(draft, asked.requestId, { kind: 'trusted' })
      return null
  }
}

/** For the recipient whose parcel lies there: the PIN is one for all of them. */
function changePin(
  draft: Draft,
  { technicianId, requestId }: Asked,
  command: Extract<Asked['command'], { kind: 'reissue-pin' | 'extend-pin' }>,
): Code | null {
  const recipientId = draft.ledger.parcelsAt(command.lockerId)[0]?.recipientId
  if (recipientId === undefined) return 'LK-PIN-08'
  const by = { role: 'technician', id: technicianId } as const
  const order = { recipientId, by, reason: command.reason }
  const code =
    command.kind === 'reissue-pin'
      ? reissuePin(draft, order)
      : extendPinByHours(draft, { ...order, hours: command.hours })
  const kind = command.kind === 'reissue-pin' ? 'reissued' : 'extended'
  if (code === null) answer(draft, requestId, { kind })
  return code
}

function changeService(
  draft: Draft,
  { technicianId, requestId }: Asked,
  { kind, lockerId, reason }: Extract<Asked['command'], { kind: 'disable' | 'enable' }>,
): Code | null {
  const isOut = (draft.ledger.locker(lockerId)?.withdrawnFor ?? null) !== null
  const isBlind = isAnyDistrusted(draft, lockerId)
  const by = { role: 'technician', id: technicianId } as const
  if (kind === 'enable') trustAgain(draft, { technicianId, lockerId, reason })
  if (kind === 'enable' && isBlind && !isOut) {
    answer(draft, requestId, { kind: 'enabled' })
    return null
  }
  if (isOut === (kind === 'disable')) return isOut ? 'LK-LOCKER-02' : 'LK-LOCKER-03'
  if (kind === 'enable') {
    record(draft, { kind: 'locker-returned', data: { lockerId, by, reason } })
    goOn(draft, 'locker-blocked', { lockerId })
    goOn(draft, 'door-stuck', { lockerId })
  } else {
    const cause = 'technician'
    record(draft, { kind: 'locker-withdrawn', data: { lockerId, cause, by, reason } })
  }
  answer(draft, requestId, { kind: kind === 'enable' ? 'enabled' : 'disabled' })
  return null
}

interface Word {
  readonly technicianId: string
  readonly lockerId: string
  readonly reason: string
}

function trustAgain(draft: Draft, { technicianId, lockerId, reason }: Word): void {
  const by = { role: 'technician', id: technicianId } as const
  trust(draft, lockerId, { proof: 'technician', by, reason })
  if (isContentsDistrusted(draft, lockerId)) {
    record(draft, { kind: 'contents-trusted', data: { lockerId, by, reason } })
  }
}

function isAnyDistrusted(draft: Draft, lockerId: string): boolean {
  return isDistrusted(draft, lockerId) || isContentsDistrusted(draft, lockerId)
}

/** The answer follows when the door was seen to open, or was not. */
function openForTechnician(
  draft: Draft,
  { technicianId, requestId }: Asked,
  { lockerId, reason }: Extract<Asked['command'], { kind: 'open' }>,
): Code | null {
  if (isServing(draft.state.session)) return 'LK-CTL-03'
  const authorised = authorise(draft, {
    lockerId,
    purpose: 'technician',
    parcelIds: draft.ledger.parcelsAt(lockerId).map(({ id }) => id),
    by: { role: 'technician', id: technicianId },
    reason,
    requestId,
  })
  if (!authorised.ok) return authorised.code
  proveIfOpen(draft, lockerId)
  return null
}

function inspectForTechnician(
  draft: Draft,
  { technicianId, requestId }: Asked,
  { lockerId, found, insideIds, reason }: Extract<Asked['command'], { kind: 'inspect' }>,
): Code | null {
  const locker = draft.ledger.locker(lockerId)
  if (locker === null || !isInspectable(locker, found)) return 'LK-LOCKER-01'
  // Where the sensor is no help, whoever looks says that the door is shut as well.
  const isSeenShut = draft.state.doors[lockerId]?.state === 'closed'
  if (!isSeenShut && !isDistrusted(draft, lockerId)) return 'LK-DOOR-02'
  // Somebody is about to look inside, or to leave something there.
  if (draft.state.openings[lockerId] !== undefined) return 'LK-DOOR-04'
  const by = { role: 'technician', id: technicianId } as const
  const inside = draft.ledger.parcelsAt(lockerId)
  if (insideIds?.every((id) => inside.some((parcel) => parcel.id === id)) === false) {
    return 'LK-LOCKER-06'
  }
  takeLook(draft, { lockerId, found, insideIds, by, reason })
  answer(draft, requestId, { kind: 'inspected' })
  return null
}

/** What waits for a look. A parcel that was recalled is never handed to its recipient again. */
function isInspectable(
  { state, isInDoubt }: LockerRow,
  found: 'empty' | 'parcel' | 'other',
): boolean {
  if (state === 'awaiting-courier' && !isInDoubt) return found !== 'parcel'
  return state === 'unverified' || state === 'disputed' || (isInDoubt && state !== 'reserved')
}

function recallParcel(
  draft: Draft,
  { technicianId, requestId }: Asked,
  { lockerId, parcelId: asked, reason }: Extract<Asked['command'], { kind: 'recall' }>,
): Code | null {
  const waiting = draft.ledger.parcelsAt(lockerId).filter(({ state }) => state === 'deposited')
  const parcels = waiting.filter(({ id }) => asked === undefined || id === asked)
  if (parcels.length === 0) return waiting.length === 0 ? 'LK-LOCKER-04' : 'LK-LOCKER-06'
  // Its door may be about to open for the recipient: what happens there counts.
  if (draft.state.openings[lockerId] !== undefined) return 'LK-DOOR-04'
  const by = { role: 'technician', id: technicianId } as const
  for (const { id: parcelId } of parcels) {
    record(draft, { kind: 'parcel-recalled', data: { parcelId, lockerId, by, reason } })
  }
  answer(draft, requestId, { kind: 'recalled' })
  return null
}

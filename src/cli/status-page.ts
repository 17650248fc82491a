// The daemon's state on one screen, and whether it wants attention.
import type { KioskStatus, LockerStatus, SenseStatus } from '../kiosk/events.ts'

export interface DaemonStatus extends KioskStatus {
  readonly apiVersion: 1
  readonly version: string
}

/** @returns one sentence for everything that wants attention; none when all is well */
export function warningsOf(status: DaemonStatus): readonly string[] {
  const boards = status.boards.filter(({ isOnline }) => !isOnline).map(({ boardId }) => boardId)
  const isBlind = ({ door, distrustedFor }: LockerStatus) =>
    door === 'unknown' && distrustedFor === null
  const blind = status.lockers.filter(isBlind)
  const distrusted = status.lockers.flatMap(({ lockerId, distrustedFor }) =>
    distrustedFor === null ? [] : [`${lockerId} (${distrustedFor})`],
  )
  const misled = status.lockers.flatMap(({ lockerId, isContentsDistrusted }) =>
    isContentsDistrusted ? [lockerId] : [],
  )
  const unverified = status.lockers.filter(({ state }) => state === 'unverified')
  const disputed = status.lockers.filter(({ state }) => state === 'disputed')
  const out = status.lockers.filter(({ withdrawnFor }) => withdrawnFor !== null)
  const list = (ids: readonly string[]): string => ids.join(', ')
  return [
    ...status.senses.flatMap((sense) =>
      boards.includes(sense.boardId) ? [] : (alarmOf(sense) ?? []),
    ),
    ...(boards.length > 0 ? [`No answer from: ${list(boards)}.`] : []),
    ...(blind.length > 0 ? [`Door not known: ${list(blind.map((l) => l.lockerId))}.`] : []),
    ...(distrusted.length > 0
      ? [`Sensor of the door not believed: ${list(distrusted)}; see latchkey door trust.`]
      : []),
    ...(misled.length > 0 ? [`Sensor inside not believed: ${list(misled)}.`] : []),
    ...(unverified.length > 0
      ? [
          `Somebody has to look into: ${list(unverified.map((l) => l.lockerId))}` +
            ' (latchkey open, then latchkey inspect).',
        ]
      : []),
    ...(disputed.length > 0
      ? [`Contents disputed: ${list(disputed.map((l) => l.lockerId))} (latchkey explain).`]
      : []),
    ...(out.length > 0 ? [`Out of service: ${list(out.map((l) => l.lockerId))}.`] : []),
    ...(status.isUplinkOnline ? [] : ['Central is not reached; facts wait in the outbox.']),
  ]
}

function alarmOf({ boardId, channel, what, state }: SenseStatus): string | null {
  const at = `board ${boardId}, channel ${channel}`
  if (state === 'open') return `The cabinet stands open: ${at}.`
  if (state === 'lost') return `The mains is lost: ${at}.`
  return state === 'unknown' ? `Not known: ${what} (${at}).` : null
}

export function statusPage(status: DaemonStatus): readonly string[] {
  const boards = status.boards.map((b) => `${b.boardId} ${b.isOnline ? 'online' : 'OFFLINE'}`)
  const rows: readonly (readonly [string, string])[] = [
    ['kiosk', status.kioskId],
    ['version', `${status.version}, start ${status.boot}`],
    ['screen', status.screen],
    ['boards', boards.join(', ')],
    ...status.senses.map(({ what, state, boardId, channel }) => {
      const name = what === 'mains' ? what : 'cabinet'
      return [name, `${state} (board ${boardId}, channel ${channel})`] as const
    }),
    ['uplink', status.isUplinkOnline ? 'online' : 'offline'],
    ['outbox', `${status.outboxCount} facts not yet confirmed by central`],
    ['announced', `${status.announcedCount} parcels on their way`],
    ['returns', `${status.expectedReturnCount} to be handed in`],
    ...sizesOf(status),
  ]
  return rows.map(([name, text]) => `${name.padEnd(10)} ${text}`)
}

function sizesOf({ lockers }: DaemonStatus): readonly (readonly [string, string])[] {
  const sizes = [...new Set(lockers.map(({ size }) => size))]
  return sizes.map((size) => {
    const own = lockers.filter((locker) => locker.size === size)
    const count = (is: (locker: (typeof own)[number]) => boolean): number => own.filter(is).length
    const free = count(({ state, door }) => state === 'free' && door === 'closed')
    const open = count(({ door }) => door === 'open')
    const occupied = count(({ state }) => state === 'occupied')
    return [
      `size ${size}`,
      `${own.length} lockers: ${free} free, ${occupied} occupied, ${open} open`,
    ]
  })
}

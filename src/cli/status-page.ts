// The daemon's state on one screen, and whether it wants attention.
import type { FirmwareStatus, KioskStatus, LockerStatus, SenseStatus } from '../kiosk/events.ts'
import type { InputStatus } from '../screen/inputs/device.ts'

export interface DaemonStatus extends KioskStatus {
  readonly apiVersion: 1
  readonly version: string
  readonly inputs: readonly InputStatus[]
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
    ...status.inputs.flatMap((input) => troubleOf(input) ?? []),
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
    ...(status.lockersInDoubt.length > 0
      ? [
          'The ledger was restored from an older copy. Not confirmed by central, so look into: ' +
            `${list(status.lockersInDoubt)}.`,
        ]
      : []),
    ...(out.length > 0 ? [`Out of service: ${list(out.map((l) => l.lockerId))}.`] : []),
    ...upkeepWarnings(status),
    ...(status.isUplinkOnline ? [] : ['Central is not reached; facts wait in the outbox.']),
  ]
}

function upkeepWarnings({ configuration, firmware }: DaemonStatus): readonly string[] {
  const { refused, furtherRefused } = configuration
  const named = refused.map(({ key, code }) => `${key} (${code})`)
  const all = [...named, ...(furtherRefused > 0 ? [`${furtherRefused} more`] : [])]
  return [
    ...(all.length > 0 ? [`Central wants to set what cannot be set here: ${all.join(', ')}.`] : []),
    ...firmware
      .filter(({ isAsWanted }) => !isAsWanted)
      .map((each) => `Not what central wants to run: ${firmwareText(each)}.`),
  ]
}

function firmwareText({ component, wanted, running, ...row }: FirmwareStatus): string {
  const runs = running.length === 0 ? 'unknown' : running.join(', ')
  if (row.isAsWanted) return `${component} ${runs}, as central wants`
  const since = row.sinceWallMs === null ? '' : ` since ${dateText(row.sinceWallMs)}`
  return `${component} ${runs}, wanted ${wanted}${since}`
}

function dateText(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 16).replace('T', ' ')
}

/** Where values come from: those that are not named here are the file's. */
function configurationText({ values, isDue }: DaemonStatus['configuration']): string {
  const set = values.map(({ key, value }) => `${key} ${value}`)
  const told =
    set.length === 0 ? 'all by the file' : `by central ${set.join(', ')}; else by the file`
  return isDue ? `${told}; more to come when nobody is at the screen` : told
}

function alarmOf({ boardId, channel, what, state }: SenseStatus): string | null {
  const at = `board ${boardId}, channel ${channel}`
  if (state === 'open') return `The cabinet stands open: ${at}.`
  if (state === 'lost') return `The mains is lost: ${at}.`
  return state === 'unknown' ? `Not known: ${what} (${at}).` : null
}

function troubleOf({ id, kind, state }: InputStatus): string | null {
  if (state === 'missing') return `LK-INPUT-01: the ${kind} ${id} cannot be opened.`
  return state === 'lost' ? `LK-INPUT-02: the ${kind} ${id} went away.` : null
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
    ...status.inputs.map((input) => [input.kind, inputText(input)] as const),
    ['uplink', status.isUplinkOnline ? 'online' : 'offline'],
    ['outbox', `${status.outboxCount} facts not yet confirmed by central`],
    ['announced', `${status.announcedCount} parcels on their way`],
    ['returns', `${status.expectedReturnCount} to be handed in`],
    ...sizesOf(status),
    ['settings', configurationText(status.configuration)],
    ...status.firmware.map((each) => ['firmware', firmwareText(each)] as const),
    ...status.commands.map((command) => ['ordered', commandText(command)] as const),
  ]
  return rows.map(([name, text]) => `${name.padEnd(10)} ${text}`)
}

function inputText({ id, kind, state, count, misreads }: InputStatus): string {
  const read = kind === 'scanner' ? `${count} scans` : `${count} keys`
  const bad = misreads > 0 ? `, ${misreads} misread` : ''
  return `${id} ${state === 'online' ? state : state.toUpperCase()}, ${read}${bad}`
}

/** What central ordered lately, newest first. */
function commandText({ commandId, type, target, end }: DaemonStatus['commands'][number]): string {
  const told = end === null ? 'under way' : [end.status, end.code].filter(Boolean).join(' ')
  return `${type} ${target}: ${told} (${commandId})`
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

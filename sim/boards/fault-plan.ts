// Faults by name and rate, as a command line gives them: those of the wire are drawn while it runs,
// those of boards and doors once, at the start.
import type { Random } from '../world/random.ts'
import type { DoorBehaviour } from './doors.ts'
import { type BoardBehaviour, NO_WIRE_FAULTS, type WireFaults } from './faults.ts'
import type { ChannelOfBoard } from './wire.ts'

const BOARD_FAULTS = [
  'reset-in-pulse',
  'mute-after-unlock',
  'dead-board',
  'dead-channel',
  'welded-channel',
] as const
const DOOR_FAULTS = ['jammed', 'bouncing', 'lying', 'crossed'] as const
const BOUNCES_MAX = 4

const WIRE_FAULTS = new Map(
  (Object.keys(NO_WIRE_FAULTS) as (keyof WireFaults)[]).map((name) => [kebab(name), name]),
)

export const FAULT_NAMES: readonly string[] = [
  ...WIRE_FAULTS.keys(),
  ...BOARD_FAULTS,
  ...DOOR_FAULTS,
]

export type FaultRates = ReadonlyMap<string, number>

export interface BoardSize {
  readonly id: string
  readonly channels: number
}

export interface FaultPlan {
  readonly wire: Partial<WireFaults>
  readonly boards: ReadonlyMap<string, Partial<BoardBehaviour>>
  readonly doors: readonly { readonly at: ChannelOfBoard; readonly is: Partial<DoorBehaviour> }[]
}

/** @throws Error with a sentence for the person who has typed it */
export function readFaults(texts: readonly string[]): FaultRates {
  return new Map(
    texts.map((text) => {
      const [name = '', rate = '1'] = text.split('=')
      const value = Number(rate)
      if (!FAULT_NAMES.includes(name)) {
        throw new Error(`no fault ${name}; there are: ${FAULT_NAMES.join(', ')}`)
      }
      if (rate === '' || !(value >= 0 && value <= 1)) {
        throw new Error(`the rate of ${name} is between 0 and 1, not ${rate}`)
      }
      return [name, value]
    }),
  )
}

export function planFaults(
  rates: FaultRates,
  { boards, random }: { readonly boards: readonly BoardSize[]; readonly random: Random },
): FaultPlan {
  const strikes = (name: string) => random.chance(rates.get(name) ?? 0)
  const channelsWith = (name: string, { channels }: BoardSize) =>
    Array.from({ length: channels }, (_, index) => index + 1).filter(() => strikes(name))
  const wire = [...WIRE_FAULTS].map(([name, key]) => [key, rates.get(name) ?? 0])
  return {
    wire: Object.fromEntries(wire) as Partial<WireFaults>,
    boards: new Map(
      boards.map((board) => [
        board.id,
        {
          resetInPulse: rates.get('reset-in-pulse') ?? 0,
          muteAfterUnlock: rates.get('mute-after-unlock') ?? 0,
          isDead: strikes('dead-board'),
          deadChannels: channelsWith('dead-channel', board),
          weldedChannels: channelsWith('welded-channel', board),
        },
      ]),
    ),
    doors: boards.flatMap((board) => [
      ...channelsWith('jammed', board).map((channel) => ({
        at: { board: board.id, channel },
        is: { isJammed: true },
      })),
      ...channelsWith('bouncing', board).map((channel) => ({
        at: { board: board.id, channel },
        is: { bounces: random.between(1, BOUNCES_MAX) },
      })),
      ...channelsWith('lying', board).map((channel) => ({
        at: { board: board.id, channel },
        is: { sensor: random.pick(['stuck-open', 'stuck-closed', 'inverted'] as const) },
      })),
      // Neighbours are what a fitter mixes up.
      ...channelsWith('crossed', board)
        .filter((channel) => channel % 2 === 1 && channel < board.channels)
        .flatMap((channel) => [
          { at: { board: board.id, channel }, is: { openedBy: channel + 1 } },
          { at: { board: board.id, channel: channel + 1 }, is: { openedBy: channel } },
        ]),
    ]),
  }
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

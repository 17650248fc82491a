// Every fault that a wall has to survive: to whom it can happen, how it begins and ends, and what
// must be seen while it lasts. Nothing here knows whether the link is virtual or real.
import type { BoardBehaviour, WireFaults } from '../../../sim/boards/faults.ts'
import type { Bench } from './bench.ts'
import { BOARDS, type LinkKind, TWIN, type Wall } from './walls.ts'
import type { Order } from './witness.ts'

/** From when to when the fault lasted. */
interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export interface Fault {
  readonly name: string
  readonly appliesTo: (wall: Wall, link: LinkKind) => boolean
  readonly inflict: (bench: Bench) => void | Promise<void>
  readonly heal: (bench: Bench) => void | Promise<void>
  /** A sentence for each thing that should have been seen and was not. */
  readonly missing: (bench: Bench, span: Span) => readonly string[]
}

const LATE_MS_MAX = 1_600
const ANY = () => true
const ONLY_TCP = (_: Wall, link: LinkKind) => link === 'tcp'
/** The channels that orders go to. */
const FIRST = { board: 'A', channel: 1 }
const SECOND = { board: 'A', channel: 2 }

function onWire(name: string, faults: Partial<WireFaults>, missing: Fault['missing']): Fault {
  return {
    name,
    appliesTo: ANY,
    inflict: (bench) => bench.setFaults(faults),
    heal: (bench) => bench.setFaults({}),
    missing,
  }
}

function inBoards(
  name: string,
  { bad, good }: { readonly bad: Partial<BoardBehaviour>; readonly good: Partial<BoardBehaviour> },
  missing: Fault['missing'],
): Fault {
  return {
    name,
    appliesTo: ANY,
    inflict: (bench) => bench.changeAll(bad),
    heal: (bench) => bench.changeAll(good),
    missing,
  }
}

/** The wall goes on as if nothing had happened. */
function unhindered(bench: Bench, { fromMs, toMs }: Span): readonly string[] {
  const { orders, losses } = bench.witness
  const shut = orders.filter((order) => order.atMs >= fromMs && !hasOpened(bench, order, fromMs))
  const lost = losses.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
  return [
    ...shut.map((order) => `${told(order)} opens all the same`),
    ...lost.map(({ board }) => `board ${board} stays online`),
  ]
}

/** The fault has really struck: replies failed, were repeated or dropped. */
function struck(bench: Bench): readonly string[] {
  const { failures, repetitions, framesDropped } = bench.medium.bus.counters
  const count = failures + repetitions + framesDropped
  return count > 0 ? [] : ['the bus has noticed something']
}

function lost(boards: readonly string[]): Fault['missing'] {
  return ({ witness }, { fromMs, toMs }) => {
    const isLost = (board: string) =>
      witness.losses.some(
        (loss) => loss.board === board && loss.atMs >= fromMs && loss.atMs <= toMs,
      )
    return boards.filter((board) => !isLost(board)).map((board) => `board ${board} is lost`)
  }
}

function both(one: Fault['missing'], other: Fault['missing']): Fault['missing'] {
  return (bench, span) => [...one(bench, span), ...other(bench, span)]
}

/** Orders to the other board still open doors. */
function opensOnB(bench: Bench, { fromMs }: Span): readonly string[] {
  const orders = bench.witness.orders.filter(({ board, atMs }) => board === 'B' && atMs >= fromMs)
  if (orders.length === 0) return ['board B is given orders']
  return orders
    .filter((order) => !hasOpened(bench, order, fromMs))
    .map((order) => `${told(order)} opens beside the fault`)
}

/** At this order or at another one to the same lock. */
function hasOpened({ witness }: Bench, { board, channel }: Order, fromMs: number): boolean {
  return witness.coils.some(
    (coil) => coil.board === board && coil.channel === channel && coil.onAtMs >= fromMs,
  )
}

function told({ board, channel, ends }: Order): string {
  return `${board}/${channel} (${ends.map(({ outcome }) => outcome).join()})`
}

const ON_THE_WIRE: readonly Fault[] = [
  onWire('lost replies', { replyLost: 0.4 }, struck),
  onWire('lost requests', { requestLost: 0.4 }, struck),
  { ...onWire('late replies', { replyLate: 0.4 }, struck), heal: endLate },
  onWire('doubled replies', { replyDoubled: 0.7 }, both(unhindered, struck)),
  onWire('flipped bits', { replyFlipped: 0.4, requestFlipped: 0.2 }, struck),
  onWire('cut replies', { replyCut: 0.4 }, struck),
  onWire('own echo', { echo: 1 }, unhindered),
  onWire('noise', { noise: 0.4 }, struck),
  {
    ...onWire('all of it on one line', {}, struck),
    heal: endLate,
    inflict: (bench) =>
      bench.setFaults({
        requestLost: 0.05,
        requestFlipped: 0.05,
        replyLost: 0.1,
        replyLate: 0.1,
        replyDoubled: 0.1,
        replyFlipped: 0.1,
        replyCut: 0.1,
        echo: 0.3,
        noise: 0.2,
      }),
  },
]

const IN_BOARDS: readonly Fault[] = [
  inBoards(
    'latency',
    {
      bad: { latencyMs: (random) => 20 + 30 * random.next() },
      good: { latencyMs: soundLatencyMs },
    },
    unhindered,
  ),
  inBoards(
    'reset in a pulse',
    { bad: { resetInPulse: 1 }, good: { resetInPulse: 0 } },
    ({ witness }, { fromMs }) => {
      const isOn = witness.coils.some(({ onAtMs }) => onAtMs >= fromMs)
      return isOn ? [] : ['a coil has been on']
    },
  ),
  inBoards(
    'mute after an unlock',
    { bad: { muteAfterUnlock: 1, muteMs: 1_000 }, good: { muteAfterUnlock: 0 } },
    ({ witness }, { fromMs }) => {
      const orders = witness.orders.filter(({ atMs }) => atMs >= fromMs)
      const isMute = orders.some(({ ends }) => ends.some(({ outcome }) => outcome === 'unanswered'))
      return isMute ? [] : ['an unlock is not answered']
    },
  ),
  {
    name: 'two boards with one address',
    appliesTo: ANY,
    inflict: ({ medium }) => medium.line.change(TWIN, { isDead: false }),
    heal: ({ medium }) => medium.line.change(TWIN, { isDead: true }),
    missing: both(struck, opensOnB),
  },
  {
    name: 'dead board',
    appliesTo: ANY,
    inflict: ({ medium }) => medium.line.change('A', { isDead: true }),
    heal: ({ medium }) => medium.line.change('A', { isDead: false }),
    missing: both(lost(['A']), opensOnB),
  },
  {
    name: 'dead inputs behind living relays',
    appliesTo: ({ contactsOf }) => contactsOf['A'] !== undefined,
    inflict: ({ medium, wall }) => medium.line.change(wall.contactsOf['A'] ?? '', { isDead: true }),
    heal: ({ medium, wall }) => medium.line.change(wall.contactsOf['A'] ?? '', { isDead: false }),
    missing: both(lost(['A']), opensOnB),
  },
  {
    name: 'dead channel',
    appliesTo: ANY,
    inflict: ({ medium }) => medium.line.change('A', { deadChannels: [1] }),
    heal: ({ medium }) => medium.line.change('A', { deadChannels: [] }),
    missing: both(opensOnB, staysShut('A', 1)),
  },
  {
    name: 'welded relay',
    appliesTo: ANY,
    inflict: ({ medium }) => medium.line.change('A', { weldedChannels: [1] }),
    heal: ({ medium }) => medium.line.change('A', { weldedChannels: [] }),
    missing: opensOnB,
  },
  {
    // The master never has two coils on at once; a welded one is what makes the second.
    name: 'brown-out when two coils fire',
    appliesTo: ANY,
    inflict(bench) {
      bench.medium.line.change('A', { weldedChannels: [1] })
      bench.setFaults({ brownOut: 1 })
    },
    heal(bench) {
      bench.medium.line.change('A', { weldedChannels: [] })
      bench.setFaults({})
    },
    missing: ({ witness }) => {
      const welded = witness.coils.find(({ board, channel }) => board === 'A' && channel === 1)
      const isSecond = witness.coils.some((coil) => coil.onAtMs > (welded?.onAtMs ?? Infinity))
      return isSecond ? [] : ['a second coil has been on beside the welded one']
    },
  },
]

const AT_DOORS: readonly Fault[] = [
  {
    name: 'jammed door',
    appliesTo: ANY,
    inflict: ({ doors }) => doors.change(FIRST, { isJammed: true }),
    heal: ({ doors }) => doors.change(FIRST, { isJammed: false }),
    missing: both(unhindered, staysShut('A', 1)),
  },
  {
    name: 'bouncing sensors',
    appliesTo: ANY,
    inflict: (bench) => changeDoors(bench, 4),
    heal: (bench) => changeDoors(bench, 0),
    missing: unhindered,
  },
  lying('sensor stuck open', 'stuck-open', 'open'),
  lying('sensor stuck closed', 'stuck-closed', 'closed'),
  lying('inverted sensor', 'inverted', 'open'),
  {
    name: 'crossed wiring',
    appliesTo: ANY,
    inflict: ({ doors }) => doors.cross('A', [1, 2]),
    heal({ doors }) {
      doors.change(FIRST, { openedBy: null })
      doors.change(SECOND, { openedBy: null })
    },
    missing: both(unhindered, ({ witness }, { fromMs, toMs }) => {
      const isWrong = witness.readings.some(({ atMs, reading }) => {
        const isOpen = reading.doors[1]?.state === 'open' && reading.doors[0]?.state === 'closed'
        return reading.boardId === 'A' && isOpen && atMs >= fromMs && atMs <= toMs
      })
      return isWrong ? [] : ['the kiosk hears that the other door is open']
    }),
  },
]

const AT_LINKS: readonly Fault[] = [
  {
    name: 'unplugged cable',
    appliesTo: ANY,
    // Behind a gateway the line is out, and the gateway does not know.
    inflict: ({ medium, setCut }) => (medium.kind === 'serial' ? medium.unplug() : setCut(true)),
    heal: ({ medium, setCut }) => (medium.kind === 'serial' ? medium.plug() : setCut(false)),
    missing: lost(BOARDS),
  },
  {
    name: 'gateway gone',
    appliesTo: ONLY_TCP,
    inflict: ({ medium }) => medium.unplug(),
    heal: ({ medium }) => medium.plug(),
    missing: lost(BOARDS),
  },
  {
    name: 'gateway stalled',
    appliesTo: ONLY_TCP,
    inflict: ({ medium }) => medium.stall(),
    heal: ({ medium }) => medium.resume(),
    missing: lost(BOARDS),
  },
]

export const FAULTS: readonly Fault[] = [...ON_THE_WIRE, ...IN_BOARDS, ...AT_DOORS, ...AT_LINKS]

/** The fault ends when the last late reply has come. */
function endLate(bench: Bench): Promise<void> {
  bench.setFaults({})
  const { medium } = bench
  const endsAtMs = medium.nowMs() + LATE_MS_MAX
  return medium.until('late replies come', () => medium.nowMs() >= endsAtMs, 2 * LATE_MS_MAX)
}

function soundLatencyMs(random: { next(): number }): number {
  return 1 + random.next()
}

function changeDoors({ doors, wall }: Bench, bounces: number): void {
  for (const board of BOARDS) {
    for (let channel = 1; channel <= wall.channels; channel += 1) {
      doors.change({ board, channel }, { bounces })
    }
  }
}

function lying(
  name: string,
  sensor: 'stuck-open' | 'stuck-closed' | 'inverted',
  claimed: 'open' | 'closed',
): Fault {
  return {
    name,
    appliesTo: ANY,
    inflict: ({ doors }) => doors.change(FIRST, { sensor }),
    heal: ({ doors }) => doors.change(FIRST, { sensor: 'true' }),
    missing: both(unhindered, ({ witness }, { fromMs, toMs }) => {
      const told = witness.readings.filter(({ atMs, reading }) => {
        return reading.boardId === 'A' && atMs >= fromMs && atMs <= toMs
      })
      const isLie = told.some(({ reading }) => reading.doors[0]?.state === claimed)
      // Stuck as it is at rest, the contact never has news.
      return isLie || claimed === 'closed' ? [] : [`the kiosk hears that the door is ${claimed}`]
    }),
  }
}

function staysShut(board: string, channel: number): Fault['missing'] {
  return ({ witness }, { fromMs, toMs }) => {
    const isOpened = witness.moves.some((move) => {
      const isIt = move.board === board && move.channel === channel && move.cause === 'lock'
      return isIt && move.atMs >= fromMs && move.atMs <= toMs
    })
    return isOpened ? [`the door ${board}/${channel} stays shut`] : []
  }
}

// A bus that lives through bad times, in virtual time: what a trace of it looks like in a file.
import { SIM_DIALECTS } from '../../sim/boards/catalogue.ts'
import { Wire } from '../../sim/boards/wire.ts'
import { createRandom } from '../../sim/world/random.ts'
import { Timeline } from '../../sim/world/timeline.ts'
import { BusRunner } from '../../src/bus/bus-runner.ts'
import type { BusConfig, DialectName } from '../../src/bus/config.ts'
import type { LinkFactory, LinkHost } from '../../src/bus/links/link.ts'
import type { TraceEntry } from '../../src/bus/trace.ts'

const FAULTS = { replyLost: 0.04, replyFlipped: 0.04, replyDoubled: 0.04, noise: 0.04, echo: 0.02 }
const ADDRESSES = [1, 2]
const CHANNELS = 8
const LENGTH_MS = 20_000
const STEPS_MAX = 1_000_000

export interface RecordOptions {
  readonly dialect: DialectName
  readonly seed: number
  /** When the trace begins; without it before the first frame. */
  readonly fromMs?: number
}

/** @returns the text of the file */
export function recordBus({ dialect, seed, fromMs = 0 }: RecordOptions): string {
  const timeline = new Timeline()
  const { line, createLink } = virtualLine({ dialect, seed, timeline })
  const config: BusConfig = {
    id: 'east',
    link: { kind: 'serial', path: '/dev/null', baudRate: 19_200 },
    boards: ADDRESSES.map((address) => ({
      id: `B${address}`,
      address,
      dialect,
      channels: CHANNELS,
    })),
  }
  const clock = timeline.clock(() => true)
  const runner = new BusRunner({ config, clock, createLink, report: () => {} })
  const head = { format: 'latchkey-bus-trace', version: 1, buses: ['east'] }
  const lines: object[] = [head]
  timeline.at(fromMs, () => {
    lines.push(runner.traceStart)
    runner.listen((entry: TraceEntry) => lines.push(entry))
  })
  timeline.at(1, () => runner.start())
  const unlock = (atMs: number, channel: number) => {
    timeline.at(atMs, () => {
      const expiresAtMonoMs = atMs + 3_000
      runner.unlock({ openingId: atMs, boardId: 'B1', channel, pulseMs: 300, expiresAtMonoMs })
    })
  }
  timeline.at(3_000, () => runner.attend(true))
  unlock(3_500, 3)
  timeline.at(3_900, () => line.moveDoor({ board: 'B1', channel: 3, door: 'open' }))
  timeline.at(5_000, () => line.moveDoor({ board: 'B1', channel: 3, door: 'closed' }))
  unlock(6_000, 4)
  unlock(6_001, 5)
  timeline.at(7_000, () => runner.attend(false))
  timeline.at(8_000, () => line.change('B2', { isDead: true }))
  timeline.at(12_000, () => line.change('B2', { isDead: false }))
  timeline.at(15_000, () => line.unplug())
  timeline.runUntil(LENGTH_MS, STEPS_MAX)
  lines.push({ end: 'time' })
  return lines.map((each) => `${JSON.stringify(each)}\n`).join('')
}

/** Boards on a wire, and links to it. */
function virtualLine({ dialect, seed, timeline }: RecordOptions & { readonly timeline: Timeline }) {
  let host: LinkHost | null = null
  let heard = ''
  const wire = new Wire({
    schedule: timeline,
    random: createRandom(`recorded/${seed}`),
    baudRate: 19_200,
    faults: FAULTS,
    boards: ADDRESSES.map((address) => {
      const model = SIM_DIALECTS[dialect]?.create({
        address,
        channels: CHANNELS,
        feedback: 'door-closed',
      })
      if (model === undefined) throw new RangeError(dialect)
      return { id: `B${address}`, model }
    }),
    host: {
      heard: (byte) => {
        heard += String.fromCharCode(byte)
        if (dialect !== 'latchkey-line') return say(heard)
        if (byte === 0x0a) say(heard.slice(0, -1))
      },
    },
  })
  const say = (text: string) => {
    heard = ''
    host?.frame(text)
  }
  const createLink: LinkFactory = (_, mine) => ({
    open: () => {
      host = mine
      wire.plug()
      timeline.after(1, () => mine.opened())
    },
    send: (text) => {
      if (host === mine) wire.send(Buffer.from(text, 'latin1'))
    },
    close: () => {
      if (host === mine) host = null
    },
  })
  const unplug = () => {
    const old = host
    host = null
    wire.unplug()
    old?.closed('unplugged')
  }
  return {
    createLink,
    line: {
      unplug,
      moveDoor: wire.moveDoor.bind(wire),
      change: wire.change.bind(wire),
    },
  }
}

// The same noise through a real serial port or socket into the whole bus, while the event loop is
// watched: first in portions, so that it meets many questions, then as fast as it goes. A device on
// the other end answers every question among the noise.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SEQUENCE_MAX } from '../../../firmware-protocol/line.ts'
import { plugIn } from '../../../sim/boards/pty.ts'
import { createRandom } from '../../../sim/world/random.ts'
import { BusRunner } from '../../../src/bus/bus-runner.ts'
import type { LinkConfig } from '../../../src/bus/config.ts'
import { createLink } from '../../../src/bus/links/links.ts'
import type { KioskEvent } from '../../../src/kiosk/events.ts'
import { realClock } from '../../bus/real-clock.ts'
import { AnsweringBoard } from './answering-board.ts'
import { KINDS, type Kind, makeBad, WEIGHTS } from './kinds.ts'
import type { Layout } from './layouts.ts'
import { LineEnd } from './line-end.ts'
import { oddsOf } from './odds.ts'
import { type LoopDelays, LoopWatch } from './watch.ts'

const MIB = 2 ** 20
const CHUNK_BYTES = 4_096
const CHUNK_PAUSE_MS = 4
const LINE_FEED = 0x0a
/** Until what was written last has been read. */
const SETTLED_MS = 300

export type PortKind = 'pty' | 'tcp'

export interface PortResult {
  readonly bytes: number
  /** Replies that the bus has taken, and changed readings that no board has sent. */
  readonly replies: number
  readonly falseReadings: number
  /** If every bad piece came while its question was open; it is less. */
  readonly expectedMax: number
  readonly loop: LoopDelays
}

/** What stands at the other end; a gateway is connected to anew whenever a reply is missing. */
interface End {
  readonly link: LinkConfig
  readonly line: LineEnd
  close(): Promise<void>
}

export async function runPort(
  layout: Layout,
  { port, mib, seed }: { readonly port: PortKind; readonly mib: number; readonly seed: string },
): Promise<PortResult> {
  const { bytes: noise, expected } = makeNoise(layout, { bytes: Math.min(mib, 1) * MIB, seed })
  const board = new AnsweringBoard(layout)
  const online = Promise.withResolvers<void>()
  let falseReadings = 0
  const report = (event: KioskEvent): void => {
    if (event.kind !== 'board-read') return
    online.resolve()
    if (!board.isSent(event.reading)) falseReadings += 1
  }
  const line = new LineEnd((bytes) => board.hear(bytes))
  const end = port === 'pty' ? await openPty(line) : await openTcp(line)
  const config = { id: 'noise', link: end.link, boards: [layout.board] }
  const runner = new BusRunner({ config, clock: realClock, createLink, report })
  try {
    runner.start()
    runner.attend(true)
    await online.promise
    const watch = new LoopWatch()
    const rounds = 2 * Math.max(1, Math.round(mib / 2))
    for (let round = 0; round < rounds; round += 1) {
      await pour(noise, line, round < rounds / 2 ? CHUNK_PAUSE_MS : null)
    }
    await pause(SETTLED_MS)
    const loop = watch.stop()
    const bytes = rounds * noise.length
    const replies = runner.stats.boards[0]?.replies ?? 0
    return { bytes, replies, falseReadings, expectedMax: rounds * expected, loop }
  } finally {
    runner.stop()
    await end.close()
  }
}

/** Made beforehand, so that making it holds nobody up. */
function makeNoise(
  layout: Layout,
  { bytes, seed }: { readonly bytes: number; readonly seed: string },
): { readonly bytes: Buffer; readonly expected: number } {
  const random = createRandom(`ports/${seed}/${layout.dialect}`)
  const shares = KINDS.flatMap((kind) => Array.from({ length: WEIGHTS[kind] }, () => kind))
  const spent = new Map<string, number>()
  const parts: Buffer[] = []
  let expected = 0
  for (let done = 0; done < bytes; ) {
    const kind = random.pick(shares)
    // As in the machine: shares are of bytes.
    const mean = (spent.get(kind) ?? 0) / WEIGHTS[kind]
    if (mean > done / shares.length) continue
    const codes = makeBad(kind, { layout, random, sequence: random.between(1, SEQUENCE_MAX) })
    const part = Buffer.from(
      layout.dialect === 'latchkey-line' ? [...codes, LINE_FEED] : [...codes],
    )
    parts.push(part)
    done += part.length
    spent.set(kind, (spent.get(kind) ?? 0) + part.length)
    expected += portOdds(kind, layout) * (kind === 'noise' ? part.length : 1)
  }
  return { bytes: Buffer.concat(parts), expected }
}

/** What is made beforehand has any number, and a sound reply with that of the question is one. */
function portOdds(kind: Kind, layout: Layout): number {
  const isNumbered = layout.dialect === 'latchkey-line' && kind === 'other reply'
  return isNumbered ? 1 / SEQUENCE_MAX : oddsOf(kind, layout)
}

async function pour(noise: Buffer, line: LineEnd, pauseMs: number | null): Promise<void> {
  for (let at = 0; at < noise.length; at += CHUNK_BYTES) {
    await line.write(noise.subarray(at, at + CHUNK_BYTES))
    if (pauseMs !== null) await pause(pauseMs)
  }
}

async function openPty(line: LineEnd): Promise<End> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-noise-'))
  const path = join(folder, 'bus')
  const cable = await plugIn(path)
  line.attach(cable.fromPort, cable.toPort)
  return {
    link: { kind: 'serial', path, baudRate: 115_200 },
    line,
    async close() {
      await cable.unplug()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function openTcp(line: LineEnd): Promise<End> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {})
    line.attach(socket, socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    link: { kind: 'tcp', host: '127.0.0.1', port, baudRate: 115_200 },
    line,
    async close() {
      line.end()
      server.close()
      await once(server, 'close')
    },
  }
}

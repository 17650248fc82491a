// The bench in real time: a real SerialPort on a pseudoterminal, or a real socket to a gateway, and
// the simulated boards at the other end at the pace of their baud rate.
import { createServer } from 'node:net'
import { LiveBus } from '../../../sim/boards/live-bus.ts'
import type { LivePort } from '../../../sim/boards/live-port.ts'
import { BusRunner } from '../../../src/bus/bus-runner.ts'
import type { LinkConfig } from '../../../src/bus/config.ts'
import { createLink } from '../../../src/bus/links/links.ts'
import { until } from '../../support/until.ts'
import { realClock } from '../real-clock.ts'
import { Bench, type Medium } from './bench.ts'
import { busOf, devicesOf, type LinkKind, type Wall } from './walls.ts'
import { Witness } from './witness.ts'

/** A machine that does many things at once may hold an order back on its way to the coil. */
const LAG_MS = 500
const HOST = '127.0.0.1'

// A gateway that is gone must find its port free again: below those that are lent to clients, and
// not those of another test file that runs at the same time.
const PORTS_PER_PROCESS = 500
let lastPort = 20_000 + (process.pid % 24) * PORTS_PER_PROCESS

export interface LiveOptions {
  readonly kind: LinkKind
  readonly seed: string
  /** Of the pseudoterminal, when there is one. */
  readonly path: string
}

export async function liveBench(wall: Wall, { kind, seed, path }: LiveOptions): Promise<Bench> {
  const witness = new Witness()
  const port: LivePort =
    kind === 'serial' ? { kind: 'pty', path } : { kind, port: await freePort() }
  const live = new LiveBus({
    port,
    baudRate: wall.baudRate,
    seed,
    boards: devicesOf(wall),
    coilChanged: (change) => bench.coilChanged(change),
  })
  const bus = new BusRunner({
    config: busOf(wall, linkOf(port, wall.baudRate)),
    clock: realClock,
    createLink,
    report: (event) => witness.tell(event, performance.now()),
  })
  const medium: Medium = {
    kind,
    bus,
    witness,
    schedule: live.schedule,
    lagMs: LAG_MS,
    line: {
      setFaults: (faults) => live.setFaults(faults),
      change: (device, behaviour) => live.change(device, behaviour),
      moveDoor: (move) => live.moveDoor(move),
      moveContents: (move) => live.moveContents(move),
    },
    nowMs: () => performance.now(),
    unplug: () => live.unplug(),
    plug: () => live.plugIn(),
    stall: () => live.gateway?.stall(),
    resume: () => live.gateway?.resume(),
    until,
    stop: async () => {
      bus.stop()
      await live.stop()
    },
  }
  const bench: Bench = new Bench(wall, medium, seed)
  await live.plugIn()
  return bench
}

function linkOf(port: LivePort, baudRate: number): LinkConfig {
  return port.kind === 'pty'
    ? { kind: 'serial', path: port.path, baudRate }
    : { kind: 'tcp', host: HOST, port: port.port, baudRate }
}

async function freePort(): Promise<number> {
  for (;;) {
    lastPort += 1
    const port = lastPort
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(port, HOST, () => server.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}

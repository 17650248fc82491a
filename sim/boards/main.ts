// `latchkey-sim boards`: lock boards on a port, for whatever program is to open it. Every frame and
// every movement is a line of output; keys move the doors.
import process from 'node:process'
import { createInterface } from 'node:readline'
import { createRandom } from '../world/random.ts'
import { type BenchOptions, readBenchOptions, usage } from './bench-options.ts'
import { Doors } from './doors.ts'
import { planFaults } from './fault-plan.ts'
import { LiveBus } from './live-bus.ts'
import type { ChannelOfBoard } from './wire.ts'

const KEYS = [
  'o N open · c N close · j N jam or free · p N put a parcel in · t N take it out',
  'r B restart a board · d B let it die · m B mend it',
  'u unplug or plug · s stall or resume · q quit',
  'N is a channel of board 1, or board/channel as in 2/3',
]

const startedMs = performance.now()

function say(line: string): void {
  process.stdout.write(`${((performance.now() - startedMs) / 1_000).toFixed(3)} ${line}\n`)
}

class Bench {
  readonly #options: BenchOptions
  readonly #bus: LiveBus
  readonly #doors: Doors
  #isPlugged = false
  #isStalled = false

  constructor(options: BenchOptions) {
    this.#options = options
    const { addresses, channels, signals, feedback, dialect, seed, baudRate, bitsPerCharacter } =
      options
    const random = createRandom(`boards/${seed}`)
    const sizes = addresses.map((_, index) => ({ id: `${index + 1}`, channels }))
    const plan = planFaults(options.faults, { boards: sizes, random: random.fork('plan') })
    this.#bus = new LiveBus({
      port: options.port,
      baudRate,
      bitsPerCharacter,
      seed,
      faults: plan.wire,
      boards: addresses.map((address, index) => ({
        id: `${index + 1}`,
        model: dialect.create({ address, channels, feedback, baudRate, bitsPerCharacter }),
        behaviour: plan.boards.get(`${index + 1}`) ?? {},
      })),
      coilChanged: (change) => {
        const on = change.isOn ? (change.ms === null ? 'on' : `on ${change.ms} ms`) : 'off'
        const isSignal = signals.includes(change.channel)
        say(`${isSignal ? 'signal' : 'coil'} ${change.board}/${change.channel} ${on}`)
        if (!isSignal) this.#doors.coilChanged(change)
      },
      lampFlashed: ({ board, channel }) => say(`lamp ${board}/${channel} flashes`),
      frameSent: ({ from, bytes }) => say(`${from === null ? '>' : `< ${from}`} ${hex(bytes)}`),
    })
    this.#doors = new Doors({
      schedule: this.#bus.schedule,
      random: random.fork('doors'),
      contacts: this.#bus,
      boards: sizes,
      doorMoved: ({ board, channel, door, cause }) =>
        say(`door ${board}/${channel} ${door} by ${cause}`),
    })
    for (const { at, is } of plan.doors) {
      say(`fault ${at.board}/${at.channel} ${JSON.stringify(is)}`)
      this.#doors.change(at, is)
    }
  }

  async plugIn(): Promise<void> {
    await this.#bus.plugIn()
    this.#isPlugged = true
    const { port } = this.#options
    say(port.kind === 'pty' ? `port ${port.path}` : `port 127.0.0.1:${this.#bus.gateway?.port}`)
  }

  stop(): Promise<void> {
    return this.#bus.stop()
  }

  /** @throws RangeError when there is no such board or channel */
  async press(key: string, target: string): Promise<void> {
    const at = placeOf(target)
    switch (key) {
      case 'o':
        return this.#doors.open(at)
      case 'c':
        return this.#doors.close(at)
      case 'j':
        return this.#doors.change(at, { isJammed: !this.#doors.behaviourOf(at).isJammed })
      case 'p':
        return this.#doors.put(at, 'present')
      case 't':
        return this.#doors.put(at, 'absent')
      case 'r':
        return this.#bus.powerCycle(target)
      case 'd':
        return this.#bus.change(target, { isDead: true })
      case 'm':
        return this.#bus.change(target, { isDead: false })
      case 'u':
        return this.#plugOrUnplug()
      case 's':
        return this.#stallOrResume()
      default:
        for (const line of KEYS) say(line)
    }
  }

  async #plugOrUnplug(): Promise<void> {
    if (!this.#isPlugged) return this.plugIn()
    this.#isPlugged = false
    this.#isStalled = false
    await this.#bus.unplug()
    say('unplugged')
  }

  #stallOrResume(): void {
    const { gateway } = this.#bus
    if (gateway === null) return say('only a plugged-in TCP gateway stalls')
    this.#isStalled = !this.#isStalled
    say(this.#isStalled ? 'stalled' : 'resumed')
    if (this.#isStalled) gateway.stall()
    else gateway.resume()
  }
}

function placeOf(text: string): ChannelOfBoard {
  const [first = '', second] = text.split('/')
  return second === undefined
    ? { board: '1', channel: Number(first) }
    : { board: first, channel: Number(second) }
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ')
}

async function main(options: BenchOptions): Promise<void> {
  const bench = new Bench(options)
  const lines = createInterface({ input: process.stdin })
  let hasEnded = false
  const end = async () => {
    if (hasEnded) return
    hasEnded = true
    lines.close()
    process.stdin.destroy()
    await bench.stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end())
  // `latchkey-sim boards … | head` has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    void end()
  })
  for (const [index, address] of options.addresses.entries()) {
    say(`board ${index + 1} ${options.dialectName} address ${address} ${options.channels} channels`)
  }
  await bench.plugIn()
  lines.on('line', (line) => {
    const [key = '', target = ''] = line.trim().split(/\s+/)
    if (key === 'q') return void end()
    bench.press(key, target).catch((error: Error) => say(error.message))
  })
}

function readOptions(): BenchOptions | null {
  try {
    return readBenchOptions(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage()}`)
    process.exitCode = 2
    return null
  }
}

const options = readOptions()
if (options !== null) {
  await main(options).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  })
}

// Goal: whoever asks what was asked gets what was answered, when it was answered; whoever does not
// is told at once.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchangesOf, type RecordedExchange } from '../../../sim/replay/exchanges.ts'
import { parseRecording } from '../../../sim/replay/recording.ts'
import { recordBus } from '../../support/recorded-bus.ts'
import { Simulator } from '../../support/simulator.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-player-'))
const file = join(folder, 'record.ndjson')
// With a cable that is pulled, and no order that a host could give early.
const TEXT = recordBus({ dialect: 'kerong-cu16', seed: 3, fromMs: 14_000 })
const exchanges = exchangesOf(parseRecording('r', TEXT).buses[0] ?? raise())

beforeAll(() => writeFileSync(file, TEXT))
afterAll(() => rmSync(folder, { recursive: true }))

function raise(): never {
  throw new Error('nothing was recorded')
}

/** A program at the other end of the line. */
class Host {
  readonly #port: number
  #socket: Socket | null = null
  #heard = Buffer.alloc(0)
  #wake = () => {}

  private constructor(port: number) {
    this.#port = port
  }

  static async at(player: Simulator): Promise<Host> {
    const host = new Host(Number((await player.until('port ')).split(':')[1]))
    await host.open()
    return host
  }

  open(): Promise<void> {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true })
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      this.#heard = Buffer.concat([this.#heard, bytes])
      this.#wake()
    })
    socket.on('close', () => this.#wake())
    return new Promise((settle, reject) => {
      socket.once('connect', settle)
      socket.once('close', () => reject(new Error('refused')))
    })
  }

  send(bytes: Uint8Array): void {
    this.#socket?.write(bytes)
  }

  async hears(count: number): Promise<Buffer> {
    while (this.#heard.length < count) await this.#change()
    const bytes = this.#heard.subarray(0, count)
    this.#heard = this.#heard.subarray(count)
    return bytes
  }

  async isCut(): Promise<void> {
    while (this.#socket?.closed === false) await this.#change()
  }

  end(): void {
    this.#socket?.destroy()
  }

  #change(): Promise<void> {
    return new Promise((settle) => {
      this.#wake = settle
    })
  }
}

const answersOf = ({ answers }: RecordedExchange) =>
  Buffer.concat(answers.map(({ bytes }) => bytes))

describe('the boards of a recording', () => {
  it('answer as they did, not earlier, and through a pulled cable', async () => {
    const player = new Simulator(['replay', file, '--tcp', '0'])
    const host = await Host.at(player)
    const early: number[] = []
    for (const exchange of exchanges) {
      const sentAtMs = performance.now()
      host.send(exchange.request)
      const answers = answersOf(exchange)
      expect(await host.hears(answers.length)).toEqual(answers)
      const lastMs = Math.max(0, ...exchange.answers.map(({ afterMs }) => afterMs))
      // A timer may ring up to a millisecond early.
      if (performance.now() - sentAtMs < lastMs - 1) early.push(exchange.line)
      if (exchange.pulledAfterMs === null) continue
      await host.isCut()
      await player.until('port ')
      await host.open()
    }
    expect(early).toEqual([])
    expect(exchanges.some(({ pulledAfterMs }) => pulledAfterMs !== null)).toBe(true)
    const count = exchanges.length
    expect(await player.until('played')).toContain(`played ${count} of ${count} exchanges`)
    expect(await player.exit).toBe(0)
    expect(player.err).toBe('')
    host.end()
  })

  it('tell at once what the host should have asked', async () => {
    const player = new Simulator(['replay', file, '--tcp', '0', '--show'])
    const host = await Host.at(player)
    const [first, second] = exchanges
    host.send(first?.request ?? raise())
    await host.hears(answersOf(first ?? raise()).length)
    host.send(Buffer.from('0200310336', 'hex'))
    expect(await player.until('line ')).toMatch(/line \d+ > 02 .* \| state to B\d, kerong-cu16$/)
    expect(await player.until('another way')).toContain(`after 1 of ${exchanges.length} exchanges`)
    expect(await player.until('recorded')).toContain(`recorded in line ${second?.line}: > 02`)
    expect(await player.until('now')).toMatch(/now: > 02( [0-9A-F]{2})+$/)
    expect(await player.exit).toBe(1)
    host.end()
  })

  it('notice a request that stops in the middle', async () => {
    const player = new Simulator(['replay', file, '--tcp', '0'])
    const host = await Host.at(player)
    host.send(Buffer.from('02', 'hex'))
    expect(await player.until('now')).toMatch(/now: > 02$/)
    expect(await player.exit).toBe(1)
    host.end()
  })

  it('end when they are told to', async () => {
    const player = new Simulator(['replay', file, '--tcp', '0'])
    await player.until('port ')
    player.child.kill('SIGINT')
    expect(await player.until('stopped')).toContain(`stopped after 0 of ${exchanges.length} exch`)
    expect(await player.exit).toBe(130)
  })
})

describe('latchkey-sim replay', () => {
  it('shows what happened, and that it happened again', async () => {
    const { exit, out } = await Simulator.run(['replay', file, '--show'])
    expect(exit).toBe(0)
    expect(out).toMatch(
      /^\d+ east > 02 10 30 03 45 {2}\| state to B\d \(kerong-cu16, address 1\)$/m,
    )
    expect(out).toMatch(/^bus east: \d+ frames sent, \d+ received, \d+ reports, all as recorded$/m)
  })

  it('ends with 1 and both versions where the master does something else', async () => {
    const changed = join(folder, 'changed.ndjson')
    writeFileSync(changed, TEXT.replace('"request":"state"', '"request":"hello"'))
    const { exit, out } = await Simulator.run(['replay', changed])
    expect(exit).toBe(1)
    expect(out).toMatch(
      /as recorded, and then it goes another way:\n {2}recorded in line \d+: \d+ e/,
    )
    expect(out).toMatch(/hello to B\d .*\n {2}now: \d+ east > .* state to B\d /)
  })

  it('says where the recording is cut', async () => {
    const cut = join(folder, 'cut.ndjson')
    writeFileSync(cut, TEXT.slice(0, -40))
    const { exit, out } = await Simulator.run(['replay', cut])
    expect(exit).toBe(0)
    expect(out).toMatch(/^the recording ends at line \d+, which is not whole\n/)
  })

  it('helps', async () => {
    const { exit, out, err } = await Simulator.run(['replay', '--help'])
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toMatch(/^usage: latchkey-sim replay FILE /)
  })

  it.each<[string, readonly string[], RegExp]>([
    ['no file', [], /^name one file\n\nusage: /],
    ['two files', [file, file], /^name one file\n/],
    ['an unknown option', [file, '--fast'], /^Unknown option '--fast'/],
    ['two ports', [file, '--tcp', '0', '--pty', '/x'], /^one of --pty and --tcp\n/],
    ['a port out of range', [file, '--tcp', '70000'], /^--tcp is a whole number from 0 to 65535/],
    ['what only a port needs', [file, '--strict'], /^--strict and --bus need a port\n/],
    ['a file that is not there', [join(folder, 'none')], /none: cannot be read \(ENOENT\)\n$/],
    [
      'no such bus',
      [file, '--tcp', '0', '--bus', 'x'],
      /^name one of its buses with --bus: east\n$/,
    ],
  ])('ends with 2 for %s', async (_what, args, words) => {
    const { exit, out, err } = await Simulator.run(['replay', ...args])
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    expect(err).toMatch(words)
  })
})

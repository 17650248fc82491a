// Goal: any model stands behind a real pseudoterminal and behind a TCP gateway, at the pace of its
// baud rate, and nothing is left behind. Every wait is for bytes or for an event.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { SerialPort } from 'serialport'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { kerongCu48Board } from '../../../sim/boards/kerong-cu48-board.ts'
import { LiveBus } from '../../../sim/boards/live-bus.ts'
import type { LivePort } from '../../../sim/boards/live-port.ts'
import type { CoilChange } from '../../../sim/boards/wire.ts'
import { bytesOf, hex } from './bench.ts'

const ASK = '02 00 00 60 03 65'
const STATE = '02 00 00 75 FF FF FF FF FF FF 00 00 00 00 00 00 03 74'
const UNLOCK = '02 00 00 61 03 66'
/** Relay 8 for 500 ms. */
const BUZZ_8 = '01 05 02 07 00 05 BD B0'
const SIMULATOR = new URL('../../../sim/latchkey-sim.mjs', import.meta.url).pathname

interface Port {
  write(bytes: Uint8Array): void
  /** Until so many bytes have come since the last call. */
  read(count: number): Promise<string>
  close(): Promise<void>
}

let folder: string
let live: LiveBus
let coils: CoilChange[]
let coilChanged: () => void
const ports: Port[] = []

function plug(port: LivePort, baudRate: number): Promise<void> {
  coils = []
  coilChanged = () => {}
  live = new LiveBus({
    port,
    baudRate,
    boards: [{ id: 'A', model: kerongCu48Board({ address: 0, channels: 48 }) }],
    coilChanged: (change) => {
      coils.push(change)
      coilChanged()
    },
  })
  return live.plugIn()
}

function reader(source: NodeJS.EventEmitter) {
  let held = Buffer.alloc(0)
  let wake = () => {}
  source.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes])
    wake()
  })
  return async (count: number): Promise<string> => {
    while (held.length < count) await new Promise<void>((resolve) => (wake = resolve))
    const bytes = held.subarray(0, count)
    held = held.subarray(count)
    return hex(bytes)
  }
}

async function openSerial(path: string): Promise<Port> {
  const serial = new SerialPort({ path, baudRate: 19_200, hupcl: false })
  await once(serial, 'open')
  const port: Port = {
    read: reader(serial),
    write: (bytes) => serial.write(Buffer.from(bytes)),
    close: async () => {
      if (serial.isOpen) await new Promise<void>((resolve) => serial.close(() => resolve()))
    },
  }
  ports.push(port)
  return port
}

function tcpPort(socket: Socket): Port {
  socket.on('error', () => {})
  const port: Port = {
    read: reader(socket),
    write: (bytes) => socket.write(bytes),
    close: async () => {
      if (socket.closed) return
      const closed = once(socket, 'close')
      socket.resetAndDestroy()
      await closed
    },
  }
  ports.push(port)
  return port
}

async function openTcp(): Promise<Port> {
  const socket = connect({ host: '127.0.0.1', port: live.gateway?.port ?? 0, noDelay: true })
  await once(socket, 'connect')
  return tcpPort(socket)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-boards-'))
})

afterEach(async () => {
  for (const port of ports.splice(0)) await port.close()
  await live.stop()
  rmSync(folder, { recursive: true })
})

const KINDS = ['pty', 'tcp'] as const

async function open(kind: (typeof KINDS)[number], baudRate: number): Promise<Port> {
  const path = join(folder, 'bus')
  await plug(kind === 'pty' ? { kind, path } : { kind, port: 0 }, baudRate)
  return kind === 'pty' ? openSerial(path) : openTcp()
}

describe.each(KINDS)('a board behind a real %s', (kind) => {
  test('answers, opens, and shows its door', async () => {
    const port = await open(kind, 115_200)
    port.write(bytesOf(ASK))
    expect(await port.read(18)).toBe(STATE)
    const fired = new Promise<void>((resolve) => {
      coilChanged = resolve
    })
    port.write(bytesOf(UNLOCK))
    await fired
    expect(coils).toEqual([{ board: 'A', channel: 1, isOn: true, ms: 500 }])
    live.moveDoor({ board: 'A', channel: 1, door: 'open' })
    port.write(bytesOf(ASK))
    expect(await port.read(18)).toContain('75 FE FF')
  })

  test('is as slow as its line in both directions', async () => {
    const baudRate = 1_200
    const port = await open(kind, baudRate)
    const startedMs = performance.now()
    port.write(bytesOf(ASK))
    await port.read(1)
    const firstMs = performance.now() - startedMs
    await port.read(17)
    const allMs = performance.now() - startedMs
    const byteMs = 10_000 / baudRate
    // The request of six bytes and the first byte of the reply, and then the other seventeen.
    expect(firstMs / (7 * byteMs)).toBeGreaterThan(0.95)
    expect((allMs - firstMs) / (17 * byteMs)).toBeGreaterThan(0.5)
    expect(allMs / (24 * byteMs)).toBeGreaterThan(0.95)
    expect(allMs / (24 * byteMs)).toBeLessThan(2)
  })
})

describe('a gateway', () => {
  test('that stalls holds everything, and goes on with it', async () => {
    const port = await open('tcp', 115_200)
    live.gateway?.stall()
    port.write(bytesOf(ASK))
    const other = await openTcp()
    live.gateway?.resume()
    expect(await port.read(18)).toBe(STATE)
    expect(await other.read(18)).toBe(STATE)
  })

  test('that stalls forgets what came from a connection that is gone', async () => {
    const port = await open('tcp', 115_200)
    port.write(bytesOf(ASK))
    await port.read(18)
    live.gateway?.stall()
    port.write(bytesOf(UNLOCK))
    await port.close()
    const next = await openTcp()
    await vi.waitFor(() => expect(live.gateway?.connections).toBe(1))
    live.gateway?.resume()
    next.write(bytesOf(ASK))
    expect(await next.read(18)).toBe(STATE)
    expect(coils).toEqual([])
  })

  test('that is cut takes new connections, and one that is killed does not', async () => {
    const port = await open('tcp', 115_200)
    live.gateway?.cut()
    const next = await openTcp()
    next.write(bytesOf(ASK))
    expect(await next.read(18)).toBe(STATE)
    const number = live.gateway?.port ?? 0
    await live.unplug()
    const refused = connect({ host: '127.0.0.1', port: number })
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
    await port.close()
  })
})

describe('latchkey-sim boards', () => {
  async function start(args: readonly string[]) {
    await plug({ kind: 'tcp', port: 0 }, 9_600)
    const child = spawn(process.execPath, [SIMULATOR, 'boards', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    /** The next line that holds the text, without its time. */
    const until = async (text: string): Promise<string> => {
      for (;;) {
        const { value, done } = await lines.next()
        if (done) throw new Error(`it ended before ${text}`)
        if (value.includes(text)) return value.slice(value.indexOf(' ') + 1)
      }
    }
    return { child, until, exit: once(child, 'exit') }
  }

  test('prints its port, every frame and every door, and obeys its keys', async () => {
    const { child, until, exit } = await start(['--dialect', 'kerong-cu48', '--tcp', '0'])
    const at = (await until('port ')).split(':')[1]
    const socket = connect({ host: '127.0.0.1', port: Number(at), noDelay: true })
    const port = tcpPort(socket)
    port.write(bytesOf(ASK))
    expect(await until('> ')).toBe(`> ${ASK}`)
    expect(await until('< 1')).toBe(`< 1 ${STATE}`)
    // The line above is printed when the answer starts; to talk into it would spoil both.
    await port.read(18)
    port.write(bytesOf(UNLOCK))
    expect(await until('coil')).toBe('coil 1/1 on 500 ms')
    expect(await until('door')).toBe('door 1/1 open by lock')
    expect(await until('coil')).toBe('coil 1/1 off')
    child.stdin.write('c 1\no 7\nx\no 99\n')
    expect(await until('door')).toBe('door 1/1 closed by hand')
    expect(await until('door')).toBe('door 1/7 open by hand')
    expect(await until('99')).toBe('no door 1/99')
    child.stdin.write('q\n')
    expect(await exit).toEqual([0, null])
  })

  test('shows lamps and signals, and springs no door by them', async () => {
    const lamps = await start(['--dialect', 'wkly', '--tcp', '0'])
    const relays = await start(['--dialect', 'modbus-rtu', '--signals', '7,8', '--tcp', '0'])
    for (const [{ until }, frame] of [
      [lamps, '57 4B 4C 59 09 00 81 03 82'],
      [relays, BUZZ_8],
    ] as const) {
      const at = (await until('port ')).split(':')[1]
      tcpPort(connect({ host: '127.0.0.1', port: Number(at) })).write(bytesOf(frame))
    }
    expect(await lamps.until('lamp')).toBe('lamp 1/3 flashes')
    expect(await relays.until('1/8')).toBe('signal 1/8 on 500 ms')
    expect(await relays.until('1/8')).toBe('signal 1/8 off')
    for (const { child, exit } of [lamps, relays]) {
      child.stdin.write('q\n')
      expect(await exit).toEqual([0, null])
    }
  })

  test('leaves no port behind when it is told to end', async () => {
    const path = join(folder, 'kiosk')
    const { child, until, exit } = await start(['--dialect', 'wkly', '--pty', path])
    expect(await until('port ')).toBe(`port ${path}`)
    expect(existsSync(path)).toBe(true)
    child.kill('SIGTERM')
    expect(await exit).toEqual([0, null])
    expect(existsSync(path)).toBe(false)
  })
})

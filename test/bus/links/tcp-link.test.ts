// Goal: a gateway gets nothing old. Method: real TCP servers; every wait is for an event.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BusRunner } from '../../../src/bus/bus-runner.ts'
import type { BusConfig } from '../../../src/bus/config.ts'
import type { BusLink, LinkHost } from '../../../src/bus/links/link.ts'
import { createLink } from '../../../src/bus/links/links.ts'
import { createTcpLink } from '../../../src/bus/links/tcp-link.ts'
import type { KioskEvent } from '../../../src/kiosk/events.ts'
import { bytes, hexOf } from '../dialects/exchange.ts'
import { realClock } from '../real-clock.ts'

/** What Node reads from a socket at once. */
const PORTION_BYTES_MAX = 65_536
const NOTED_MAX = 1_024

class Ear implements LinkHost {
  readonly heard: string[] = []
  #taken = 0
  #waiting: (() => void)[] = []

  opened(): void {
    this.#note('opened')
  }

  frame(text: string): void {
    this.#taken += text.length
    // What floods is counted, not noted.
    if (text.length < NOTED_MAX) this.#note(`frame ${hexOf(text)}`)
  }

  takenBytes(): number {
    return this.#taken
  }

  closed(cause: string): void {
    this.#note(`closed ${cause}`)
  }

  async until(start: string): Promise<void> {
    while (!this.heard.some((words) => words.startsWith(start))) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #note(words: string): void {
    this.heard.push(words)
    for (const go of this.#waiting.splice(0)) go()
  }
}

let server: Server
let config: { readonly kind: 'tcp'; host: string; port: number; baudRate: number }
const sockets: Socket[] = []
const links: BusLink[] = []

beforeEach(async () => {
  server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  config = { kind: 'tcp', host: '127.0.0.1', port, baudRate: 19_200 }
})

afterEach(() => {
  for (const link of links.splice(0)) link.close()
  for (const socket of sockets.splice(0)) socket.destroy()
  server.close()
})

/** A reset is an error to the other side, which is as it should be. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on('close', () => resolve()))
}

function makeLink(ear: LinkHost): BusLink {
  const link = createTcpLink(config, ear, 'bytes')
  links.push(link)
  return link
}

async function openLink(): Promise<{ link: BusLink; ear: Ear; gateway: Socket }> {
  const connected = once(server, 'connection') as Promise<[Socket]>
  const ear = new Ear()
  const link = makeLink(ear)
  link.open()
  await ear.until('opened')
  const [gateway] = await connected
  return { link, ear, gateway }
}

describe('a gateway link', () => {
  test('carries every byte both ways', async () => {
    const { link, ear, gateway } = await openLink()
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code))
    const received = once(gateway, 'data') as Promise<[Buffer]>
    gateway.resume()
    link.send(all)
    expect((await received)[0].toString('latin1')).toBe(all)
    gateway.write(Buffer.from(all, 'latin1'))
    await ear.until('frame')
    expect(ear.heard).toEqual(['opened', `frame ${hexOf(all)}`])
  })

  test('writes nothing before it is open and after it is closed', async () => {
    const early = makeLink(new Ear())
    early.send('ghost')
    const { link, gateway } = await openLink()
    early.close()
    let text = ''
    gateway.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    gateway.resume()
    link.send('alive')
    await once(gateway, 'data')
    const closed = closing(gateway)
    link.close()
    link.send('ghost')
    await closed
    expect(text).toBe('alive')
  })

  test('throws away what a full connection has not taken', async () => {
    const { link, gateway } = await openLink()
    link.send('A'.repeat(32 << 20))
    link.send('ghost')
    link.close()
    let text = ''
    gateway.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('latin1')).slice(-5)
    })
    const closed = closing(gateway)
    gateway.resume()
    await closed
    expect(text).not.toBe('ghost')
  })

  test('leaves room for other work while a gateway floods', async () => {
    const { ear, gateway } = await openLink()
    const bytes = 4 << 20
    const portions: number[] = []
    let heard = 0
    const look = (): void => {
      const portion = ear.takenBytes() - heard
      heard += portion
      portions.push(portion)
      if (heard < bytes) setImmediate(look)
      else done.resolve()
    }
    const done = Promise.withResolvers<void>()
    setImmediate(look)
    gateway.write(Buffer.alloc(bytes, 'A'))
    await done.promise
    expect(Math.max(...portions)).toBeLessThanOrEqual(PORTION_BYTES_MAX)
  })

  test('says once why it ended', async () => {
    const { ear, gateway } = await openLink()
    gateway.destroy()
    await ear.until('closed')
    expect(ear.heard.filter((words) => words.startsWith('closed'))).toHaveLength(1)
  })

  test('says when nobody listens', async () => {
    server.close()
    await once(server, 'close')
    const ear = new Ear()
    makeLink(ear).open()
    await ear.until('closed')
    expect(ear.heard).toHaveLength(1)
  })
})

const REPLY = bytes('02 00 35 FF FF 00 00 03 38')
const QUESTION = bytes('02 00 30 03 35')

describe('a gateway that stalls', () => {
  test('in front of an unlock never gets it, whatever it reads later', async () => {
    const bus: BusConfig = {
      id: 'wall',
      link: config,
      boards: [{ id: 'A', address: 0, dialect: 'kerong-cu16', channels: 16 }],
    }
    const events: KioskEvent[] = []
    let told = () => {}
    const until = async (kind: KioskEvent['kind']) => {
      while (!events.some((event) => event.kind === kind)) {
        await new Promise<void>((resolve) => {
          told = resolve
        })
      }
    }
    let isStalled = false
    let received = ''
    server.on('connection', (socket: Socket) => {
      socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString('latin1')
        received += text
        if (text.endsWith(QUESTION)) socket.write(REPLY, 'latin1')
      })
      if (!isStalled) socket.resume()
    })
    const clock = realClock
    const report = (event: KioskEvent) => {
      events.push(event)
      told()
    }
    const runner = new BusRunner({ config: bus, clock, createLink, report })
    runner.start()
    await until('board-read')

    // The gateway goes on taking bytes into its buffers, and reads none of them.
    isStalled = true
    for (const socket of sockets) socket.pause()
    const connections = sockets.length
    const expiresAtMonoMs = clock.now().monoMs + 700
    const order = { openingId: 1, boardId: 'A', channel: 1, pulseMs: 500, expiresAtMonoMs }
    runner.unlock(order)
    await until('unlock-ended')
    expect(events.at(-1)).toMatchObject({ kind: 'unlock-ended', outcome: 'expired' })
    // A reply that did not come has cost the connection.
    expect(sockets.length).toBeGreaterThan(connections)

    // It comes back and reads everything.
    isStalled = false
    const ends = sockets
      .slice(0, -1)
      .filter(({ closed }) => !closed)
      .map(closing)
    for (const socket of sockets) socket.resume()
    await Promise.all(ends)
    const second = { ...order, openingId: 2, channel: 2 }
    events.length = 0
    runner.unlock({ ...second, expiresAtMonoMs: clock.now().monoMs + 5_000 })
    await until('unlock-ended')
    runner.stop()
    expect(hexOf(received)).not.toContain('02 00 31')
    expect(hexOf(received)).toContain('02 01 31 03 37')
    expect(runner.counters.linkOpenings).toBeGreaterThan(1)
  })
})

// Goal: the serial link keeps its contract on a real SerialPort. Method: pseudoterminals; every
// wait is for an event.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SerialPort } from 'serialport'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { decodeLine } from '../../../firmware-protocol/line.ts'
import { type Cable, plugIn } from '../../../sim/boards/pty.ts'
import { FRAME_LENGTH_MAX } from '../../../src/bus/links/frames.ts'
import type { BusLink, LinkHost } from '../../../src/bus/links/link.ts'
import { createSerialLink } from '../../../src/bus/links/serial-link.ts'

const BAUD_RATE = 115_200

/** Notes what a link says, and lets the test wait for it. */
class Ear implements LinkHost {
  readonly heard: string[] = []
  #waiting: (() => void)[] = []

  opened(): void {
    this.#note('opened')
  }

  frame(text: string): void {
    this.#note(`frame ${text}`)
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

let folder: string
let path: string
let cable: Cable
const links: BusLink[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-link-'))
  path = join(folder, 'bus')
  cable = await plugIn(path)
})

afterEach(async () => {
  for (const link of links.splice(0)) link.close()
  await cable.unplug()
  rmSync(folder, { recursive: true })
})

function makeLink(ear: LinkHost): BusLink {
  const link = createSerialLink({ kind: 'serial', path, baudRate: BAUD_RATE }, ear, 'line')
  links.push(link)
  return link
}

async function openLink(): Promise<{ readonly link: BusLink; readonly ear: Ear }> {
  const ear = new Ear()
  const link = makeLink(ear)
  link.open()
  await ear.until('opened')
  return { link, ear }
}

/** Everything that reached the device up to and with `end`. */
async function received(end: string): Promise<string> {
  let text = ''
  while (!text.endsWith(end)) {
    const [bytes]: Buffer[] = await once(cable.fromPort, 'data')
    text += bytes?.toString('latin1') ?? ''
  }
  return text
}

describe('a serial link', () => {
  test('carries frames both ways', async () => {
    const { link, ear } = await openLink()
    link.send('>ping\n')
    expect(await received('\n')).toBe('>ping\n')
    cable.toPort.write('<po')
    cable.toPort.write('ng\n')
    await ear.until('frame')
    expect(ear.heard).toEqual(['opened', 'frame <pong'])
  })

  test('never sends later what was written while closed, as a bare SerialPort does', async () => {
    const bare = new SerialPort({ path, baudRate: BAUD_RATE, autoOpen: false })
    bare.write('ghost\n')
    bare.open()
    expect(await received('\n')).toBe('ghost\n')
    bare.close()
    await once(bare, 'close')

    const early = new Ear()
    const link = makeLink(early)
    link.send('ghost before the first open\n')
    link.open()
    await early.until('opened')
    await cable.unplug()
    await early.until('closed')
    link.send('ghost after the end\n')

    cable = await plugIn(path)
    const next = await openLink()
    link.send('ghost of the old link\n')
    next.link.send('>alive\n')
    expect(await received('alive\n')).toBe('>alive\n')
  })

  test('drops a frame while the one before it hangs', async () => {
    const { link } = await openLink()
    const long = `${'A'.repeat(2 << 20)}\n`
    link.send(long)
    link.send('ghost\n')
    expect(await received('\n')).toBe(long)
    let text = ''
    cable.fromPort.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1')
    })
    await vi.waitFor(() => {
      link.send('>alive\n')
      expect(text).toContain('alive')
    })
    expect(text).not.toContain('ghost')
  })

  test('neither joins half a line with the next connection nor hands it on', async () => {
    const first = await openLink()
    cable.toPort.write('<whole\n<ha')
    await first.ear.until('frame <whole')
    await cable.unplug()
    await first.ear.until('closed')
    expect(first.ear.heard.filter((words) => words.startsWith('frame'))).toEqual(['frame <whole'])

    cable = await plugIn(path)
    const next = await openLink()
    cable.toPort.write('lf\n<next\n')
    await next.ear.until('frame <next')
    expect(next.ear.heard).toEqual(['opened', 'frame lf', 'frame <next'])
  })

  test('survives 2 MB of noise without a line feed and hears the next line', async () => {
    const { ear } = await openLink()
    cable.toPort.write(Buffer.alloc(2 << 20, 0xaa))
    cable.toPort.write('\n<good\n')
    await ear.until('frame')
    expect(ear.heard).toEqual(['opened', 'frame <good'])
  })

  test('hands on bare bytes as they come, line feeds included', async () => {
    let heard = ''
    const codes = Array.from({ length: 256 }, (_, code) => code)
    await new Promise<void>((resolve) => {
      const host: LinkHost = {
        opened: () => cable.toPort.write(Buffer.from(codes)),
        frame: (text) => {
          heard += text
          if (heard.length >= codes.length) resolve()
        },
        closed: () => {},
      }
      const config = { kind: 'serial', path, baudRate: BAUD_RATE } as const
      const link = createSerialLink({ ...config, parity: 'even', stopBits: 2 }, host, 'bytes')
      links.push(link)
      link.open()
    })
    expect([...heard].map((character) => character.charCodeAt(0))).toEqual(codes)
  })

  test('drops a line that is one byte too long', async () => {
    const { ear } = await openLink()
    const longest = 'A'.repeat(FRAME_LENGTH_MAX - 1)
    cable.toPort.write(`${longest}A\n${longest}\n`)
    await ear.until('frame')
    expect(ear.heard).toEqual(['opened', `frame ${longest}`])
  })

  test('keeps every byte of noise, so that the checksum can reject it', async () => {
    const { ear } = await openLink()
    const codes = Array.from({ length: 255 }, (_, index) => (index < 0x0a ? index : index + 1))
    cable.toPort.write(Buffer.from([...codes, 0x0a]))
    await ear.until('frame')
    const frame = ear.heard[1]?.slice('frame '.length) ?? ''
    expect([...frame].map((character) => character.charCodeAt(0))).toEqual(codes)
    expect(decodeLine(frame)).toBe(null)
  })

  test('notices that the cable is pulled out of a quiet line', async () => {
    const { ear } = await openLink()
    await cable.unplug()
    await ear.until('closed')
    expect(ear.heard.filter((words) => words.startsWith('closed'))).toHaveLength(1)
  })

  test('notices a cable pulled out while bytes come in, and a new link opens', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { ear } = await openLink()
      cable.toPort.write('<last words\n')
      await ear.until('frame')
      await cable.unplug()
      await ear.until('closed')
      cable = await plugIn(path)
    }
    const { ear } = await openLink()
    expect(ear.heard).toEqual(['opened'])
  })

  test('says why it does not open, and a new link opens once the port is there', async () => {
    await cable.unplug()
    const ear = new Ear()
    makeLink(ear).open()
    await ear.until('closed')
    expect(ear.heard[0]).toContain('No such file')
    cable = await plugIn(path)
    await openLink()
  })

  test('does not open a port that another one holds', async () => {
    const first = await openLink()
    const ear = new Ear()
    makeLink(ear).open()
    await ear.until('closed')
    expect(ear.heard[0]).toContain('Cannot lock port')
    first.link.send('>still mine\n')
    expect(await received('\n')).toBe('>still mine\n')
  })

  test('is closed as often as one likes, and says nothing any more', async () => {
    const { link, ear } = await openLink()
    link.close()
    link.close()
    const { link: next } = await vi.waitFor(openLink)
    next.send('>alive\n')
    expect(await received('\n')).toBe('>alive\n')
    expect(ear.heard).toEqual(['opened'])
  })

  test('that is closed while it opens lets go of the port', async () => {
    const ear = new Ear()
    const link = makeLink(ear)
    link.open()
    link.close()
    await vi.waitFor(async () => {
      const next = new Ear()
      makeLink(next).open()
      await Promise.race([next.until('opened'), next.until('closed')])
      expect(next.heard).toEqual(['opened'])
    })
    expect(ear.heard).toEqual([])
  })
})

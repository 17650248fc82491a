// A scanner or keypad that comes, goes and comes back: on virtual time with links of the test's
// own, and with real files as the kernel gives them. /dev/uinput would make a keyboard; where it is
// missing, as in most containers, a FIFO gives the same bytes.
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Clock } from '../../../src/kiosk/time.ts'
import type { InputConfig } from '../../../src/screen/inputs/config.ts'
import {
  InputDevice,
  type InputHost,
  OPEN_MAX_MS,
  RETRY_MAX_MS,
  RETRY_MIN_MS,
} from '../../../src/screen/inputs/device.ts'
import { createEvdevLink } from '../../../src/screen/inputs/evdev-link.ts'
import type { InputLinkHost } from '../../../src/screen/inputs/link.ts'
import { DROPPED, tapOf, typedBytes } from '../../support/key-bytes.ts'

const SCANNER: InputConfig = {
  kind: 'scanner',
  id: 'front',
  link: { kind: 'evdev', path: '/dev/none' },
}
const KEYPAD: InputConfig = {
  kind: 'keypad',
  id: 'pad',
  link: { kind: 'evdev', path: '/dev/none' },
  keys: [{ code: 183, does: 'jack-in' }],
}

let heard: string[]
let devices: InputDevice[]

const host: InputHost = {
  scanned: (code) => heard.push(`scan ${code}`),
  pressed: (does) => heard.push(`key ${does}`),
  interrupted: () => heard.push('interrupted'),
  changed: ({ state }, cause) => heard.push(cause === null ? state : `${state}: ${cause}`),
}

beforeEach(() => {
  heard = []
  devices = []
})

afterEach(() => {
  for (const device of devices) device.stop()
})

/** A device on virtual time, whose links do what the test says. */
function benchOf(config: InputConfig) {
  const links: (InputLinkHost & { isClosed: boolean })[] = []
  let nowMs = 0
  let dueMs: number | null = null
  let wake = () => {}
  const clock: Clock = {
    now: () => ({ monoMs: nowMs, wallMs: nowMs, isWallBelieved: true }),
    alarm: (ring) => {
      wake = ring
      return {
        set: (at) => {
          dueMs = at
        },
      }
    },
  }
  const device = new InputDevice({
    config,
    clock,
    host,
    createLink: (_link, linkHost) => {
      const link = { ...linkHost, isClosed: false }
      links.push(link)
      return {
        open: () => {},
        close: () => {
          link.isClosed = true
        },
      }
    },
  })
  devices.push(device)
  device.start()
  return {
    device,
    links,
    newest: () => links.at(-1) as (typeof links)[number],
    /** @returns how long it waited until it tried again */
    untilRetry(): number {
      if (dueMs === null) throw new Error('nothing is due')
      const waitedMs = dueMs - nowMs
      nowMs = dueMs
      dueMs = null
      wake()
      return waitedMs
    },
  }
}

const text = (bytes: Buffer) => bytes.toString('latin1')

describe('a device', () => {
  test('that is not there is told of once, and looked for ever more slowly', () => {
    const bench = benchOf(SCANNER)
    const waits = [1, 2, 3, 4, 5, 6].map(() => {
      bench.newest().closed('ENOENT')
      return bench.untilRetry()
    })
    expect(waits.slice(0, 3)).toEqual([RETRY_MIN_MS, 2 * RETRY_MIN_MS, 4 * RETRY_MIN_MS])
    expect(waits.at(-1)).toBe(RETRY_MAX_MS)
    expect(heard).toEqual(['missing: ENOENT'])
    expect(bench.device.status.state).toBe('missing')
    bench.newest().opened()
    expect(bench.device.status.state).toBe('online')
  })

  test('that went away is back, and nothing of before gets into what comes then', () => {
    const bench = benchOf(SCANNER)
    bench.newest().opened()
    bench.newest().frame(text(typedBytes('HALF')))
    const old = bench.newest()
    old.closed('ENODEV')
    expect(bench.device.status.state).toBe('lost')
    expect(bench.untilRetry()).toBe(RETRY_MIN_MS)
    bench.newest().closed('ENOENT')
    expect(bench.device.status.state).toBe('lost')
    bench.untilRetry()
    bench.newest().opened()
    old.frame(text(typedBytes('GHOST\n')))
    bench.newest().frame(text(typedBytes('WHOLE\n')))
    expect(heard).toEqual(['online', 'lost: ENODEV', 'online', 'scan WHOLE'])
    expect(bench.device.status).toMatchObject({ count: 1, misreads: 0 })
  })

  test('that opens and breaks without a word is not tried ever faster', () => {
    const bench = benchOf(SCANNER)
    const waits = [1, 2, 3].map(() => {
      bench.newest().opened()
      bench.newest().closed('EIO')
      return bench.untilRetry()
    })
    expect(waits).toEqual([RETRY_MIN_MS, 2 * RETRY_MIN_MS, 4 * RETRY_MIN_MS])
  })

  test('tells of what may be a code or a token; all else is misread', () => {
    const bench = benchOf(SCANNER)
    bench.newest().opened()
    const token = `LKT${'7'.repeat(200)}`
    for (const code of ['x'.repeat(65), token, `${token}${'7'.repeat(200)}`]) {
      bench.newest().frame(text(typedBytes(`${code}\n`)))
    }
    expect(heard).toEqual(['online', `scan ${token}`])
    expect(bench.device.status).toMatchObject({ count: 1, misreads: 2 })
  })

  test('that was stopped says nothing more', () => {
    const bench = benchOf(SCANNER)
    bench.newest().opened()
    bench.device.stop()
    expect(bench.newest().isClosed).toBe(true)
    bench.newest().frame(text(typedBytes('LATE\n')))
    bench.newest().closed('closed')
    expect(heard).toEqual(['online'])
  })

  test('that is a keypad tells functions, and when keys are missing', () => {
    const bench = benchOf(KEYPAD)
    bench.newest().opened()
    const bytes = [tapOf(2), tapOf(30), tapOf(183), DROPPED, tapOf(3), tapOf(4)]
    bench.newest().frame(text(Buffer.concat(bytes)))
    expect(heard).toEqual(['online', 'key 1', 'key jack-in', 'interrupted', 'key 3'])
    expect(bench.device.status).toMatchObject({ kind: 'keypad', count: 3, misreads: 0 })
  })

  test('that is a keypad and goes away takes an entry with it, once', () => {
    const bench = benchOf(KEYPAD)
    bench.newest().closed('ENOENT')
    bench.untilRetry()
    bench.newest().opened()
    bench.newest().closed('ENODEV')
    bench.untilRetry()
    bench.newest().closed('ENOENT')
    expect(heard).toEqual(['missing: ENOENT', 'online', 'interrupted', 'lost: ENODEV'])
  })

  test('whose driver hangs is given up, and tried again', () => {
    const bench = benchOf(SCANNER)
    const hanging = bench.newest()
    expect(bench.untilRetry()).toBe(OPEN_MAX_MS)
    expect(hanging.isClosed).toBe(true)
    expect(heard).toEqual(['missing: it does not open'])
    hanging.opened()
    expect(bench.device.status.state).toBe('missing')
    expect(bench.untilRetry()).toBe(RETRY_MIN_MS)
    bench.newest().opened()
    expect(() => bench.untilRetry()).toThrow('nothing is due')
  })
})

describe('a file of the kernel', () => {
  let folder: string
  let path: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-input-'))
    path = join(folder, 'event7')
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  /** What a link says, in order, and a wait for more of it. */
  function listen() {
    const said: string[] = []
    let bytes = Buffer.alloc(0)
    const link = createEvdevLink(
      { kind: 'evdev', path },
      {
        opened: () => said.push('opened'),
        frame: (latin1) => {
          bytes = Buffer.concat([bytes, Buffer.from(latin1, 'latin1')])
        },
        closed: (cause) => said.push(`closed ${cause}`),
      },
    )
    link.open()
    return { said, link, bytes: () => bytes }
  }

  test('is read as it comes, until it ends', async () => {
    execFileSync('mkfifo', [path])
    const { said, bytes } = listen()
    const writer = openSync(path, constants.O_WRONLY)
    const first = typedBytes('A1\n')
    writeSync(writer, first.subarray(0, 30))
    await expect.poll(() => bytes().length).toBe(30)
    writeSync(writer, first.subarray(30))
    await expect.poll(() => bytes().equals(first)).toBe(true)
    closeSync(writer)
    await expect.poll(() => said).toEqual(['opened', 'closed the device ended'])
  })

  test('is let go at once when the link is closed, whatever it says then', async () => {
    execFileSync('mkfifo', [path])
    const { said, link, bytes } = listen()
    const writer = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    link.close()
    link.close()
    writeSync(writer, typedBytes('x'))
    await new Promise((resolve) => setImmediate(resolve))
    closeSync(writer)
    expect(bytes()).toHaveLength(0)
    expect(said).toEqual(['opened'])
  })

  test('holds none of the threads that read files while nobody presses a key', async () => {
    execFileSync('mkfifo', [path])
    const links = Array.from({ length: 8 }, listen)
    // Four threads do all reading; as many readers that wait would stop this for ever.
    writeFileSync(join(folder, 'other'), 'read')
    const { readFile } = await import('node:fs/promises')
    expect(await readFile(join(folder, 'other'), 'utf8')).toBe('read')
    for (const { link } of links) link.close()
  })

  test('that is missing, or an ordinary one, is no device', async () => {
    const missing = listen()
    expect(missing.said).toHaveLength(1)
    expect(missing.said[0]).toMatch(/^closed ENOENT/)
    writeFileSync(path, typedBytes('A'))
    const ordinary = listen()
    await expect.poll(() => ordinary.said.length).toBe(1)
    expect(ordinary.said).toEqual(['closed this is no input device'])
  })
})

// A kiosk whose scanner and keypad the daemon reads: a scanner on a real serial port (a
// pseudoterminal), a second one that is a keyboard, and a keypad. The last two would be evdev
// devices; /dev/uinput, which makes such devices, is missing in containers, so that the daemon
// opens FIFOs here, through which the same bytes come.
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cable, plugIn } from '../../sim/boards/pty.ts'
import type { DaemonStatus } from '../../src/cli/status-page.ts'
import { tapOf, typedBytes } from '../support/key-bytes.ts'
import { COURIER, Rig, ROOT } from '../support/rig.ts'
import { Touchscreen } from '../support/touchscreen.ts'

const SOON = { timeout: 10_000, interval: 50 }
const NEXT = 183
const FOCUSED_TEXT = 'document.activeElement?.innerText.trim()'

const INPUTS = `
inputs:
  - { id: front, kind: scanner, link: { kind: serial, path: run/scanner, baudRate: 9600 } }
  - { id: side, kind: scanner, link: { kind: evdev, path: run/side-scanner } }
  - id: pad
    kind: keypad
    link: { kind: evdev, path: run/keypad }
    keys: [{ code: ${NEXT}, does: next }]
`

/** What one end writes, the daemon reads at the other, as long as this is open. */
class Keyboard {
  readonly #fd: number

  constructor(path: string) {
    execFileSync('mkfifo', [path])
    this.#fd = openSync(path, constants.O_RDWR)
  }

  send(bytes: Buffer): void {
    writeSync(this.#fd, bytes)
  }

  unplug(): void {
    closeSync(this.#fd)
  }
}

let rig: Rig
let screen: Touchscreen
let scanner: Cable
let side: Keyboard
let keypad: Keyboard

const pathOf = (name: string) => join(rig.site.settings.data.folder, 'run', name)
const status = async () => (await rig.status()) as DaemonStatus
const statesOf = async () => (await status()).inputs.map(({ state }) => state)
const scan = (code: string) => scanner.toPort.write(`${code}\r`)

/** With the keypad's key for the next button, as often as it takes. */
async function walksTo(label: string): Promise<void> {
  const focused = () => screen.page.evaluate<string>(FOCUSED_TEXT)
  for (let before = await focused(); before !== label; before = await focused()) {
    keypad.send(tapOf(NEXT))
    await expect.poll(focused, SOON).not.toBe(before)
  }
}

async function pinFor(recipientId: string): Promise<string> {
  await expect.poll(() => rig.pinFor(recipientId), SOON).not.toBeNull()
  return rig.pinFor(recipientId) ?? ''
}

beforeAll(async () => {
  const kioskYaml = `${readFileSync(join(ROOT, 'config/demo-24.yaml'), 'utf8')}${INPUTS}`
  rig = await Rig.start({ central: 'reference', kioskYaml })
  await rig.introduce([
    { id: 'r-ada', label: 'Ada L.' },
    { id: 'r-bea', label: 'Bea M.' },
  ])
  screen = await Touchscreen.open(rig.screenUrl)
}, 60_000)

afterAll(async () => {
  await screen?.close()
  keypad?.unplug()
  side?.unplug()
  await scanner?.unplug()
  await rig?.end()
  expect(screen?.faults).toEqual([])
})

describe('a kiosk with devices of its own', () => {
  test('runs without them, says so, and finds them when they are plugged in', async () => {
    expect(await statesOf()).toEqual(['missing', 'missing', 'missing'])
    const told = rig.log.filter((line) => line.includes('"input-missing"'))
    expect(told).toHaveLength(3)
    for (const line of told) expect(line).toContain('LK-INPUT-01')
    scanner = await plugIn(pathOf('scanner'))
    side = new Keyboard(pathOf('side-scanner'))
    keypad = new Keyboard(pathOf('keypad'))
    await expect.poll(statesOf, SOON).toEqual(['online', 'online', 'online'])
  })

  test('signs a courier in at the keypad and takes parcels by scan, with no touch', async () => {
    for (const to of ['ada', 'bea']) {
      await rig.announce({ tracking: `JD-${to.toUpperCase()}`, size: 'S', to: `r-${to}` })
    }
    await walksTo('Courier')
    keypad.send(typedBytes('\n'))
    await screen.sees('Courier sign-in')
    keypad.send(typedBytes(COURIER.code))
    await screen.sees(`Hello, ${COURIER.label}`)

    scan('NOBODY-KNOWS')
    await screen.reads('LK-SCAN-01')
    scan('JD-ADA')
    const first = await screen.seesOpenDoor()
    rig.putIn(first, 'JD-ADA')
    await screen.reads(`Deposited in locker ${first}.`)
    side.send(typedBytes('JD-BEA\n'))
    const second = await screen.seesOpenDoor()
    rig.putIn(second, 'JD-BEA')
    await screen.reads(`Deposited in locker ${second}.`)
    await screen.signsOut()
    expect(rig.wall.cabinet.at(first).contents).toEqual(['JD-ADA'])
    expect(rig.wall.cabinet.at(second).contents).toEqual(['JD-BEA'])
  })

  test('opens for a PIN at the keypad, which leaves no trace', async () => {
    const pin = await pinFor('r-ada')
    const frames: string[] = []
    screen.page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => frames.push(String(payload))),
    )
    await screen.goTo(rig.screenUrl)
    keypad.send(typedBytes(pin.slice(0, 3)))
    await expect.poll(() => screen.page.locator('.dot.is-typed').count(), SOON).toBe(3)
    keypad.send(typedBytes(pin.slice(3)))
    // Out of habit: the entry was over with its last digit.
    keypad.send(typedBytes('\n'))
    const lockerId = await screen.seesOpenDoor()
    expect(rig.takeOut(lockerId)).toEqual(['JD-ADA'])
    await screen.sees('Thank you!')
    await screen.sees('Collect your parcel')
    expect(frames.some((text) => text.includes('"typed"'))).toBe(true)
    for (const text of [...frames, ...rig.log]) expect(text).not.toContain(pin)
    for (const line of rig.log) expect(line).not.toMatch(/JD-ADA|NOBODY-KNOWS|20202020/)
  })

  test('misses what is pulled out, and hears it again when it is back', async () => {
    await scanner.unplug()
    // What is unplugged has no name any more.
    renameSync(pathOf('keypad'), pathOf('gone'))
    keypad.unplug()
    await expect.poll(statesOf, SOON).toEqual(['lost', 'online', 'lost'])
    const told = rig.log.filter((line) => line.includes('"input-lost"'))
    expect(told).toHaveLength(2)
    for (const line of told) expect(line).toContain('LK-INPUT-02')
    scanner = await plugIn(pathOf('scanner'))
    keypad = new Keyboard(pathOf('keypad'))
    await expect.poll(statesOf, SOON).toEqual(['online', 'online', 'online'])

    keypad.send(typedBytes(await pinFor('r-bea')))
    const lockerId = await screen.seesOpenDoor()
    expect(rig.takeOut(lockerId)).toEqual(['JD-BEA'])
    await screen.sees('Thank you!')
    const { inputs } = await status()
    expect(inputs.map(({ id, kind }) => `${kind} ${id}`)).toEqual([
      ...['scanner front', 'scanner side', 'keypad pad'],
    ])
    expect(inputs.map(({ misreads }) => misreads)).toEqual([0, 0, 0])
    expect(inputs[0]?.count).toBe(2)
    expect(inputs[1]?.count).toBe(1)
    const figures = (await rig.control('/metrics')).body
    expect(figures).toContain('latchkey_input_reads_total{kind="scanner",input="front"} 2\n')
  })
})

// A whole kiosk on a board that is not ours: the unmodified daemon at 9600 baud, a Modbus server
// made of stock pymodbus that behaves as Waveshare's relay board does, a real Mosquitto and the
// reference central. People use the screen's WebSocket, as its page does.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ActionName, ScreenView } from '../../src/kiosk/view.ts'
import type { ServerMessage } from '../../src/screen/protocol.ts'
import { type Client, connect } from '../support/client.ts'
import { COURIER, Rig, ROOT } from '../support/rig.ts'
import { Waveshare } from './waveshare.ts'

const SOON = { timeout: 15_000, interval: 20 }
const CHANNELS = [1, 2, 3, 4, 5, 6, 7, 8]
const EXAMPLE = 'config/waveshare-8.yaml'
/** The example's 450 ms in steps of 100 ms. */
const FLASH_STEPS = 5
const GREETING = ['all off', ...CHANNELS.map((channel) => `mode ${channel} 0`)]
/** A program among others answers later than a board does. */
const PYTHON_MS = 400
const ABSENT = '{ id: absent, address: 9, dialect: modbus-rtu, channels: 8 }'

let board: Waveshare
let rig: Rig
let screen: Client<ServerMessage>
let messageCount = 0

beforeAll(async () => {
  board = new Waveshare()
  const port = await board.port()
  const example = readFileSync(join(ROOT, EXAMPLE), 'utf8')
  const kioskYaml = example
    .replace('/dev/serial/by-id/usb-rs485-port0', port)
    .replace('closedBit: 1', `closedBit: 1, slowReplyMs: ${PYTHON_MS}`)
    .replace(/^( +- )\{ id: relays.*$/m, (own, dash) => `${own}\n${dash}${ABSENT}`)
  rig = await Rig.start({
    central: 'reference',
    kioskYaml,
    settings: { LATCHKEY_POLICY_PULSE_MS: '450', LATCHKEY_CONTROL_PATH: 'run/control.sock' },
    wire: (wall) => board.wire(wall, 'relays'),
  })
  await rig.introduce([{ id: 'r-ada', label: 'Ada L.' }])
  screen = connect<ServerMessage>(new URL('/screen', rig.screenUrl).href)
}, 60_000)

afterAll(async () => {
  screen?.close()
  await rig?.end()
  await board?.stop()
})

test('before doors are read, all relays are off and no input drives one', () => {
  const [port, ...heard] = board.lines
  expect(port).toMatch(/^port /)
  const orders = heard.filter((line) => !line.startsWith('relay '))
  const read = orders.indexOf('read inputs')
  // Only the reply to a question tells whether the line echoes.
  expect(orders[0]).toBe('read relays')
  // On a busy machine a reply may be late: then that order, or all of it, is given again.
  const last = orders.slice(orders.lastIndexOf('all off', read), read)
  expect(last.filter((order, index) => order !== last[index - 1])).toEqual(GREETING)
  // It had been left on by whoever ruled the board before.
  expect(board.said(/^relay/)).toEqual(['relay 8 off'])
})

test('a parcel is deposited and collected, with one pulse for each opening', async () => {
  await rig.announce({ tracking: 'JD1', size: 'M', to: 'r-ada' })
  const lockerId = await deposit('JD1')
  expect(await rig.lockerState(lockerId)).toBe('occupied')
  expect(board.said(/^flash/)).toEqual([`flash ${lockerId} ${FLASH_STEPS}`])

  await expect.poll(() => rig.pinFor('r-ada'), SOON).not.toBeNull()
  await shows('welcome')
  await type(rig.pinFor('r-ada') ?? '')
  expect(await shows('pickup-open')).toMatchObject({ lockerId })
  await expect.poll(() => doorOf(lockerId), SOON).toBe('open')
  expect(rig.takeOut(lockerId)).toEqual(['JD1'])
  await shows('pickup-done')
  expect(await doorOf(lockerId)).toBe('closed')

  await expect.poll(() => collected(), SOON).toMatchObject([{ lockerId, rule: 'closed' }])
  const flash = `flash ${lockerId} ${FLASH_STEPS}`
  expect(board.said(/^flash/)).toEqual([flash, flash])
  const pulse = [`relay ${lockerId} on`, `relay ${lockerId} off`]
  const relays = ['relay 8 off', ...pulse, ...pulse]
  await expect.poll(() => board.said(/^relay/), SOON).toEqual(relays)
  expect(rig.wall.cabinet.at(lockerId).pulses).toBe(2)
})

test('a board that is not there is told as lost, and holds up nobody', async () => {
  const boards = async () =>
    Object.fromEntries((await rig.status()).boards.map((each) => [each.boardId, each.isOnline]))
  await expect.poll(boards, SOON).toEqual({ relays: true, absent: false })
  const told = () => rig.log.filter((line) => line.includes('"board-lost"'))
  await expect.poll(() => told().some((line) => line.includes('"absent"')), SOON).toBe(true)
  const ofAbsent = told().map((line) => JSON.parse(line))
  expect(ofAbsent.filter(({ boardId }) => boardId === 'absent')).toMatchObject([
    { boardId: 'absent', code: 'LK-BUS-01' },
  ])
})

test('a daemon that is killed with a door open and started again pulses nothing', async () => {
  await rig.announce({ tracking: 'JD2', size: 'L', to: 'r-ada' })
  await signIn()
  await press('deposit', 'parcel-JD2')
  const { lockerId } = await shows('deposit-open')
  await rig.stopDaemon('SIGKILL')
  const before = board.lines.length
  await rig.startDaemon()
  await expect.poll(() => doorOf(lockerId), SOON).toBe('open')
  rig.putIn(lockerId, 'JD2')
  await expect.poll(() => doorOf(lockerId), SOON).toBe('closed')

  expect(await rig.lockerState(lockerId)).toBe('unverified')
  const orders = board.said(/^(all|mode|read)/, before)
  const greeting = orders.indexOf('all off')
  expect(orders.slice(greeting, greeting + GREETING.length)).toEqual(GREETING)
  expect(board.said(/^flash|on$/, before)).toEqual([])
  expect(board.said(/^relay/).at(-1)).toBe(`relay ${lockerId} off`)
})

async function deposit(tracking: string): Promise<string> {
  await signIn()
  await press('deposit', `parcel-${tracking}`)
  const { lockerId } = await shows('deposit-open')
  await expect.poll(() => doorOf(lockerId), SOON).toBe('open')
  rig.putIn(lockerId, tracking)
  await expect.poll(() => current()?.notice?.key, SOON).toBe('deposited')
  expect(await doorOf(lockerId)).toBe('closed')
  await shows('courier-menu')
  await press('sign-out')
  return lockerId
}

async function signIn(): Promise<void> {
  await shows('welcome')
  await press('courier')
  await shows('courier-code')
  await type(COURIER.code)
  await shows('courier-menu')
}

function current() {
  return screen.messages.findLast((message) => message.kind === 'view')?.view
}

/** Waits for the screen of this kind. */
async function shows<Kind extends ScreenView['kind']>(
  kind: Kind,
): Promise<Extract<ScreenView, { readonly kind: Kind }>> {
  const seen = () => current()?.screen
  await expect.poll(() => seen()?.kind, SOON).toBe(kind)
  return seen() as Extract<ScreenView, { readonly kind: Kind }>
}

async function press(action: ActionName, value?: string): Promise<void> {
  await answered({ kind: 'press', action, ...(value === undefined ? {} : { value }) })
}

async function type(digits: string): Promise<void> {
  await answered({ kind: 'digits', digits })
}

async function answered(message: object): Promise<void> {
  messageCount += 1
  const id = `person-${messageCount}`
  screen.send({ ...message, rev: current()?.rev, id })
  const answer = await screen.next((each) => each.kind === 'answer' && each.id === id)
  expect(answer).toMatchObject({ result: 'ok' })
}

async function doorOf(lockerId: string): Promise<string | undefined> {
  const { lockers } = await rig.status()
  return lockers.find((locker) => locker.lockerId === lockerId)?.door
}

function collected(): readonly object[] {
  return rig.central
    .facts()
    .filter(({ type }) => type === 'parcel-collected/1')
    .map(({ body }) => (JSON.parse(body) as { readonly data: object }).data)
}

// A guided audit with the real daemon: begun at the command line, gone through at a real screen,
// cut off by a kill, gone on with, and reported to the technician and to central.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { latchkey } from '../support/latchkey.ts'
import { Rig } from '../support/rig.ts'
import { Touchscreen } from '../support/touchscreen.ts'

const TECHNICIAN = { id: 'tech-1', role: 'technician', label: 'Tess', code: '30303030' } as const
const SOON = { timeout: 10_000, interval: 50 }

let rig: Rig
let screen: Touchscreen
/** Of the first column. */
let lockers: readonly string[]

beforeAll(async () => {
  rig = await Rig.start({ central: 'reference' })
  await rig.introduce([{ id: 'r-ada', label: 'Ada L.' }])
  rig.central.setStaff({ kioskId: rig.kioskId, ...TECHNICIAN })
  lockers = rig.site.settings.kiosk.columns[0]?.lockers.map(({ id }) => id) ?? []
  screen = await Touchscreen.open(rig.screenUrl)
}, 60_000)

afterAll(async () => {
  await screen?.close()
  await rig?.end()
  expect(screen?.faults).toEqual([])
})

function audit(...args: readonly string[]) {
  return latchkey(['audit', ...args], { LATCHKEY_SOCKET: rig.site.settings.control.path })
}

async function signIn(): Promise<void> {
  await screen.sees('Collect your parcel')
  await screen.touches('Courier')
  await screen.sees('Courier sign-in')
  await screen.types(TECHNICIAN.code)
}

/** The door opens, is shut again, and the answer is given. */
async function look(lockerId: string, answer: string): Promise<void> {
  await screen.sees(`Door ${lockerId} is open`)
  rig.close(lockerId)
  await screen.sees(`What did you see in locker ${lockerId}?`)
  await screen.touches(answer)
}

test('it outlives a kill, tells the difference, and central has it', async () => {
  const [first = '', second = '', ...others] = lockers
  const { exit, out } = await audit('start', '--column', '1', '--reason', 'weekly round')
  expect({ exit, lockers: /(\d+) lockers/.exec(out)?.[1] }).toEqual({
    exit: 0,
    lockers: String(lockers.length),
  })
  await signIn()
  await screen.sees(/^Audit \d+ is under way$/)
  await screen.touches('Go on with the audit')
  await look(first, 'It is empty')
  await screen.sees(`Door ${second} is open`)

  await rig.stopDaemon('SIGKILL')
  await rig.startDaemon()
  rig.close(second)
  await signIn()
  await screen.reads(`1 of ${lockers.length} lockers done`)
  await screen.touches('Go on with the audit')
  await look(second, 'A parcel is inside')
  await screen.sees(`Which parcel is in locker ${second}?`)
  await screen.scans('NOBODY-KNOWS')
  await screen.reads('LK-SCAN-02')
  await screen.touches('I cannot tell which')
  for (const lockerId of others) await look(lockerId, 'It is empty')
  await screen.reads(/is over\. Lockers checked: \d+, of which differ: 1/)
  await screen.signsOut()

  const report = await audit('report', '--json')
  expect(report.exit).toBe(3)
  const { counts, lockers: lines } = JSON.parse(report.out)
  expect(counts).toMatchObject({ matches: lockers.length - 1, differences: 1, left: 0 })
  expect(lines[1]).toMatchObject({ lockerId: second, kind: 'differences' })
  expect(await rig.lockerState(first)).toBe('free')
  expect(await rig.lockerState(second)).toBe('disputed')
  const ended = () => rig.central.facts().filter(({ type }) => type === 'audit-ended/1').length
  await expect.poll(ended, SOON).toBe(1)
}, 120_000)

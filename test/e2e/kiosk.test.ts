// People in front of a whole kiosk: a real Chromium, the unmodified daemon, the real serial driver
// on a pseudoterminal, a real Mosquitto and the reference central.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COURIER, Rig } from '../support/rig.ts'
import { Touchscreen } from '../support/touchscreen.ts'

const PEOPLE = [
  { id: 'r-ada', label: 'Ada L.' },
  { id: 'r-bea', label: 'Bea M.' },
  { id: 'r-cleo', label: 'Cleo N.' },
  { id: 'r-dan', label: 'Dan O.' },
  { id: 'r-eve', label: 'Eve P.' },
]
const SOON = { timeout: 10_000, interval: 50 }

const TWO_LOCKERS = `
kiosk: { id: tiny, siteName: Tiny, helpPhone: "+1 555 0100" }
namespace: tiny
wall:
  sizes:
    - { name: S, widthMm: 450, heightMm: 240, depthMm: 600 }
    - { name: M, widthMm: 450, heightMm: 360, depthMm: 600 }
  columns:
    - lockers:
        - { id: "1", size: M, boardId: a, channel: 1, bottomMm: 490 }
        - { id: "2", size: S, boardId: a, channel: 2, bottomMm: 250 }
buses:
  - id: wall
    link: { kind: serial, path: run/bus-wall, baudRate: 115200 }
    boards:
      - { id: a, address: 1, dialect: latchkey-line, channels: 2 }
uplink: { url: "mqtt://127.0.0.1:1" }
control: { path: run/control.sock }
secrets:
  pepperFile: secrets/pepper
  staffKeyFile: secrets/staff-key
  helpKeyFile: secrets/help-key
  centralKeysFile: secrets/central-keys.json
  centralSealKeyFile: secrets/central-seal-key.json
`

async function pinFor(rig: Rig, recipientId: string): Promise<string> {
  await expect.poll(() => rig.pinFor(recipientId), SOON).not.toBeNull()
  return rig.pinFor(recipientId) ?? ''
}

/** Announces, signs in, deposits and signs out. @returns the locker */
async function deposit(
  { rig, screen }: { readonly rig: Rig; readonly screen: Touchscreen },
  parcel: { readonly tracking: string; readonly size: string; readonly to: string },
): Promise<string> {
  await rig.announce(parcel)
  await screen.signsIn()
  await screen.touches(parcel.tracking)
  const lockerId = await screen.seesOpenDoor()
  rig.putIn(lockerId, parcel.tracking)
  await screen.reads(`Deposited in locker ${lockerId}.`)
  await screen.signsOut()
  return lockerId
}

const factsOf = (rig: Rig, type: string) =>
  rig.central
    .facts()
    .filter((fact) => fact.type === type)
    .map((fact) => (JSON.parse(fact.body) as { readonly data: object }).data)

describe('at a wall of 24 lockers', () => {
  let rig: Rig
  let screen: Touchscreen

  beforeAll(async () => {
    rig = await Rig.start({ central: 'reference' })
    await rig.introduce(PEOPLE)
    screen = await Touchscreen.open(rig.screenUrl)
  }, 60_000)

  afterAll(async () => {
    await screen?.close()
    await rig?.end()
    // Also what the reference central sent.
    expect(rig?.tap.misfits()).toEqual([])
    expect(screen?.faults).toEqual([])
  })

  test('a courier deposits an announced parcel, and its recipient collects it', async () => {
    const lockerId = await deposit({ rig, screen }, { tracking: 'JD1', size: 'M', to: 'r-ada' })
    expect(await rig.lockerState(lockerId)).toBe('occupied')
    expect(rig.wall.cabinet.at(lockerId)).toMatchObject({ contents: ['JD1'], pulses: 1 })

    await screen.types(await pinFor(rig, 'r-ada'))
    expect(await screen.seesOpenDoor()).toBe(lockerId)
    expect(rig.takeOut(lockerId)).toEqual(['JD1'])
    await screen.sees('Thank you!')

    await expect.poll(() => factsOf(rig, 'parcel-collected/1'), SOON).toHaveLength(1)
    expect(factsOf(rig, 'parcel-collected/1')).toMatchObject([
      { parcelId: 'parcel-JD1', lockerId, rule: 'closed' },
    ])
    const told = rig.central.letters().map(({ kind, recipientId }) => ({ kind, recipientId }))
    expect(told).toEqual([
      { kind: 'deposited', recipientId: 'r-ada' },
      { kind: 'collected', recipientId: 'r-ada' },
    ])
    await screen.sees('Collect your parcel')
    await expect.poll(() => rig.lockerState(lockerId), SOON).toBe('free')
  })

  test('a courier cancels with the door open, and looks inside afterwards', async () => {
    await rig.announce({ tracking: 'JD2', size: 'S', to: 'r-ada' })
    await screen.signsIn()
    await screen.touches('JD2')
    const lockerId = await screen.seesOpenDoor()
    await screen.touches('Cancel')
    await screen.sees(`Cancelled: door ${lockerId} is open`)
    rig.close(lockerId)
    await screen.sees(`Look into locker ${lockerId}`)
    expect(await rig.lockerState(lockerId)).toBe('unverified')

    await screen.touches(`Open door ${lockerId}`)
    await screen.sees(`Door ${lockerId} is open`)
    rig.close(lockerId)
    await screen.sees(`What did you see in locker ${lockerId}?`)
    await screen.touches('It is empty')
    await screen.reads(`Locker ${lockerId} is free again.`)
    expect(await rig.lockerState(lockerId)).toBe('free')
    await screen.reads('JD2')
    await screen.signsOut()
  })

  test('a scanner at the keyboard chooses the parcel, and an unknown code says so', async () => {
    await rig.announce({ tracking: 'JD014600003', size: 'S', to: 'r-bea' })
    await screen.signsIn()
    await screen.reads('JD014600003')
    await screen.scans('NOBODY-KNOWS')
    await screen.reads('LK-SCAN-01')
    await screen.scans('JD014600003')
    const lockerId = await screen.seesOpenDoor()
    rig.putIn(lockerId, 'JD014600003')
    await screen.reads(`Deposited in locker ${lockerId}.`)
    await screen.signsOut()
    await expect.poll(() => rig.pinFor('r-bea'), SOON).not.toBeNull()
  })

  test('a parcel that nobody announced is left for a person on the list', async () => {
    await screen.signsIn()
    await screen.touches('Not on the list')
    await screen.sees('Who is it for?')
    await screen.touches('Cleo N.')
    await screen.sees('Which size fits?')
    await screen.touches(/^L /)
    const lockerId = await screen.seesOpenDoor()
    rig.putIn(lockerId, 'a big one')
    await screen.reads(`Deposited in locker ${lockerId}.`)
    await screen.signsOut()

    await screen.types(await pinFor(rig, 'r-cleo'))
    expect(await screen.seesOpenDoor()).toBe(lockerId)
    expect(rig.takeOut(lockerId)).toEqual(['a big one'])
    await screen.sees('Thank you!')
    await screen.sees('Collect your parcel')
  })

  test('a page loaded anew in the middle shows the same screen and goes on', async () => {
    await rig.announce({ tracking: 'JD4', size: 'S', to: 'r-ada' })
    await screen.signsIn()
    await screen.touches('JD4')
    const lockerId = await screen.seesOpenDoor()
    await screen.mark()
    await screen.page.reload()
    expect(await screen.isMarked()).toBe(false)
    expect(await screen.seesOpenDoor()).toBe(lockerId)
    rig.putIn(lockerId, 'JD4')
    await screen.reads(`Deposited in locker ${lockerId}.`)
    await screen.signsOut()
  })

  test('a daemon killed in mid-deposit comes back, and the courier settles it', async () => {
    await rig.announce({ tracking: 'JD5', size: 'M', to: 'r-cleo' })
    await screen.signsIn()
    await screen.touches('JD5')
    const lockerId = await screen.seesOpenDoor()
    const { pulses } = rig.wall.cabinet.at(lockerId)
    await screen.mark()
    await rig.stopDaemon('SIGKILL')
    rig.putIn(lockerId, 'JD5')
    await screen.sees('Out of service for a moment')

    await rig.startDaemon()
    await screen.sees('Collect your parcel')
    expect(await screen.isMarked()).toBe(true)
    expect(await rig.lockerState(lockerId)).toBe('unverified')
    expect(rig.wall.cabinet.at(lockerId).pulses).toBe(pulses)

    await screen.signsIn()
    await screen.touches(`Door ${lockerId}`)
    await screen.sees(`Door ${lockerId} is open`)
    rig.close(lockerId)
    await screen.sees(`What did you see in locker ${lockerId}?`)
    await screen.touches('A parcel is inside')
    await screen.reads(`Deposited in locker ${lockerId}.`)
    await screen.signsOut()
    expect(await rig.lockerState(lockerId)).toBe('occupied')
  })

  test('a wrong PIN is refused with its code, and the fourth one brings a wait', async () => {
    const lockerId = await deposit({ rig, screen }, { tracking: 'JD6', size: 'L', to: 'r-dan' })
    await expect.poll(() => isLatestFor('r-dan', lockerId), SOON).toBe(true)
    const pin = await pinFor(rig, 'r-dan')
    const wrong = pin === '00000000' ? '00000001' : '00000000'
    for (let failures = 1; failures <= 4; failures += 1) {
      await screen.types(wrong)
      await expect.poll(() => factsOf(rig, 'entry-refused/1').length, SOON).toBe(failures)
      await screen.reads('LK-PIN-01')
      await expect.poll(() => screen.page.locator('.dot.is-typed').count(), SOON).toBe(0)
    }
    await screen.reads(/Please wait (one second|\d+ seconds)/)
    await screen.types(pin)
    expect(await screen.page.locator('.dot.is-typed').count()).toBe(0)
    await screen.page.getByRole('button', { name: '1', exact: true, disabled: false }).waitFor()
    await screen.types(pin)
    expect(await screen.seesOpenDoor()).toBe(lockerId)
    expect(rig.takeOut(lockerId)).toEqual(['JD6'])
    await screen.sees('Thank you!')
  })

  test('a recipient hands a parcel in with the code from a letter', async () => {
    const row = { tracking: 'JD7', size: 'S', recipientId: 'r-bea', expiresAtMs: null }
    rig.central.expectReturn({ kioskId: rig.kioskId, id: 'return-JD7', ...row })
    const codes = () => rig.central.letters().filter(({ kind }) => kind === 'return-code')
    await expect.poll(codes, SOON).toHaveLength(1)
    await screen.sees('Collect your parcel')
    await screen.types(/code (\d+)/.exec(codes()[0]?.text ?? '')?.[1] ?? '')
    const lockerId = await screen.seesOpenDoor()
    rig.putIn(lockerId, 'JD7')
    await screen.sees(`Is your parcel in locker ${lockerId}?`)
    await screen.touches('Yes, it is inside')
    await screen.sees('Thank you!')
    await screen.reads(/^Receipt /)
    expect(await rig.lockerState(lockerId)).toBe('awaiting-courier')
    await screen.touches('I am done')

    await screen.signsIn()
    await screen.touches(/^Take \d+ back$/)
    expect(await screen.seesOpenDoor()).toBe(lockerId)
    expect(rig.takeOut(lockerId)).toEqual(['JD7'])
    await screen.touches('I have taken it out')
    await screen.signsOut()
    await expect.poll(() => rig.lockerState(lockerId), SOON).toBe('free')
  })

  test('scanned codes: a courier’s of an app, a recipient’s of a letter, each once', async () => {
    await rig.announce({ tracking: 'JD8', size: 'S', to: 'r-eve' })
    const { kioskId } = rig
    const app = await rig.central.courierToken({ kioskId, id: COURIER.id })
    await screen.scans(app)
    await screen.sees(`Hello, ${COURIER.label}`)
    await screen.touches('JD8')
    const lockerId = await screen.seesOpenDoor()
    rig.putIn(lockerId, 'JD8')
    await screen.sees(`Hello, ${COURIER.label}`)
    await screen.signsOut()
    await screen.scans(app)
    await screen.reads('LK-TOKEN-04')

    await expect.poll(() => isLatestFor('r-eve', lockerId), SOON).toBe(true)
    await screen.scans(rig.tokenFor('r-eve'))
    expect(await screen.seesOpenDoor()).toBe(lockerId)
    expect(rig.takeOut(lockerId)).toEqual(['JD8'])
    await screen.sees('Thank you!')
    await expect
      .poll(() => factsOf(rig, 'pickup-token-used/1'), SOON)
      .toMatchObject([{ recipientId: 'r-eve', parcelIds: ['parcel-JD8'] }])
    const used = { code: 'LK-TOKEN-04', purpose: 'courier' }
    expect(factsOf(rig, 'token-refused/1')).toMatchObject([used])
    await screen.touches('I am done')
  })

  test('nothing that was typed is on disk, in the log, the facts or the status', async () => {
    const letters = rig.central.letters().map(({ text }) => text)
    const secrets = letters.flatMap((text) => text.match(/(?<=PIN |code )\d{8}/) ?? [])
    const scanned = rig.central.letters().flatMap(({ token }) => token?.slice(-64) ?? [])
    const typed = [...secrets, ...scanned, COURIER.code]
    expect(secrets.length).toBeGreaterThan(4)
    const { folder: data } = rig.site.settings.data
    // Central's own folder holds the letters: that is where PINs belong.
    const files = readdirSync(data, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(rig.site.centralFolder))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    expect(files.length).toBeGreaterThan(2)
    const facts = rig.central.facts().map(({ body }) => body)
    const told = Buffer.from(JSON.stringify([rig.log, facts, await rig.status()]))
    const found = [...files, told].flatMap((bytes) => typed.filter((text) => bytes.includes(text)))
    expect(found).toEqual([])
  })

  function isLatestFor(recipientId: string, lockerId: string): boolean {
    const letter = rig.central.letters().findLast((each) => each.recipientId === recipientId)
    return letter?.text.includes(`locker ${lockerId},`) ?? false
  }
})

describe('at a wall of two lockers', () => {
  let rig: Rig
  let screen: Touchscreen

  beforeAll(async () => {
    rig = await Rig.start({ central: 'reference', kioskYaml: TWO_LOCKERS })
    await rig.introduce(PEOPLE)
    screen = await Touchscreen.open(rig.screenUrl)
  }, 60_000)

  afterAll(async () => {
    await screen?.close()
    await rig?.end()
  })

  test('a small parcel takes a small locker, then a larger one, then none is free', async () => {
    const first = await deposit({ rig, screen }, { tracking: 'S1', size: 'S', to: 'r-ada' })
    const second = await deposit({ rig, screen }, { tracking: 'S2', size: 'S', to: 'r-bea' })
    expect([first, second]).toEqual(['2', '1'])
    const before = rig.dump()
    await rig.announce({ tracking: 'S3', size: 'S', to: 'r-cleo' })
    await screen.signsIn()
    await screen.touches('S3')
    await screen.reads('No locker of size S or larger is free.')
    await screen.reads('LK-ASSIGN-01')
    expect(rig.dump()['lockers']).toEqual(before['lockers'])
    await screen.sees(`Hello, ${COURIER.label}`)
    await screen.signsOut()
  })
})

// With the reference central stopped, a stock MQTT client plays it: what it announces is on the
// courier's screen at once, and what is wrong is answered with a reason and changes nothing.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessVerifier } from '../../sim/central/central.ts'
import { COURIER, Rig } from '../support/rig.ts'
import { ShellCentral } from '../support/shell-central.ts'
import { Touchscreen } from '../support/touchscreen.ts'

const SOON = { timeout: 10_000, interval: 50 }
/** More than the contract allows, and less than the broker is told to drop. */
const MEGABYTE = 1_048_576

let rig: Rig
let central: ShellCentral
let screen: Touchscreen

beforeAll(async () => {
  rig = await Rig.start({ central: 'none' })
  central = await ShellCentral.start(rig)
  screen = await Touchscreen.open(rig.screenUrl)
}, 60_000)

afterAll(async () => {
  await screen?.close()
  await central?.stop()
  await rig?.end()
})

const delta = (stream: string, rows: readonly object[], from: number) => ({
  k: rig.kioskId,
  stream,
  from,
  to: from + 1,
  ops: rows.map((row) => ({ put: row })),
})

/** The first rows of a stream: all there are, in answer to the kiosk's newest request. */
const snap = (stream: string, rows: readonly object[]) => ({
  ...{ k: rig.kioskId, stream, ver: 1, rows },
  re: central.heard.findLast(({ leaf }) => leaf === 'sync')?.body.id,
})

const PARCEL = { id: 'p77', tracking: 'JD014600001', size: 'M', recipientId: 'r5' }

test('what a stock client announces is on the courier’s screen without a reload', async () => {
  const { kioskId, site } = rig
  const verifier = accessVerifier({ kioskId, staffKey: site.staffKey }, COURIER.code)
  const { id, label } = COURIER
  // Its first request is older than the client.
  await central.say('head', { k: kioskId, head: { staff: 1 } })
  const asked = () => central.heard.some(({ leaf }) => leaf === 'sync')
  await expect.poll(asked, SOON).toBe(true)
  await central.say('snap', snap('staff', [{ id, role: 'courier', label, verifier }]))
  await central.say('snap', snap('directory', [{ id: 'r5', label: 'Ada L.' }]))
  await central.say('snap', snap('parcel', []))
  await expect.poll(() => rig.dump()['streams'], SOON).toHaveLength(3)
  await screen.signsIn()
  await screen.reads('No announced parcels.')
  await screen.mark()

  await central.say('delta', delta('parcel', [PARCEL], 1))
  await screen.reads(PARCEL.tracking)
  await screen.reads('Ada L.')
  expect(await screen.isMarked()).toBe(true)
  expect(central.rejections).toEqual([])

  await screen.touches(PARCEL.tracking)
  const lockerId = await screen.seesOpenDoor()
  rig.putIn(lockerId, PARCEL.tracking)
  await screen.reads(`Deposited in locker ${lockerId}.`)
  await screen.signsOut()
})

test('facts come up to a stock client, and what it acknowledges leaves the outbox', async () => {
  const { epoch } = central.heard.find(({ leaf }) => leaf === 'state')?.body ?? {}
  const batches = () => central.heard.filter(({ leaf }) => leaf === 'ev').map(({ body }) => body)
  const texts = (): readonly string[] => batches().flatMap(({ ev }) => ev)
  const events = () => texts().map((text) => JSON.parse(text))
  // Where a central stands that has nothing yet: the kiosk begins anew, and need not wait.
  const nothing = { since: 1, cum: 0, hash: '0'.repeat(64), head: {} }
  await central.say('ack', { k: rig.kioskId, epoch, ...nothing })
  await expect.poll(() => texts().length, SOON).toBeGreaterThan(0)
  await acknowledgeAll()
  await expect.poll(() => events().map(({ type }) => type), SOON).toContain('parcel-deposited/1')
  const deposited = events().find(({ type }) => type === 'parcel-deposited/1')
  expect(deposited.data).toMatchObject({ parcelId: PARCEL.id, recipientId: 'r5' })
  expect(deposited.data.sealedPin).toMatch(/^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$/)
  await expect.poll(acknowledgeAll, SOON).toBe(0)

  async function acknowledgeAll(): Promise<number> {
    const newest =
      texts()
        .toSorted((a, b) => JSON.parse(a).seq - JSON.parse(b).seq)
        .at(-1) ?? ''
    const hash = createHash('sha256').update(newest).digest('hex')
    const cum = JSON.parse(newest).seq
    await central.say('ack', { k: rig.kioskId, epoch, since: 1, cum, hash, head: {} })
    return (await rig.status()).outboxCount
  }
})

describe('a bad announcement is answered with its reason and changes nothing:', () => {
  // As good as can be but for what each case does to it.
  const good = () => delta('parcel', [{ ...PARCEL, id: 'p78', tracking: 'JD2' }], 2)
  const signed = (body: object) => central.sign('delta', body)

  interface Bad {
    readonly code: string
    readonly leaf?: string
    readonly message: () => Promise<string> | string
  }
  const cases: readonly (readonly [string, Bad])[] = [
    ['not JSON', { code: 'LK-SYNC-02', message: () => 'open sesame' }],
    ['unsigned', { code: 'LK-SYNC-03', message: () => JSON.stringify(good()) }],
    [
      'signed with a stranger’s key',
      {
        code: 'LK-SYNC-03',
        message: () => central.sign('delta', good(), `${rig.folder}/stranger`),
      },
    ],
    [
      'fields are missing',
      { code: 'LK-SYNC-04', message: () => signed({ ...good(), ops: [{ put: { id: 'p78' } }] }) },
    ],
    [
      'a wrong type',
      { code: 'LK-SYNC-04', message: () => signed({ ...good(), from: '1', to: true }) },
    ],
    ['another kiosk’s', { code: 'LK-SYNC-05', message: () => signed({ ...good(), k: 'other' }) }],
    ['one megabyte', { code: 'LK-SYNC-01', message: () => 'x'.repeat(MEGABYTE) }],
    ['an unknown leaf', { code: 'LK-SYNC-06', leaf: 'open-all', message: () => signed(good()) }],
  ]

  test.each(cases)('%s', async (_name, { code, leaf = 'delta', message }) => {
    await settled()
    const before = { status: await rig.status(), ledger: rig.dump() }
    const count = central.rejections.length
    await central.publish(leaf, await message())
    await expect.poll(() => central.rejections.length, SOON).toBe(count + 1)
    expect(central.rejections.at(-1)?.body).toMatchObject({ k: rig.kioskId, leaf, code })
    expect(rig.dump()).toEqual(before.ledger)
    expect(await rig.status()).toEqual(before.status)
    expect(rig.log.some((line) => line.includes('"sync-refused"') && line.includes(code))).toBe(
      true,
    )
  })

  test('and after all of them the next good one is applied', async () => {
    await central.say('delta', good())
    await expect.poll(async () => (await rig.status()).announcedCount, SOON).toBe(1)
    const before = rig.dump()
    await rig.stopDaemon()
    for (const table of ['parcels', 'staff', 'recipients', 'streams'] as const) {
      expect(rig.dump()[table]).toEqual(before[table])
    }
  })
})

/** Nothing is under way: the screen stands at its first page and the doors are closed. */
async function settled(): Promise<void> {
  await screen.sees('Collect your parcel')
  const isQuiet = async () => {
    const { lockers } = await rig.status()
    return lockers.every(({ door, state }) => door === 'closed' && state !== 'clearing')
  }
  await expect.poll(isQuiet, SOON).toBe(true)
}

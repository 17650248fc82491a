// Central signs a right, and somebody shows it to the scanner: a recipient the code in a mail, a
// courier the code in an app. The kiosk needs no network for it, and takes each code once.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TOKENS_OF_A_PIN_MAX } from '../../../src/kiosk/tokens.ts'
import { backUp, restore } from '../../support/backup.ts'
import { Bench, wallOf } from '../../support/bench.ts'
import { tokenOf } from '../../support/tokens.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S', 'S', 'S']))
  bench.prepare([
    { id: 'p-1', size: 'S' },
    { id: 'p-2', size: 'S' },
    { id: 'p-3', size: 'S' },
    { id: 'p-9', size: 'S', recipientId: 'r-2' },
  ])
})

afterEach(() => bench.close())

/** In the mail that tells of the PIN of this parcel. */
function pickupToken(parcelId: string, wish: object = {}): Promise<string> {
  const name = `sealed ${bench.pins.get(parcelId)}`
  return tokenOf({ purpose: 'pickup', name, fromMs: bench.now().wallMs, lifeMs: DAY_MS, ...wish })
}

function courierToken(name = 'c-1', wish: object = {}): Promise<string> {
  return tokenOf({ purpose: 'courier', name, fromMs: bench.now().wallMs, ...wish })
}

/** What the screen says to a token that opens nothing. */
function refused(token: string): unknown {
  const unlocks = bench.unlocks.length
  expect(bench.scan(token)).toBe('refused')
  expect(bench.unlocks).toHaveLength(unlocks)
  const { code } = bench.view?.notice ?? {}
  if (bench.screen.kind === 'pickup-used') bench.press('back')
  expect(bench.screen.kind).toBe('welcome')
  return code
}

describe('a recipient shows a code', () => {
  test('and the door opens without a touch; the same code opens nothing afterwards', async () => {
    bench.leaveParcel('p-1')
    const token = await pickupToken('p-1')
    bench.pass(HOUR_MS)
    expect(bench.scan(token)).toBe('ok')
    expect(bench.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '1' })
    expect(bench.told('pickup-token-used')).toMatchObject({
      recipientId: 'r-1',
      parcelIds: ['p-1'],
    })
    expect(bench.useDoor()).toBe('1')
    expect(bench.parcelState('p-1')).toBe('collected')
    bench.press('back')
    expect(refused(token)).toBe('LK-TOKEN-04')
    bench.type('pin of p-1')
    expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-05' })
  })

  test('and everything that waits opens, one door after another', async () => {
    for (const id of ['p-1', 'p-2', 'p-3']) bench.leaveParcel(id)
    bench.scan(await pickupToken('p-1'))
    expect([bench.useDoor(), bench.useDoor(), bench.useDoor()]).toEqual(['1', '2', '3'])
    expect(bench.allTold('pickup-token-used')).toHaveLength(1)
  })

  test('and says afterwards, with the used code, that the parcel was not there', async () => {
    bench.leaveParcel('p-1')
    const token = await pickupToken('p-1')
    bench.scan(token)
    bench.useDoor()
    bench.press('back')
    bench.pass(HOUR_MS)
    bench.scan(token)
    expect(bench.screen).toEqual({ kind: 'pickup-used' })
    bench.press('problem')
    expect(bench.press('report', 'missing')).toBe('ok')
    expect(bench.told('parcel-complained')).toMatchObject({ parcelId: 'p-1', isLate: true })
  })

  test('while a guesser has to wait: it neither waits nor counts', async () => {
    bench.leaveParcel('p-1')
    for (let times = 0; times < 5; times += 1) bench.type(`wrong ${times}`)
    bench.type('pin of p-1')
    expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-02' })
    const failures = bench.ledger.failures()
    expect(refused(await pickupToken('p-1', { name: 'sealed nobody’s' }))).toBe('LK-TOKEN-03')
    expect(bench.ledger.failures()).toBe(failures)
    bench.scan(await pickupToken('p-1'))
    expect(bench.useDoor()).toBe('1')
  })

  test('instead of the second part that the kiosk asks for', async () => {
    bench.close()
    bench = new Bench(wallOf(['S'], { guessesADayMax: 1 }))
    bench.prepare([{ id: 'p-1', size: 'S' }])
    bench.leaveParcel('p-1')
    bench.type('wrong')
    bench.type('pin of p-1')
    expect(bench.screen.kind).toBe('reference')
    bench.scan(await pickupToken('p-1'))
    expect(bench.useDoor()).toBe('1')
  })

  test('of which two came at once: one door, once', async () => {
    bench.leaveParcel('p-1')
    const token = await pickupToken('p-1')
    const unlocks = bench.unlocks.length
    const intent = bench.intentOf(token)
    const rev = bench.view?.rev ?? 0
    bench.send(
      { kind: 'intent-sent', intentId: 'first', rev, intent },
      { kind: 'intent-sent', intentId: 'second', rev, intent },
    )
    expect(bench.unlocks).toHaveLength(unlocks + 1)
    expect(bench.allTold('pickup-token-used')).toHaveLength(1)
    expect(bench.useDoor()).toBe('1')
  })

  test('while no board answers: nothing is used up', async () => {
    bench.leaveParcel('p-1')
    const token = await pickupToken('p-1')
    bench.send({ kind: 'board-lost', boardId: 'a' })
    bench.scan(token)
    expect(bench.view?.notice).toMatchObject({ key: 'bus-down' })
    expect(bench.allTold('pickup-token-used')).toHaveLength(0)
    bench.readBoard()
    bench.scan(token)
    expect(bench.useDoor()).toBe('1')
  })

  test('and is asked first whether the door is not too high', async () => {
    bench.close()
    bench = new Bench(wallOf(['S']))
    bench.prepare([{ id: 'p-1', size: 'S' }])
    bench.leaveParcel('p-1')
    const version = bench.ledger.streamVersions().directory + 1
    const puts = [{ id: 'r-1', label: 'Flat 1', needsReach: true }]
    bench.want({ stream: 'directory', version, isSnapshot: false, puts, deletes: [] })
    const token = await pickupToken('p-1')
    bench.scan(token)
    expect(bench.screen.kind).toBe('pickup-reach')
    bench.press('leave-closed')
    bench.scan(token)
    bench.press('open-high')
    expect(bench.useDoor()).toBe('1')
    bench.press('back')
    expect(refused(token)).toBe('LK-TOKEN-04')
  })
})

describe('a code that was shown, and whose door nobody saw open', () => {
  test('is good for that parcel still, and for none that came since', async () => {
    bench.leaveParcel('p-1')
    const token = await pickupToken('p-1')
    bench.scan(token)
    expect(bench.jam()).toBe('1')
    bench.press('back')
    bench.leaveParcel('p-2')
    bench.scan(token)
    expect(bench.useDoor()).toBe('1')
    expect(bench.unlocks.at(-1)?.channel).toBe(1)
    bench.press('back')
    expect(bench.parcelState('p-2')).toBe('deposited')
    expect(refused(token)).toBe('LK-TOKEN-04')
    bench.type('pin of p-1')
    expect(bench.useDoor()).toBe('2')
  })

  test('brings along what was put behind the same door since', async () => {
    bench.leaveParcel('p-1')
    const token = await pickupToken('p-1')
    bench.scan(token)
    bench.jam()
    bench.press('back')
    bench.leaveParcel('p-2', 'together')
    expect(bench.parcelsAt('1')).toEqual(['p-1', 'p-2'])
    bench.scan(token)
    expect(bench.useDoor()).toBe('1')
    expect(bench.told('opening-authorised')).toMatchObject({ parcelIds: ['p-1', 'p-2'] })
    expect([bench.parcelState('p-1'), bench.parcelState('p-2')]).toEqual(['collected', 'collected'])
    bench.press('back')
    expect(refused(token)).toBe('LK-TOKEN-04')
  })

  test('is so after a power cut, too; and what it has opened it opens no second time', async () => {
    bench.leaveParcel('p-1')
    bench.leaveParcel('p-2')
    const token = await pickupToken('p-1')
    bench.scan(token)
    bench.useDoor()
    bench.restart()
    expect(bench.unlocks).toHaveLength(0)
    expect(bench.parcelState('p-1')).toBe('collected')
    bench.scan(token)
    expect(bench.useDoor()).toBe('2')
    bench.restart()
    expect(refused(token)).toBe('LK-TOKEN-04')
    expect(bench.allTold('pickup-token-used')).toHaveLength(1)
  })
})

describe('a code is dead', () => {
  test('as soon as central wants a new PIN; the code for that one opens', async () => {
    bench.leaveParcel('p-1')
    const token = await pickupToken('p-1')
    bench.wantPickup({ id: 'r-1', reissue: 1, expiresAtMs: null })
    expect(refused(token)).toBe('LK-TOKEN-04')
    bench.scan(await pickupToken('p-1'))
    expect(bench.useDoor()).toBe('1')
  })

  test('when the PIN was used, also for what comes for the same person later', async () => {
    bench.leaveParcel('p-1')
    const token = await pickupToken('p-1')
    bench.type('pin of p-1')
    bench.useDoor()
    bench.pass(HOUR_MS)
    bench.leaveParcel('p-2')
    expect(refused(token)).toBe('LK-TOKEN-04')
  })

  test('when the PIN has ended', async () => {
    bench.close()
    bench = new Bench(wallOf(['S'], { pinLifeMs: HOUR_MS }))
    bench.prepare([{ id: 'p-1', size: 'S' }])
    bench.leaveParcel('p-1')
    const token = await pickupToken('p-1')
    bench.pass(2 * HOUR_MS)
    expect(refused(token)).toBe('LK-TOKEN-05')
  })

  test('after its own end, and before its beginning; the PIN is good meanwhile', async () => {
    bench.leaveParcel('p-1')
    const { wallMs } = bench.now()
    const early = await pickupToken('p-1', { fromMs: wallMs + HOUR_MS })
    const late = await pickupToken('p-1', { lifeMs: HOUR_MS })
    expect(refused(early)).toBe('LK-TOKEN-06')
    bench.pass(HOUR_MS)
    expect(refused(late)).toBe('LK-TOKEN-05')
    bench.scan(early)
    expect(bench.useDoor()).toBe('1')
  })

  test.each(['pickup', 'courier'] as const)(
    'for a clock that is not believed, for a %s as well, until it is',
    async (purpose) => {
      bench.leaveParcel('p-1')
      const token = purpose === 'pickup' ? await pickupToken('p-1') : await courierToken()
      bench.isWallBelieved = false
      expect(refused(token)).toBe('LK-TOKEN-07')
      bench.isWallBelieved = true
      expect(bench.scan(token)).toBe('ok')
    },
  )

  test('when too many were used for one PIN', async () => {
    bench.leaveParcel('p-1')
    for (let times = 0; times < TOKENS_OF_A_PIN_MAX; times += 1) {
      bench.scan(await pickupToken('p-1'))
      bench.jam()
      bench.press('back')
    }
    expect(refused(await pickupToken('p-1'))).toBe('LK-TOKEN-04')
  })
})

describe('a code that is not for this', () => {
  test('another kiosk’s is told so, and a courier’s for nobody here opens nothing', async () => {
    bench.leaveParcel('p-1')
    const elsewhere = { kioskId: 'bench-2' }
    expect(refused(await pickupToken('p-1', elsewhere))).toBe('LK-TOKEN-02')
    expect(refused(await pickupToken('p-1', { namespace: 'other' }))).toBe('LK-TOKEN-02')
    expect(refused(await courierToken('c-1', elsewhere))).toBe('LK-TOKEN-02')
    // Each purpose has names of its own.
    const sealed = `sealed ${bench.pins.get('p-1')}`
    expect(refused(await courierToken(sealed))).toBe('LK-TOKEN-03')
    expect(refused(await pickupToken('p-1', { name: 'c-1' }))).toBe('LK-TOKEN-03')
  })

  test('one that central did not sign leaves no trace', async () => {
    bench.leaveParcel('p-1')
    const token = await pickupToken('p-1')
    const facts = bench.facts().length
    expect(refused(`${token.slice(0, -1)}${token.endsWith('B') ? 'C' : 'B'}`)).toBe('LK-TOKEN-01')
    expect(refused(token.slice(0, 200))).toBe('LK-TOKEN-01')
    expect(bench.facts()).toHaveLength(facts)
    expect(bench.ledger.failures()).toBe(0)
  })

  test('the same refusal is told to central once, and never the code itself', async () => {
    bench.leaveParcel('p-1')
    const token = await pickupToken('p-1', { kioskId: 'bench-2' })
    for (let times = 0; times < 20; times += 1) refused(token)
    expect(bench.allTold('token-refused')).toHaveLength(1)
    expect(bench.told('token-refused')).toMatchObject({ purpose: 'pickup', code: 'LK-TOKEN-02' })
    const good = await pickupToken('p-1')
    bench.scan(good)
    bench.useDoor()
    const bytes = readdirSync(bench.folder).map((name) => readFileSync(join(bench.folder, name)))
    expect(bytes.some((each) => each.includes('pickup-token-used'))).toBe(true)
    for (const each of bytes) {
      expect(each.includes(good.slice(-64))).toBe(false)
      expect(each.includes(token.slice(-64))).toBe(false)
    }
  })
})

describe('a courier shows the code of an app', () => {
  test('is signed in once, and leaves a parcel', async () => {
    const token = await courierToken()
    expect(bench.scan(token)).toBe('ok')
    expect(bench.screen.kind).toBe('courier-menu')
    expect(bench.told('courier-token-used')).toMatchObject({ courierId: 'c-1' })
    expect(bench.told('courier-signed-in')).toEqual({ courierId: 'c-1' })
    bench.deposit('p-1')
    bench.useDoor()
    expect(bench.parcelState('p-1')).toBe('deposited')
    bench.press('sign-out')
    expect(refused(token)).toBe('LK-TOKEN-04')
    bench.restart()
    expect(refused(token)).toBe('LK-TOKEN-04')
  })

  test('also on the page that asks for the access code', async () => {
    bench.press('courier')
    expect(bench.scan(await courierToken())).toBe('ok')
    expect(bench.screen.kind).toBe('courier-menu')
  })

  test('in vain when central has dismissed them, or their time is over', async () => {
    const [token, second] = [await courierToken(), await courierToken('c-2')]
    const validUntilMs = bench.now().wallMs - 1
    const over = { id: 'c-2', role: 'courier', label: 'Two', verifier: 'code-2' } as const
    bench.employ({ ...over, validUntilMs })
    expect(refused(second)).toBe('LK-TOKEN-03')
    bench.dismiss('c-1')
    expect(refused(token)).toBe('LK-TOKEN-03')
  })

  test('and nobody else does: a technician’s name in a code is worth nothing', async () => {
    const id = { id: 't-9', label: 'Nine', verifier: 'code-9' }
    for (const role of ['technician', 'operator', 'break-glass'] as const) {
      bench.employ({ ...id, role })
      expect(refused(await courierToken('t-9'))).toBe('LK-TOKEN-03')
    }
  })
})

describe('an older copy of the ledger is put back', () => {
  test('a recipient’s code waits for central’s word, as the PIN does', async () => {
    bench.leaveParcel('p-1')
    bench.leaveParcel('p-9')
    backUp(bench)
    const [taken, waiting] = [await pickupToken('p-1'), await pickupToken('p-9')]
    bench.scan(taken)
    bench.useDoor()
    bench.press('back')
    bench.pass(HOUR_MS)
    restore(bench)
    expect(refused(taken)).toBe('LK-TOKEN-08')
    expect(refused(waiting)).toBe('LK-TOKEN-08')
    const name = 'sealed in what was lost'
    expect(refused(await pickupToken('p-1', { name }))).toBe('LK-TOKEN-08')
    const parcels = [{ parcelId: 'p-9', lockerId: '2', isPinStale: false }]
    bench.send({ kind: 'parcels-vouched', epoch: 'bench-epoch', cum: 10_000, parcels })
    bench.scan(waiting)
    expect(bench.useDoor()).toBe('2')
    bench.press('back')
    expect(refused(taken)).toBe('LK-TOKEN-08')
  })

  test.each([
    ['believed', 0],
    ['not believed until later', HOUR_MS / 2],
  ])(
    'a courier’s code of before is not taken, of the time after it is; the clock is %s',
    async (_, laterMs) => {
      backUp(bench)
      const used = await courierToken()
      const unused = await courierToken()
      bench.scan(used)
      bench.press('sign-out')
      bench.pass(1_000)
      bench.isWallBelieved = laterMs === 0
      restore(bench)
      bench.pass(laterMs)
      bench.isWallBelieved = true
      expect(refused(used)).toBe('LK-TOKEN-08')
      expect(refused(unused)).toBe('LK-TOKEN-08')
      bench.pass(1_000)
      expect(bench.scan(await courierToken())).toBe('ok')
      expect(bench.screen.kind).toBe('courier-menu')
    },
  )
})

test('an id is drawn: two codes for one PIN are two', async () => {
  bench.leaveParcel('p-1')
  const [first, second] = [randomBytes(16), randomBytes(16)]
  bench.scan(await pickupToken('p-1', { id: first }))
  bench.jam()
  bench.press('back')
  bench.scan(await pickupToken('p-1', { id: second }))
  bench.useDoor()
  const ids = bench.allTold('pickup-token-used').map(({ tokenId }) => tokenId)
  expect(ids).toEqual([first.toString('hex'), second.toString('hex')])
})

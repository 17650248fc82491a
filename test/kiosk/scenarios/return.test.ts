// A recipient hands a parcel in with a code, and a courier takes it out.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

const DAY_MS = 86_400_000

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'M', 'L']))
  bench.prepare()
})

afterEach(() => bench.close())

/** Central announces it; the code is made and sealed at once. */
function expectReturn(id: string, row: Parameters<Bench['wantReturn']>[0] = { id }): string {
  bench.wantReturn(row)
  return `pin of ${id}`
}

function handIn(id: string): void {
  bench.type(`pin of ${id}`)
  bench.useDoor()
  bench.press('found-parcel')
  bench.press('back')
}

describe('from the code to the courier', () => {
  test('the code is made here and goes to central, sealed', () => {
    const code = expectReturn('ret-1', { id: 'ret-1', expiresAtMs: 1_900_000_000_000 })
    expect(bench.told('return-expected')).toEqual({
      parcelId: 'ret-1',
      recipientId: 'r-1',
      sealedCode: `sealed ${code}`,
      expiresAtWallMs: 1_900_000_000_000,
    })
  })

  test('the recipient puts it in, and a courier takes it out', () => {
    const code = expectReturn('ret-1', { id: 'ret-1', carrierId: 'red' })
    bench.type(code)
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '1' })
    expect(bench.lockerState('1')).toBe('reserved')
    bench.obeyUnlock('acknowledged', 'springs-open')
    expect(bench.screen).toMatchObject({ kind: 'hand-in-open', lockerId: '1' })
    bench.pass(5_000)
    bench.moveDoor('1', 'closed')
    expect(bench.screen).toMatchObject({ kind: 'hand-in-question', lockerId: '1' })
    bench.press('found-parcel')
    expect(bench.screen).toMatchObject({ kind: 'hand-in-done', canReopen: true })
    expect(bench.view?.receipt?.code).toMatch(/^[0-9A-Z*~$=-]{14}$/)
    expect(bench.told('parcel-handed-in')).toEqual({
      parcelId: 'ret-1',
      lockerId: '1',
      recipientId: 'r-1',
      carrierId: 'red',
      proof: 'confirmed',
    })
    expect(bench.ledger.parcel('ret-1')).toMatchObject({
      state: 'handed-in',
      lockerId: '1',
      tracking: 'T-ret-1',
      carrierId: 'red',
    })
    expect(bench.lockerState('1')).toBe('awaiting-courier')
    bench.press('back')
    bench.employ({
      id: 'c-red',
      role: 'courier',
      label: 'Red',
      verifier: 'code-red',
      carrierId: 'red',
    })
    bench.signIn('code-red')
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', retrievals: 1 })
    bench.press('retrieve')
    expect(bench.screen).toMatchObject({ kind: 'retrieval-opening', lockerId: '1' })
    bench.useDoor()
    bench.press('took-out')
    expect(bench.told('parcel-retrieved')).toMatchObject({ parcelId: 'ret-1', lockerId: '1' })
    expect(bench.parcelState('ret-1')).toBe('withdrawn')
    expect(bench.lockerState('1')).toBe('free')
  })

  test('no other carrier’s courier sees it', () => {
    expectReturn('ret-1', { id: 'ret-1', carrierId: 'red' })
    handIn('ret-1')
    bench.signIn()
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', retrievals: 0 })
    bench.press('retrieve')
    expect(bench.unlocks).toHaveLength(1)
    expect(bench.parcelState('ret-1')).toBe('handed-in')
  })

  test('a courier is never offered to bring it', () => {
    expectReturn('ret-1')
    bench.signIn()
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', parcels: [], retrievals: 0 })
    bench.scan('T-ret-1')
    expect(bench.view?.notice).toMatchObject({ key: 'scan-unknown' })
  })

  test('a courier who finds nothing puts the locker aside, and central hears of it', () => {
    expectReturn('ret-1')
    handIn('ret-1')
    bench.signIn()
    bench.press('retrieve')
    bench.useDoor()
    bench.press('found-empty')
    expect(bench.told('locker-disputed')).toMatchObject({ lockerId: '1', parcelId: 'ret-1' })
    bench.press('sign-out')
    bench.command({ kind: 'inspect', lockerId: '1', found: 'empty', reason: 'searched' })
    expect(bench.lockerState('1')).toBe('free')
    expect(bench.parcelState('ret-1')).toBe('withdrawn')
    bench.type('pin of ret-1')
    expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-05' })
  })

  test('nobody says how large it is: the person chooses', () => {
    const code = expectReturn('ret-1', { id: 'ret-1', size: null })
    bench.type(code)
    expect(bench.screen).toMatchObject({ kind: 'hand-in-size' })
    expect(bench.press('size', 'XXL')).toBe('refused')
    bench.press('size', 'M')
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '2' })
    expect(bench.told('hand-in-started')).toMatchObject({ size: 'M', lockerId: '2' })
  })

  test('a size that this wall does not have is chosen at the screen, too', () => {
    bench.type(expectReturn('ret-1', { id: 'ret-1', size: 'XXL' }))
    expect(bench.screen).toMatchObject({ kind: 'hand-in-size' })
    bench.press('back')
    expect(bench.screen.kind).toBe('welcome')
  })

  test('whoever goes without a word has handed it in: its door opened and shut', () => {
    bench.type(expectReturn('ret-1'))
    bench.useDoor()
    bench.pass(bench.config.policy.idleMs)
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.told('parcel-handed-in')).toMatchObject({ proof: 'unanswered' })
  })

  test('the sensor inside sees it: nothing is asked', () => {
    bench.type(expectReturn('ret-1'))
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.inside('1', 'present')
    bench.moveDoor('1', 'closed')
    expect(bench.screen.kind).toBe('hand-in-done')
    expect(bench.told('parcel-handed-in')).toMatchObject({ proof: 'contents' })
  })
})

describe('the code', () => {
  const refusals: readonly [string, () => void, string][] = [
    ['before it is announced', () => undefined, 'LK-PIN-01'],
    ['once it is used', () => usedUp(), 'LK-PIN-05'],
    ['once it has expired', () => expired(), 'LK-PIN-04'],
    ['once central took it back', () => withdrawn(), 'LK-PIN-04'],
  ]

  function usedUp(): void {
    expectReturn('ret-1')
    handIn('ret-1')
    bench.pass(bench.config.policy.reopenMs)
  }

  function expired(): void {
    expectReturn('ret-1', { id: 'ret-1', expiresAtMs: bench.now().wallMs + DAY_MS })
    bench.pass(DAY_MS)
  }

  function withdrawn(): void {
    expectReturn('ret-1')
    bench.withdrawReturn('ret-1')
  }

  test.each(refusals)('%s it opens nothing', (_, prepare, code) => {
    prepare()
    const orders = bench.unlocks.length
    bench.type('pin of ret-1')
    expect(bench.view?.notice).toMatchObject({ code })
    expect(bench.told('entry-refused')).toMatchObject({ what: 'pin' })
    expect(bench.unlocks).toHaveLength(orders)
  })

  test('is under the brake, malformed or unchecked like every PIN', () => {
    const code = expectReturn('ret-1')
    bench.type(code, 3)
    expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-03' })
    bench.send({ kind: 'board-lost', boardId: 'a' })
    bench.type(code)
    expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-06' })
    bench.readBoard()
    for (let guess = 0; guess < 4; guess += 1) bench.type(`guess ${guess}`)
    bench.type(code)
    expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-02' })
    bench.pass(60_000)
    bench.type(code)
    expect(bench.screen.kind).toBe('hand-in-opening')
  })

  test('is asked for its second part when the day’s budget is spent', () => {
    const code = expectReturn('ret-1')
    for (let guess = 0; guess < bench.config.policy.guessesADayMax; guess += 1) {
      bench.type(`guess ${guess}`)
      bench.pass(30_000)
    }
    bench.type(code)
    expect(bench.screen).toMatchObject({ kind: 'reference', what: 'pin' })
    bench.type('reference of ret-1')
    expect(bench.screen.kind).toBe('hand-in-opening')
  })

  test('is never like a living PIN, nor a PIN like it: another one is made', () => {
    const code = { referenceIndex: 'reference', sealedPin: 'sealed' }
    const announced = [{ id: 'p-1', size: 'S', tracking: 'T-p-1', recipientId: 'r-1' }]
    bench.want({ stream: 'parcel', version: 2, isSnapshot: false, puts: announced, deletes: [] })
    bench.leaveParcel('p-1')
    bench.preparesPins = false
    bench.wantReturn({ id: 'ret-1' })
    bench.send({ kind: 'pin-prepared', parcelId: 'ret-1', index: 'pin of p-1', ...code })
    expect(bench.factsOf('return-expected')).toEqual([])
    bench.send({ kind: 'pin-prepared', parcelId: 'ret-1', index: 'pin of ret-1', ...code })
    expect(bench.told('return-expected')).toMatchObject({ parcelId: 'ret-1' })
    bench.command({ kind: 'reissue-pin', lockerId: '1', reason: 'lost letter' })
    bench.send({ kind: 'pin-prepared', parcelId: 'p-1', index: 'pin of ret-1', ...code })
    expect(bench.factsOf('pin-reissued')).toEqual([])
  })

  test('does not end by a clock that is not believed', () => {
    const code = expectReturn('ret-1', { id: 'ret-1', expiresAtMs: bench.now().wallMs + DAY_MS })
    bench.isWallBelieved = false
    bench.pass(2 * DAY_MS)
    bench.type(code)
    expect(bench.screen.kind).toBe('hand-in-opening')
  })

  test('that was made on a doubted clock begins its life when the clock is believed', () => {
    bench.isWallBelieved = false
    const code = expectReturn('ret-1')
    expect(bench.told('return-expected')).toMatchObject({ expiresAtWallMs: null })
    bench.pass(DAY_MS)
    bench.isWallBelieved = true
    bench.pass(bench.config.policy.pinLifeMs - DAY_MS)
    expect(bench.factsOf('return-expired')).toEqual([])
    bench.pass(2 * DAY_MS)
    expect(bench.told('return-expired')).toMatchObject({ parcelId: 'ret-1' })
    bench.type(code)
    expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-04' })
  })

  test('ends later when central says so', () => {
    const endMs = bench.now().wallMs + DAY_MS
    const code = expectReturn('ret-1', { id: 'ret-1', expiresAtMs: endMs })
    bench.wantReturn({ id: 'ret-1', expiresAtMs: endMs + DAY_MS })
    bench.pass(DAY_MS + 60_000)
    bench.type(code)
    expect(bench.screen.kind).toBe('hand-in-opening')
    expect(bench.factsOf('return-expected')).toHaveLength(1)
  })

  test('is made after a start when the plug was pulled before it was there', () => {
    bench.preparesPins = false
    bench.wantReturn({ id: 'ret-1' })
    bench.preparesPins = true
    bench.restart()
    expect(bench.told('return-expected')).toMatchObject({ parcelId: 'ret-1' })
  })

  test('of each of many returns is made', () => {
    const puts = Array.from({ length: 80 }, (_, n) => ({
      ...{ id: `ret-${n}`, tracking: null, size: 'S', recipientId: 'r-1', expiresAtMs: null },
    }))
    bench.want({ stream: 'return', version: 1, isSnapshot: true, puts, deletes: [] })
    expect(bench.factsOf('return-expected')).toHaveLength(80)
    expect(bench.ledger.expectedReturnCount()).toBe(80)
  })

  test('opens its locker once more within the grace time, and not later', () => {
    const code = expectReturn('ret-1')
    handIn('ret-1')
    bench.pass(1_000)
    bench.type(code)
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '1' })
    bench.useDoor()
    bench.press('found-parcel')
    expect(bench.parcelState('ret-1')).toBe('handed-in')
    bench.press('back')
    bench.pass(bench.config.policy.reopenMs)
    bench.type(code)
    expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-05' })
  })
})

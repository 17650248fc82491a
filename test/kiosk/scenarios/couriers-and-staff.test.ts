// Couriers of several carriers, technicians, operators and sealed codes: each with rights of their
// own, good without a network, and gone when central takes them.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DesiredStaff } from '../../../src/kiosk/desired.ts'
import { Bench, wallOf } from '../../support/bench.ts'

const HOUR_MS = 3_600_000

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S', 'S']))
  bench.prepare([
    { id: 'red', size: 'S', carrierId: 'red-vans' },
    { id: 'blue', size: 'S', carrierId: 'blue-vans' },
    { id: 'any', size: 'S' },
  ])
})

afterEach(() => bench.close())

function person(id: string, rest: Partial<DesiredStaff> = {}): DesiredStaff {
  return { id, role: 'courier', label: id, verifier: `code of ${id}`, ...rest }
}

function parcelsShown(): readonly string[] {
  const { screen } = bench
  return screen.kind === 'courier-menu' ? screen.parcels.map(({ parcelId }) => parcelId) : []
}

test('a courier sees and scans the parcels of the own carrier, and those of none', () => {
  bench.employ(person('red-1', { carrierId: 'red-vans' }), person('no-carrier'))
  bench.signIn('code of red-1')
  expect(parcelsShown()).toEqual(['red', 'any'])
  expect(bench.press('deposit', 'blue')).toBe('refused')
  bench.scan('T-blue')
  expect(bench.view?.notice).toMatchObject({ key: 'scan-unknown' })
  bench.scan('T-red')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening' })
  bench.useDoor()
  bench.press('sign-out')
  bench.signIn('code of no-carrier')
  expect(parcelsShown()).toEqual(['any'])
})

test('a badge signs in without a tap on the pad, and a strange one is a wrong entry', () => {
  bench.employ(person('c-2', { badgeVerifier: 'badge B-77' }))
  bench.press('courier')
  bench.scan('B-78')
  expect(bench.view?.notice).toMatchObject({ key: 'access-code-refused', code: 'LK-STAFF-01' })
  expect(bench.factsOf('entry-refused')).toMatchObject([{ what: 'badge', failures: 1 }])
  bench.scan('B-77')
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', courier: 'c-2' })
})

test('badges and codes wait as PINs do, whoever typed the wrong ones', () => {
  bench.employ(person('c-2', { badgeVerifier: 'badge B-77' }))
  bench.press('courier')
  for (let k = 0; k < 4; k += 1) bench.type('wrong')
  bench.scan('B-77')
  expect(bench.view?.notice?.key).toBe('please-wait')
  bench.pass(2_000)
  bench.scan('B-77')
  expect(bench.screen.kind).toBe('courier-menu')
})

test('dates count on a believed clock, and on no other', () => {
  const { wallMs } = bench.now()
  bench.employ(
    person('from', { validFromMs: wallMs + HOUR_MS }),
    person('until', { validUntilMs: wallMs + HOUR_MS }),
  )
  bench.signIn('code of from')
  expect(bench.view?.notice?.key).toBe('access-code-refused')
  bench.press('back')
  bench.pass(2 * HOUR_MS)
  bench.signIn('code of until')
  expect(bench.view?.notice?.key).toBe('access-code-refused')
  bench.press('back')
  bench.isWallBelieved = false
  bench.signIn('code of until')
  expect(bench.screen.kind).toBe('courier-menu')
})

test('who loses the rights loses the session, at once', () => {
  bench.signIn()
  bench.dismiss('c-1')
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.view?.notice).toMatchObject({ key: 'rights-withdrawn', code: 'LK-STAFF-02' })
  expect(bench.facts().slice(-2)).toEqual(['session-revoked', 'courier-signed-out'])
  bench.signIn()
  expect(bench.view?.notice?.key).toBe('access-code-refused')
})

test('a door that stands open is waited for, so that its parcel is not lost', () => {
  bench.signIn()
  bench.press('deposit', 'any')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.dismiss('c-1')
  expect(bench.screen.kind).toBe('deposit-open')
  bench.moveDoor('1', 'closed')
  expect(bench.parcelState('any')).toBe('deposited')
  bench.pass(1)
  bench.readBoard()
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.facts()).toContain('session-revoked')
})

test('a technician opens any locker, and says what is inside of those that are not proven', () => {
  bench.employ(person('t-9', { role: 'technician' }))
  bench.leaveParcel('any')
  bench.moveDoor('2', 'open')
  bench.moveDoor('2', 'closed')
  bench.signIn('code of t-9')
  expect(bench.screen).toMatchObject({
    kind: 'staff-menu',
    person: 't-9',
    lockers: [
      { lockerId: '1', isUnverified: false },
      { lockerId: '2', isUnverified: true },
      { lockerId: '3', isUnverified: false },
    ],
  })
  bench.press('check', '1')
  expect(bench.factsOf('opening-authorised').at(-1)).toMatchObject({
    purpose: 'inspection',
    by: { role: 'technician', id: 't-9' },
  })
  bench.useDoor()
  // Its contents are known: nothing is asked, and the parcel stays where it is.
  expect(bench.screen.kind).toBe('staff-menu')
  expect(bench.lockerState('1')).toBe('occupied')
  bench.press('check', '2')
  bench.useDoor()
  expect(bench.screen.kind).toBe('check-question')
  bench.press('found-empty')
  expect(bench.lockerState('2')).toBe('free')
  expect(bench.press('deposit', 'red')).toBe('refused')
  expect(bench.press('walk-in')).toBe('refused')
  expect(bench.scan('T-red')).toBe('refused')
  expect(bench.press('check', 'no such locker')).toBe('refused')
  bench.press('sign-out')
  expect(bench.factsOf('staff-signed-out')).toMatchObject([{ staffId: 't-9' }])
  bench.type('pin of any')
  expect(bench.screen.kind).toBe('pickup-opening')
})

test('a sealed code works once, whatever central sends afterwards, and is an alarm', () => {
  const sealed = person('envelope-1', { role: 'break-glass', verifier: 'code of envelope-1' })
  bench.employ(sealed)
  bench.signIn('code of envelope-1')
  expect(bench.screen.kind).toBe('staff-menu')
  expect(bench.factsOf('break-glass-used')).toEqual([{ codeId: 'envelope-1' }])
  bench.press('sign-out')
  bench.restart()
  bench.dismiss('envelope-1')
  bench.employ(sealed)
  bench.signIn('code of envelope-1')
  expect(bench.view?.notice?.key).toBe('access-code-refused')
  expect(bench.factsOf('break-glass-used')).toHaveLength(1)
})

test('with the budget spent a code needs its second part, where there is one', () => {
  bench.employ(person('c-2', { referenceVerifier: 'mine' }), person('c-3'))
  for (let k = 0; k < 30; k += 1) {
    bench.type(`wrong ${k}`)
    bench.pass(31_000)
  }
  bench.signIn('code of c-2')
  expect(bench.screen).toMatchObject({ kind: 'reference', what: 'access-code', digits: 4 })
  bench.type('somebody else’s')
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.factsOf('entry-refused').at(-1)).toMatchObject({ cause: 'reference' })
  bench.pass(31_000)
  bench.signIn('code of c-2')
  bench.type('mine')
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', courier: 'c-2' })
  bench.press('sign-out')
  bench.signIn('code of c-3')
  bench.type('anything')
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', courier: 'c-3' })
})

test('whoever may open every locker has a second part or a badge while the budget is spent', () => {
  const badgeVerifier = 'badge T-1'
  bench.employ(person('t-1', { role: 'technician', badgeVerifier }))
  for (let k = 0; k < 30; k += 1) {
    bench.type(`wrong ${k}`)
    bench.pass(31_000)
  }
  bench.signIn('code of t-1')
  bench.type('anything')
  expect(bench.view?.notice?.key).toBe('access-code-refused')
  bench.pass(31_000)
  bench.press('courier')
  bench.scan('T-1')
  expect(bench.screen.kind).toBe('staff-menu')
})

test('there is no code that opens a kiosk of which central has said nothing', () => {
  bench.dismiss('c-1')
  for (const code of ['', '00000000', '12345678', '99999999', 'code-1']) {
    bench.press('courier')
    bench.type(code)
    expect(bench.screen.kind).toBe('courier-code')
    bench.press('back')
    bench.pass(31_000)
  }
})

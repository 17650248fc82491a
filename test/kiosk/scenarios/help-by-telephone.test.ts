// Help without a network, as the person at the kiosk and the operator's desk live it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/kiosk/config.ts'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare(['p-1', 'p-2'].map((id) => ({ id, size: 'S' })))
  bench.leaveParcel('p-1')
})

afterEach(() => bench.close())

function ask(lockerId: string): string {
  bench.press('help')
  expect(bench.press('desk', lockerId)).toBe('ok')
  const { screen } = bench
  if (screen.kind !== 'desk' || screen.challenge === null) throw new Error('no challenge is shown')
  return screen.challenge
}

function bodyOf(kind: string) {
  const rows = bench.ledger.outboxAfter(0, { countMax: 1_000, bytesMax: 1e9 })
  const row = rows.findLast(({ body }) => body.includes(`"type":"${kind}/1"`))
  return row === undefined ? null : JSON.parse(row.body)
}

test('the right answer opens that one locker, and the chain tells who let it', () => {
  const challenge = ask('1')
  expect(bench.screen).toEqual({
    kind: 'desk',
    lockerId: '1',
    wants: 'open',
    challenge,
    digits: 8,
    waitMs: 0,
  })
  expect(bench.unlocks).toHaveLength(1) // the courier's
  bench.type(`answer to ${challenge}`)
  expect(bench.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '1' })
  bench.useDoor()
  expect(bench.screen.kind).toBe('pickup-done')
  expect(bench.parcelState('p-1')).toBe('collected')
  const data = { lockerId: '1', parcelId: 'p-1', challenge, wants: 'open' }
  expect(bodyOf('desk-answered')).toMatchObject({ by: { role: 'operator' }, data })
  expect(bodyOf('opening-authorised')).toMatchObject({
    by: { role: 'operator' },
    why: `challenge ${challenge}`,
  })
  bench.pass(61_000)
  bench.type('pin of p-1')
  expect(bench.view?.notice?.code).toBe('LK-PIN-05')
})

test('an answer is used once', () => {
  const challenge = ask('1')
  bench.type(`answer to ${challenge}`)
  bench.useDoor()
  bench.press('back')
  ask('1')
  bench.type(`answer to ${challenge}`)
  expect(bench.view?.notice?.code).toBe('LK-DESK-03')
})

test('an answer is for its own challenge and locker alone', () => {
  bench.leaveParcel('p-2')
  const first = ask('1')
  bench.press('back')
  ask('2')
  bench.type(`answer to ${first}`)
  expect(bench.view?.notice?.code).toBe('LK-DESK-03')
  expect(bench.screen.kind).toBe('desk')
})

test('three wrong answers end the challenge, under the same brake as PINs', () => {
  bench.type('wrong')
  bench.pass(1_000)
  ask('1')
  for (const guess of ['a', 'b']) bench.type(guess)
  expect(bench.ledger.failures()).toBe(3)
  expect(bench.screen.kind).toBe('desk')
  bench.type('c')
  expect(bench.screen).toMatchObject({ kind: 'welcome', waitMs: 2_000 })
  const challenge = ask('1')
  expect(bench.type(`answer to ${challenge}`)).toBe('refused')
  expect(bench.view?.notice?.code).toBe('LK-PIN-02')
  bench.pass(2_000)
  expect(bench.type(`answer to ${challenge}`)).toBe('ok')
  expect(bench.screen.kind).toBe('pickup-opening')
  expect(bodyOf('entry-refused').data).toMatchObject({ what: 'desk-answer', failures: 4 })
})

test('a challenge dies after five minutes, and nobody can prolong it', () => {
  ask('1')
  bench.pass(200_000)
  expect(bench.press('stay')).toBe('refused')
  bench.pass(99_000)
  expect(bench.screen.kind).toBe('desk')
  bench.pass(1_000)
  expect(bench.screen.kind).toBe('welcome')
})

test('a restart ends it', () => {
  const challenge = ask('1')
  bench.restart()
  expect(bench.screen.kind).toBe('welcome')
  bench.type(`answer to ${challenge}`)
  expect(bench.view?.notice?.code).toBe('LK-PIN-01')
  expect(bench.unlocks).toHaveLength(0)
})

test('whether a locker is empty is not told before the answer', () => {
  const challenge = ask('2')
  bench.type(`answer to ${challenge}`)
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.view?.notice?.code).toBe('LK-DESK-04')
  expect(bench.unlocks).toHaveLength(1)
})

test('the board’s silence does not use the answer up', () => {
  const challenge = ask('1')
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.type(`answer to ${challenge}`)
  expect(bench.view?.notice?.code).toBe('LK-BUS-01')
  expect(bodyOf('desk-answered')).toBeNull()
  bench.readBoard()
  bench.type(`answer to ${challenge}`)
  expect(bench.screen.kind).toBe('pickup-opening')
  bench.useDoor()
})

test('a challenge is for a locker of this wall, asked for on the help page', () => {
  expect(bench.press('desk', '1')).toBe('refused')
  bench.press('help')
  expect(bench.press('desk', '99')).toBe('refused')
  expect(bench.press('desk')).toBe('refused')
  expect(bench.screen.kind).toBe('help')
})

test('a challenge that was drawn for another locker is not shown', () => {
  const challenge = ask('1')
  const late = {
    lockerId: '2',
    wants: 'open',
    challenge: 'late',
    answerIndex: 'x',
    pin: null,
  } as const
  bench.send({ kind: 'challenge-prepared', ...late })
  bench.send({ kind: 'challenge-prepared', ...late, lockerId: '1' })
  expect(bench.screen).toMatchObject({ challenge })
  bench.press('back')
  bench.send({ kind: 'challenge-prepared', ...late })
  expect(bench.screen.kind).toBe('welcome')
})

describe('a new PIN on the telephone', () => {
  function askForPin(lockerId: string): string {
    ask(lockerId)
    expect(bench.press('desk-pin')).toBe('ok')
    const { screen } = bench
    if (screen.kind !== 'desk' || screen.challenge === null) throw new Error('no challenge')
    expect(screen.wants).toBe('pin')
    return screen.challenge
  }

  test('kills the old one with the right answer, opens nothing, and is never shown', () => {
    const challenge = askForPin('1')
    bench.type(`answer to ${challenge}`)
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.view?.notice).toMatchObject({ key: 'desk-pin', code: null })
    expect(JSON.stringify(bench.view)).not.toContain(`pin of ${challenge}`)
    expect(bench.unlocks).toHaveLength(1) // the courier's
    bench.type('pin of p-1')
    expect(bench.view?.notice?.code).toBe('LK-PIN-05')
    bench.type(`pin of ${challenge}`)
    expect(bench.screen.kind).toBe('pickup-opening')
    bench.useDoor()
    expect(bench.parcelState('p-1')).toBe('collected')
  })

  test('stands in the chain with the desk as its author, sealed for central', () => {
    const challenge = askForPin('1')
    bench.type(`answer to ${challenge}`)
    const operator = { by: { role: 'operator' } }
    const why = `challenge ${challenge}`
    expect(bodyOf('pin-revoked')).toMatchObject({ ...operator, why })
    const sealed = { parcelIds: ['p-1'], sealedPin: `sealed pin of ${challenge}` }
    expect(bodyOf('pin-reissued').data).toMatchObject(sealed)
    const data = { lockerId: '1', parcelId: 'p-1', challenge, wants: 'pin' }
    expect(bodyOf('desk-answered')).toMatchObject({ ...operator, data })
    expect(bench.ledger.owedPins()).toEqual([])
  })

  test('counts for the limit of a day', () => {
    for (let count = 0; count < DEFAULT_POLICY.reissuesADayMax; count += 1) {
      bench.type(`answer to ${askForPin('1')}`)
    }
    const last = askForPin('1')
    bench.type(`answer to ${last}`)
    expect(bench.view?.notice).toMatchObject({ key: 'desk-no-pin', code: 'LK-PIN-07' })
    bench.type(`pin of ${last}`)
    expect(bench.view?.notice?.code).toBe('LK-PIN-01')
  })

  test('is none that lives already: the kiosk draws again', () => {
    ask('1')
    bench.deskPin = 'pin of p-1'
    const draws: string[] = []
    const send = bench.send.bind(bench)
    bench.send = (event) => {
      if (event.kind === 'challenge-prepared') {
        draws.push(event.challenge)
        bench.deskPin = null
      }
      return send(event)
    }
    expect(bench.press('desk-pin')).toBe('ok')
    expect(draws).toHaveLength(2)
    expect(bench.screen).toMatchObject({ challenge: draws[1] })
  })

  test('is not made for an empty locker, and that it is empty is told only then', () => {
    const challenge = askForPin('2')
    bench.type(`answer to ${challenge}`)
    expect(bench.view?.notice?.code).toBe('LK-DESK-04')
    expect(bodyOf('desk-answered')).toBeNull()
  })

  test('is answered by no answer for opening, and the other way round', () => {
    const opening = ask('1')
    bench.press('desk-pin')
    bench.type(`answer to ${opening}`)
    expect(bench.view?.notice?.code).toBe('LK-DESK-03')
    expect(bench.unlocks).toHaveLength(1)
  })
})

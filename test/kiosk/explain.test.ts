// Every choice can be explained: afterwards from the chain, beforehand from the wall as it stands.
import { afterEach, expect, test } from 'vitest'
import type { Explanation } from '../../src/kiosk/explain.ts'
import { Bench, wallOf } from '../support/bench.ts'

let bench: Bench

afterEach(() => bench.close())

function start(sizes: readonly string[], parcels: readonly { id: string; size: string }[]): void {
  bench = new Bench(wallOf(sizes))
  bench.prepare(parcels)
}

function explain(name: string): Explanation {
  bench.send({ kind: 'explain-asked', requestId: 'e', name })
  const answer = bench.answers.at(-1)
  if (answer?.kind !== 'explained') throw new Error(`${name}: ${JSON.stringify(answer)}`)
  return answer.explanation
}

test('a parcel in a locker says why it lies there, and so does the locker', () => {
  start(['S', 'M'], [{ id: 'p-1', size: 'S' }])
  bench.leaveParcel('p-1')
  const why = { needs: [], reasons: ['fits', 'steady', 'leaves-reach-free'], passed: [] }
  const said = { state: 'deposited', lockerId: '1', why, nextStep: 'collect', now: null }
  expect(explain('p-1')).toMatchObject(said)
  const parcels = [{ parcelId: 'p-1', state: 'deposited', why }]
  expect(explain('1')).toMatchObject({ reasons: ['occupied'], nextStep: 'collect', parcels })
})

test('a parcel still to come says where it would go now, by its id and by its number', () => {
  start(['S', 'M', 'L'], [{ id: 'p-1', size: 'M' }])
  const said = explain('p-1')
  expect(said).toEqual(explain('T-p-1'))
  expect(said).toMatchObject({
    nextStep: 'deposit',
    now: {
      lockerId: '2',
      verdicts: [
        { lockerId: '1', reasons: ['too-small'] },
        { lockerId: '2', reasons: ['fits', 'steady', 'leaves-reach-free'] },
        { lockerId: '3', reasons: ['larger', 'steady', 'leaves-reach-free'] },
      ],
    },
  })
})

test('a locker that is not handed out says why, whatever the reason', () => {
  start(['S', 'S'], [{ id: 'p-1', size: 'S' }])
  expect(explain('1')).toMatchObject({ isOffered: true, nextStep: 'assign' })
  bench.moveDoor('1', 'open')
  expect(explain('1')).toMatchObject({ reasons: ['unverified'], nextStep: 'technician-looks' })
  bench.command({ kind: 'disable', lockerId: '2', reason: 'the hinge' })
  expect(explain('2')).toMatchObject({ reasons: ['out-of-service'], nextStep: 'enable' })
  bench.command({ kind: 'enable', lockerId: '2', reason: 'the hinge' })
  bench.send({ kind: 'board-lost', boardId: 'a' })
  expect(explain('2')).toMatchObject({ isOffered: false, reasons: ['board-silent'] })
})

test('a locker that its courier left unproven names the courier as the next to look', () => {
  start(['S'], [{ id: 'p-1', size: 'S' }])
  bench.signIn()
  bench.press('deposit', 'p-1')
  expect(explain('1')).toMatchObject({ reasons: ['reserved'], nextStep: 'close-door' })
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.press('cancel')
  expect(explain('1')).toMatchObject({ state: 'unverified', nextStep: 'courier-looks' })
})

test('a return is explained from its announcement to its courier', () => {
  start(['S'], [])
  bench.preparesPins = false
  bench.wantReturn({ id: 'ret-1' })
  expect(explain('ret-1')).toMatchObject({ state: 'announced', nextStep: 'make-code' })
  bench.preparesPins = true
  bench.restart()
  expect(explain('ret-1')).toMatchObject({
    subject: 'return',
    state: 'expected',
    nextStep: 'hand-in',
  })
  bench.type('pin of ret-1')
  expect(explain('ret-1')).toMatchObject({
    subject: 'parcel',
    state: 'handing-in',
    why: { reasons: ['fits', 'steady', 'leaves-reach-free'] },
    nextStep: 'finish-hand-in',
  })
  bench.useDoor()
  bench.press('found-parcel')
  expect(explain('ret-1')).toMatchObject({ state: 'handed-in', nextStep: 'courier-retrieves' })
  expect(explain('1')).toMatchObject({
    state: 'awaiting-courier',
    parcels: [{ parcelId: 'ret-1', state: 'handed-in' }],
  })
})

test('what is called like nothing here is refused', () => {
  start(['S'], [])
  bench.send({ kind: 'explain-asked', requestId: 'e', name: 'nobody' })
  expect(bench.answers.at(-1)).toEqual({ kind: 'refused', code: 'LK-CTL-09' })
})

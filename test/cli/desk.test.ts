// The desk's side of help without a network.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { challengeOf } from '../../src/sync/desk-code.ts'
import { latchkey } from '../support/latchkey.ts'

const KEY = Buffer.alloc(32, 7)
const REQUEST = { kioskId: 'k1', lockerId: '07' }
const SHOWN = challengeOf(KEY, { ...REQUEST, nonce: '00c0ffee00' })

let folder: string
let key: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-desk-'))
  key = join(folder, 'help-key')
  writeFileSync(key, KEY)
})

afterEach(() => rmSync(folder, { recursive: true }))

function desk(challenge: string, ...args: readonly string[]) {
  const named = ['--kiosk', 'k1', '--locker', '07', '--key', key]
  return latchkey(['desk', 'answer', challenge, ...named, ...args], {})
}

test('a challenge is answered with eight digits, in two groups', async () => {
  const { exit, out, err } = await desk(SHOWN.challenge.toLowerCase().replaceAll('-', ''))
  expect({ exit, err }).toEqual({ exit: 0, err: '' })
  expect(out).toBe(`${SHOWN.answer.slice(0, 4)} ${SHOWN.answer.slice(4)}\n`)
})

test('as JSON the answer is one word', async () => {
  const { out } = await desk(SHOWN.challenge, '--json')
  expect(JSON.parse(out)).toEqual({ apiVersion: 1, answer: SHOWN.answer })
})

test.each([
  ['misspelt', ['0000-0000-0001'], 2, 'LK-DESK-01'],
  ['of another locker', [SHOWN.challenge, '--locker', '08'], 5, 'LK-DESK-02'],
  ['of another kiosk', [SHOWN.challenge, '--kiosk', 'k2'], 5, 'LK-DESK-02'],
  ['to be answered without a key', [SHOWN.challenge, '--key', '/none'], 1, 'LK-CFG-03'],
])('a challenge that is %s is refused', async (_, [challenge = '', ...args], wanted, code) => {
  const { exit, out, err } = await desk(challenge, ...args)
  expect({ exit, out }).toEqual({ exit: wanted, out: '' })
  expect(err).toContain(code)
})

test('a key that is too short is refused', async () => {
  writeFileSync(key, 'short')
  const { exit, err } = await desk(SHOWN.challenge)
  expect(exit).toBe(1)
  expect(err).toContain('too few for a key')
})

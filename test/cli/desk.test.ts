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

test('a new PIN is told with the answer that makes it', async () => {
  const wanted = challengeOf(KEY, { ...REQUEST, pinDigits: 8, nonce: '00c0ffee00' })
  const args = [wanted.challenge, '--kiosk', 'k1', '--locker', '07', '--key', key]
  const { exit, out } = await latchkey(['desk', 'pin', ...args], {})
  const { answer, pin } = wanted
  const spaced = `${answer.slice(0, 4)} ${answer.slice(4)}`
  expect({ exit, out }).toEqual({
    exit: 0,
    out: `answer       ${spaced}\nPIN          ${pin?.pin}\nsecond part  ${pin?.reference}\n`,
  })
  const json = await latchkey(['desk', 'pin', ...args, '--json'], {})
  expect(JSON.parse(json.out)).toEqual({ apiVersion: 1, answer, ...pin })
})

test('a challenge for opening makes no PIN', async () => {
  const args = [SHOWN.challenge, '--kiosk', 'k1', '--locker', '07', '--key', key]
  const { exit, err } = await latchkey(['desk', 'pin', ...args], {})
  expect(exit).toBe(5)
  expect(err).toContain('LK-DESK-02')
})

// The written contract is what is built: every example in it fits its schema, and its shell lines
// make a stock client act as central.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { loadCentralKeys, SIGNING_KEYS_FILE } from '../../../sim/central/keys.ts'
import { CODES } from '../../../src/kiosk/codes.ts'
import { STREAMS } from '../../../src/kiosk/desired.ts'
import { COMMAND_BYTES_MAX, createDownOpener } from '../../../src/sync/contract/open-down.ts'
import { parseTopic } from '../../../src/sync/contract/topics.ts'
import {
  type Checked,
  checkDown,
  checkEvent,
  checkSealedPin,
  checkUp,
  isDownLeaf,
  isUpLeaf,
} from '../../../src/sync/contract/validate.ts'
import { LiveUplink } from '../../support/live-uplink.ts'
import { startMosquitto } from '../../support/mosquitto.ts'
import { until } from '../../support/until.ts'

const ROOT = new URL('../../..', import.meta.url).pathname
const document = readFileSync(join(ROOT, 'docs/contract/README.md'), 'utf8')
const examples = [...document.matchAll(/```json (\S+)\n(.*?)```/gsu)].map(([, schema, text]) => ({
  schema: schema ?? '',
  body: JSON.parse(text ?? ''),
}))

function check(schema: string, body: unknown): Checked {
  const leaf = schema.slice(3)
  if (schema.startsWith('dn-') && isDownLeaf(leaf)) return checkDown(leaf, body)
  if (schema.startsWith('up-') && isUpLeaf(leaf)) return checkUp(leaf, body)
  if (schema === 'event') return checkEvent(body)
  return checkSealedPin(body)
}

describe('the written contract', () => {
  test.each(examples)('its example of $schema fits', ({ schema, body }) => {
    expect(check(schema, body)).toEqual({ isValid: true })
  })

  test('shows every message', () => {
    const leaves = ['state', 'sync', 'ev', 'rej', 'res', 'csr'].map((leaf) => `up-${leaf}`)
    const down = ['ack', 'confirm', 'head', 'delta', 'snap', 'cmd', 'ctl', 'crt'].map(
      (leaf) => `dn-${leaf}`,
    )
    const shown = new Set(examples.map(({ schema }) => schema))
    expect(shown).toEqual(new Set([...leaves, ...down, 'event', 'sealed-pin']))
  })

  test('names every code of the uplink and every stream', () => {
    const codes = Object.keys(CODES).filter((code) => /^LK-(SYNC|CMD)-/.test(code))
    for (const name of [...codes, ...STREAMS]) expect(document).toContain(`| \`${name}\``)
  })
})

describe('schemas', () => {
  const delta = (stream: string, row: object) => ({
    ...{ v: 1, k: 'k1', t: 1, stream, from: 0, to: 1 },
    ops: [{ put: row }],
  })
  const verifier = 'A'.repeat(43)
  const sentBack = { id: 'ret1', tracking: null, size: null, recipientId: 'r1', expiresAtMs: null }
  const courier = { id: 'c1', role: 'courier', label: 'Bo', verifier }
  const bad: readonly [string, unknown][] = [
    ['a verifier of 33 bytes', delta('staff', { ...courier, verifier: `${verifier}A` })],
    ['a verifier with stray bits', delta('staff', { ...courier, verifier: `${'A'.repeat(42)}B` })],
    ['a role nobody knows', delta('staff', { ...courier, role: 'master' })],
    ['a label with a line break', delta('directory', { id: 'r1', label: 'a\nb' })],
    ['a label without end', delta('directory', { id: 'r1', label: 'x'.repeat(81) })],
    ['a return without an end', delta('return', { ...sentBack, expiresAtMs: undefined })],
    ['a return of no size at all', delta('return', { ...sentBack, size: '' })],
    ['a return that nobody hands in', delta('return', { ...sentBack, recipientId: '' })],
    ['an operation that is both', { ...delta('directory', {}), ops: [{ put: courier, del: 'x' }] }],
    ['an operation that is neither', { ...delta('directory', {}), ops: [{}] }],
    ['a fraction for a version', { ...delta('directory', {}), ops: [], to: 1.5 }],
    ['a version beyond what numbers hold', { ...delta('directory', {}), ops: [], to: 2 ** 53 }],
    ['too many operations', { ...delta('directory', {}), ops: Array(1001).fill({ del: 'x' }) }],
    ['an unknown stream', delta('firmware', { id: 'x' })],
    ['no object at all', 5],
    ['nothing', null],
  ]

  test.each(bad)('refuse %s', (_name, body) => {
    expect(checkDown('delta', body).isValid).toBe(false)
  })

  test('let unknown fields pass: a newer central may send more', () => {
    expect(checkDown('delta', delta('staff', { ...courier, team: 'x' }))).toEqual({ isValid: true })
  })

  test('let a return through whose size is chosen at the screen', () => {
    expect(checkDown('delta', delta('return', sentBack))).toEqual({ isValid: true })
  })

  test('never quote a value in a refusal', () => {
    const checked = checkDown('delta', delta('staff', { ...courier, verifier: 'the-secret' }))
    expect(JSON.stringify(checked)).not.toContain('the-secret')
  })
})

describe('a command', () => {
  const args = { lockerId: '07', reason: 'a caller' }
  const order = { ...{ v: 1, k: 'k1', t: 1, cid: 'c', type: 'open', iat: 1, exp: 2 }, args }
  const named = { nonce: 'n', counter: 1 }
  const bad: readonly [string, object][] = [
    ['an opening without a nonce', { ...order, counter: 1 }],
    ['an opening without a counter', { ...order, nonce: 'n' }],
    ['a counter of nought', { ...order, ...named, counter: 0 }],
    ['no reason', { ...order, ...named, args: { lockerId: '07' } }],
    ['a reason of blanks', { ...order, ...named, args: { ...args, reason: '    ' } }],
    ['a reason with a line break', { ...order, ...named, args: { ...args, reason: 'a\nb' } }],
    ['a reason without end', { ...order, ...named, args: { ...args, reason: 'x'.repeat(201) } }],
    ['no locker', { ...order, ...named, args: { reason: 'a caller' } }],
    ['all lockers', { ...order, ...named, args: { ...args, lockerId: '*' } }],
    ['two lockers', { ...order, ...named, args: { ...args, lockerId: ['07', '08'] } }],
    ['a type nobody knows', { ...order, ...named, type: 'open-all' }],
    ['a re-issue for nobody', { ...order, ...named, type: 'reissue' }],
  ]

  test.each(bad)('is refused with %s', (_name, body) => {
    expect(checkDown('cmd', body).isValid).toBe(false)
  })

  test('fits as it should be, and status needs neither nonce nor counter', () => {
    expect(checkDown('cmd', { ...order, ...named })).toEqual({ isValid: true })
    expect(checkDown('cmd', { ...order, type: 'status', args: {} })).toEqual({ isValid: true })
  })

  test('is short: a longer one is refused before anything of it is read', async () => {
    const openDown = await createDownOpener('k1', { keys: [] })
    const codeOf = async (bytes: number) => {
      const opened = await openDown('lk/v1/test/k1/dn/cmd', Buffer.alloc(bytes, 'x'))
      return opened.kind === 'refused' ? opened.refusal.code : null
    }
    expect(await codeOf(COMMAND_BYTES_MAX + 1)).toBe('LK-SYNC-01')
    expect(await codeOf(COMMAND_BYTES_MAX)).toBe('LK-SYNC-02')
  })
})

test.each([
  ['lk/v1/ns/k1/dn/delta', { namespace: 'ns', kioskId: 'k1', direction: 'dn', leaf: 'delta' }],
  ['lk/v1/ns/k1/dn/a/b', { namespace: 'ns', kioskId: 'k1', direction: 'dn', leaf: 'a/b' }],
  ['lk/v2/ns/k1/dn/delta', null],
  ['lk/v1/ns/k.1/dn/delta', null],
  ['lk/v1/ns/k1/sideways/delta', null],
])('the topic %s reads as %o', (topic, parsed) => {
  expect(parseTopic(topic)).toEqual(parsed)
})

test('by the contract’s own shell lines, a stock client is central', async () => {
  const broker = await startMosquitto()
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-contract-'))
  await loadCentralKeys(folder)
  const keys = JSON.parse(readFileSync(join(folder, SIGNING_KEYS_FILE), 'utf8'))
  const kiosk = await LiveUplink.start({ host: broker.host, port: broker.port, keys })
  kiosk.append('locker-released/1', {})
  kiosk.ledger.versions.directory = 1
  await until('connected', () => kiosk.isUp())
  const [functions] = /^sign\(\).*?\n^say\(\).*?$/msu.exec(document) ?? []
  const lines = (functions ?? '')
    .replace('keys', folder)
    .replace('-p 1883', `-p ${broker.port}`)
    .replace('lk/v1/demo', 'lk/v1/test')
  const [example] = /^echo .*? \| say delta$/msu.exec(document) ?? []
  const told = { k: 'k1', epoch: 'e1', since: 1, cum: 1, hash: kiosk.ledger.factHash(1), head: {} }
  const ack = `echo '${JSON.stringify(told)}' | say ack`
  await promisify(execFile)('sh', ['-ec', `${lines}\n${example}\n${ack}`], { cwd: ROOT })
  await until('the row is there', () => kiosk.ledger.rows.directory.has('r6'))
  await until('the fact is confirmed', () => kiosk.outboxCount() === 0)
  expect(kiosk.isOnline()).toBe(true)
  kiosk.kill()
  await broker.stop()
  rmSync(folder, { recursive: true, force: true })
})

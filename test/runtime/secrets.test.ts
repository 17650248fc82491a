// Secrets: what a sound set of files is, the indexes made from typed digits, and drawn PINs.
import { createHmac } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createIndexer, drawPin, loadSecrets } from '../../src/runtime/secrets.ts'
import type { SecretFiles } from '../../src/runtime/settings.ts'

const PUBLIC = { kty: 'OKP', crv: 'Ed25519', kid: 'c1', x: 'abc' }
let folder = ''
let files: SecretFiles

function put(name: string, content: string | Uint8Array): string {
  const file = join(folder, name)
  writeFileSync(file, content, { mode: 0o600 })
  return file
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'))
  files = {
    pepperFile: put('pepper', new Uint8Array(32).fill(1)),
    staffKeyFile: put('staff-key', new Uint8Array(32).fill(2)),
    helpKeyFile: put('help-key', new Uint8Array(32).fill(3)),
    centralKeysFile: put('keys.json', JSON.stringify({ keys: [PUBLIC] })),
    centralSealKeyFile: put('seal.json', JSON.stringify(PUBLIC)),
  }
})

afterEach(() => rmSync(folder, { recursive: true }))

describe('secret files', () => {
  it('are read as raw bytes and as public keys', () => {
    const secrets = loadSecrets(files)
    expect(secrets.pepper).toEqual(Buffer.alloc(32, 1))
    expect(secrets.staffKey).toEqual(Buffer.alloc(32, 2))
    expect(secrets.helpKey).toEqual(Buffer.alloc(32, 3))
    expect(secrets.centralKeys.keys).toEqual([PUBLIC])
    expect(secrets.centralSealKey).toEqual(PUBLIC)
  })

  it.each<[string, () => void, string]>([
    ['a short pepper', () => put('pepper', 'x'.repeat(31)), 'secrets.pepperFile has 31 bytes'],
    ['a huge key', () => put('staff-key', 'x'.repeat(5000)), 'secrets.staffKeyFile has 5000'],
    ['a pepper for everybody', () => chmodSync(files.pepperFile, 0o644), 'chmod 0400'],
    ['a missing file', () => rmSync(files.staffKeyFile), 'ENOENT'],
    ['text that is not JSON', () => put('seal.json', 'hunter2'), 'not JSON'],
    ['an empty key set', () => put('keys.json', '{"keys":[]}'), 'holds no keys'],
    ['a null', () => put('seal.json', 'null'), 'is not a JWK'],
    [
      'a private key of central',
      () => put('seal.json', JSON.stringify({ ...PUBLIC, d: 'hunter2' })),
      'is a private key',
    ],
  ])('%s is LK-CFG-03', (_what, spoil, words) => {
    spoil()
    expect(() => loadSecrets(files)).toThrow(words)
    expect(() => loadSecrets(files)).toThrow(/^LK-CFG-03 /)
    expect(() => loadSecrets(files)).not.toThrow(/hunter2/)
  })

  it('are all told at once', () => {
    rmSync(files.pepperFile)
    rmSync(files.centralKeysFile)
    expect(() => loadSecrets(files)).toThrow(/pepperFile.*\n.*centralKeysFile/)
  })
})

describe('typed digits', () => {
  const pepper = Buffer.alloc(32, 1)
  const staffKey = Buffer.alloc(32, 2)
  const hashDigits = createIndexer({ kioskId: 'k1', pepper, staffKey })

  it('become two keyed indexes that differ by kiosk and by use', () => {
    const mac = (key: Buffer, text: string): string =>
      createHmac('sha256', key).update(text).digest('base64url')
    expect(hashDigits('12345678')).toEqual({
      pinIndex: mac(pepper, 'pin|k1|12345678'),
      accessIndex: mac(staffKey, 'access|k1|12345678'),
    })
    const elsewhere = createIndexer({ kioskId: 'k2', pepper, staffKey })
    expect(elsewhere('12345678').pinIndex).not.toBe(hashDigits('12345678').pinIndex)
  })
})

describe('a drawn PIN', () => {
  it('has its digits, leading zeros too, and every digit in every place', () => {
    const pins = Array.from({ length: 2_000 }, () => drawPin(6))
    for (const pin of pins) expect(pin).toMatch(/^\d{6}$/)
    for (let place = 0; place < 6; place += 1) {
      expect(new Set(pins.map((pin) => pin[place])).size).toBe(10)
    }
  })

  it.each([0, 15, 2.5])('of %s digits is refused', (digits) => {
    expect(() => drawPin(digits)).toThrow(RangeError)
  })
})

import { describe, expect, test } from 'vitest'
import { checkUplink, type UplinkValues, uplinkFrom } from '../../src/runtime/settings-uplink.ts'
import { isLocal, urlOf } from '../../src/sync/links/broker.ts'

const SOUND: UplinkValues = {
  url: 'mqtts://a.example:8883',
  caFile: 'ca.crt',
  certificateFile: 'own.crt',
  keyFile: '/etc/keys/own.key',
  serverName: '',
  protocol: 'auto',
  brokerKeeps: 'yes',
  connectTimeoutMs: 15_000,
  keepaliveS: 60,
  reconnectSpreadMs: 60_000,
  reconnectMaxMs: 900_000,
}
const NO_FILES = { caFile: '', certificateFile: '', keyFile: '' }

function told(changes: Partial<UplinkValues>): readonly string[] {
  const found: string[] = []
  checkUplink({ ...SOUND, ...changes }, ({ path, message }, code = 'LK-CFG-02') =>
    found.push(`${code} ${path} ${message}`),
  )
  return found
}

test('several brokers keep their order, and files start at the data folder', () => {
  const url = 'mqtts://a.example:8883, mqtts://b.example:8884 mqtts://[fd00::1]:8885'
  const { brokers, identity, serverName } = uplinkFrom({ ...SOUND, url }, '/data')
  expect(brokers).toEqual([
    { host: 'a.example', port: 8883, isEncrypted: true },
    { host: 'b.example', port: 8884, isEncrypted: true },
    { host: 'fd00::1', port: 8885, isEncrypted: true },
  ])
  expect(brokers.map(urlOf).join(' ')).toBe(url.replace(',', ''))
  expect(identity).toEqual({
    caFile: '/data/ca.crt',
    certificateFile: '/data/own.crt',
    keyFile: '/etc/keys/own.key',
  })
  expect(serverName).toBeNull()
  expect(told({ url })).toEqual([])
})

test('what is not given is null', () => {
  const plain = { ...SOUND, ...NO_FILES, url: 'mqtt://127.0.0.1:1883', serverName: 'x' }
  const { brokers, identity, serverName } = uplinkFrom(plain, '/data')
  expect(identity).toEqual({ caFile: null, certificateFile: null, keyFile: null })
  expect(serverName).toBe('x')
  expect(brokers.map(isLocal)).toEqual([true])
})

describe('refused, with the key that is wrong', () => {
  test.each<[string, Partial<UplinkValues>, string]>([
    [
      'a broker twice',
      { url: `${SOUND.url} ${SOUND.url}` },
      'LK-CFG-02 uplink.url names a broker twice',
    ],
    [
      'encryption for some only',
      { ...NO_FILES, url: `${SOUND.url} mqtt://b.example:1883` },
      'LK-CFG-02 uplink.url is encrypted only in part',
    ],
    ['a password', { url: 'mqtts://u:p@a.example:1' }, 'LK-CFG-03 uplink.url holds a password'],
    ['a user', { url: 'mqtts://u@a.example:1' }, 'LK-CFG-02 uplink.url holds a user'],
    ['no such port', { url: 'mqtts://a.example:70000' }, 'LK-CFG-02 uplink.url is not a URL'],
    ['port zero', { url: 'mqtts://a.example:0' }, 'LK-CFG-02 uplink.url has no port'],
    ['a certificate without a key', { keyFile: '' }, 'LK-CFG-02 uplink.keyFile is missing'],
    [
      'a key without a certificate',
      { certificateFile: '' },
      'LK-CFG-02 uplink.certificateFile is missing',
    ],
    [
      'an authority without encryption',
      { ...NO_FILES, url: 'mqtt://a.example:1', caFile: 'x' },
      'LK-CFG-02 uplink.caFile has no use without encryption',
    ],
  ])('%s', (_name, changes, problem) => {
    expect(told(changes)).toEqual([problem])
  })
})

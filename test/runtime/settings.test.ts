// The configuration: what is accepted, where it comes from, and how every mistake is told.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_POLICY, lockersOf } from '../../src/kiosk/config.ts'
import { readSettings, type Settings } from '../../src/runtime/settings.ts'
import { SettingsError, type SettingsProblem } from '../../src/runtime/settings-problem.ts'

const EXAMPLES = resolve(import.meta.dirname, '../../config')

const SOUND = `kiosk: { id: k1, siteName: Here, helpPhone: "+1 555 01" }
wall:
  sizes:
    - { name: S, widthMm: 400, heightMm: 200, depthMm: 500 }
    - { name: L, widthMm: 400, heightMm: 400, depthMm: 500 }
  columns:
    - lockers:
        - { id: "1", size: S, boardId: a, channel: 1, bottomMm: 700 }
        - { id: "2", size: L, boardId: a, channel: 2, bottomMm: 300 }
buses:
  - id: main
    link: { kind: serial, path: /dev/ttyUSB0, baudRate: 19200 }
    boards:
      - { id: a, address: 1, dialect: latchkey-line, channels: 8 }
uplink: { url: "mqtt://central.example:8883" }
`

let folder = ''
let file = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-settings-'))
  file = join(folder, 'kiosk.yaml')
})

afterEach(() => rmSync(folder, { recursive: true }))

function read(text: string, env: Record<string, string> = {}): Settings {
  writeFileSync(file, text)
  return readSettings({ file, env })
}

function problems(text: string, env: Record<string, string> = {}): readonly SettingsProblem[] {
  try {
    read(text, env)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  return []
}

/** The paths and codes, for tables. */
function told(text: string, env: Record<string, string> = {}): readonly string[] {
  return problems(text, env).map(({ code, path }) => `${code} ${path}`)
}

function dropIn(name: string, text: string): void {
  mkdirSync(join(folder, 'conf.d'), { recursive: true })
  writeFileSync(join(folder, 'conf.d', name), text)
}

describe('the examples', () => {
  for (const name of readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml'))) {
    it(`${name} is valid as it stands, in a wall of equal columns`, () => {
      const settings = readSettings({ file: join(EXAMPLES, name), env: {} })
      const heights = new Map(settings.kiosk.sizes.map((size) => [size.name, size.heightMm]))
      const totals = settings.kiosk.columns.map(({ lockers }) =>
        lockers.reduce((sum, { size }) => sum + (heights.get(size) ?? 0), 0),
      )
      expect(new Set(totals).size).toBe(1)
    })
  }

  it('demo-24 has 24 lockers in three sizes on two boards of twelve', () => {
    const { kiosk, buses } = readSettings({ file: join(EXAMPLES, 'demo-24.yaml'), env: {} })
    const lockers = lockersOf(kiosk)
    const count = (size: string): number => lockers.filter((l) => l.size === size).length
    expect([lockers.length, count('S'), count('M'), count('L')]).toEqual([24, 12, 8, 4])
    expect(buses.flatMap((bus) => bus.boards.map((board) => board.channels))).toEqual([12, 12])
  })
})

describe('a sound configuration', () => {
  it('gets every default and is frozen to the bottom', () => {
    const settings = read(SOUND)
    expect(settings.kiosk.policy).toEqual(DEFAULT_POLICY)
    expect(settings.screen).toEqual({ host: '127.0.0.1', port: 7080 })
    expect(settings.control.path).toBe('/run/latchkey/control.sock')
    expect(settings.data.folder).toBe('/var/lib/latchkey')
    expect(settings.secrets.pepperFile).toBe('/var/lib/latchkey/pepper')
    const [column] = settings.kiosk.columns
    expect(Object.isFrozen(settings) && Object.isFrozen(column?.lockers[0])).toBe(true)
  })

  it('computes the length of PINs unless somebody chose it', () => {
    const digits = (policy: string, env: Record<string, string> = {}): number =>
      read(`${SOUND}policy: { ${policy} }\n`, env).kiosk.policy.pinDigits
    expect(digits('liveParcelsExpected: 10')).toBe(7)
    expect(digits('liveParcelsExpected: 500')).toBe(9)
    expect(digits('liveParcelsExpected: 100, guessesADayMax: 100')).toBe(9)
    expect(digits('liveParcelsExpected: 500, pinDigits: 6')).toBe(6)
    expect(digits('liveParcelsExpected: 500', { LATCHKEY_POLICY_PIN_DIGITS: '8' })).toBe(8)
    expect(told(`${SOUND}policy: { pinDigits: 5 }\n`)).toEqual(['LK-CFG-02 policy.pinDigits'])
    expect(told(`${SOUND}policy: { pinDigits: 10 }\n`)).toEqual(['LK-CFG-02 policy.pinDigits'])
  })

  it('speaks English unless it is told which languages, the usual one first', () => {
    const languages = (list: string) => SOUND.replace('id: k1', `id: k1, languages: ${list}`)
    expect(read(SOUND).kiosk.languages).toEqual(['en'])
    expect(read(languages('[ar, en]')).kiosk.languages).toEqual(['ar', 'en'])
    for (const wrong of ['[]', '[en, en]', '[klingon]', 'en']) {
      expect(problems(languages(wrong))[0]).toMatchObject({
        code: 'LK-CFG-02',
        path: expect.stringContaining('kiosk.languages'),
        hint: expect.stringContaining('en, de, fr, es, pl, ar'),
      })
    }
  })

  it('takes LATCHKEY_CONFIG when no file is named', () => {
    writeFileSync(file, SOUND)
    expect(readSettings({ env: { LATCHKEY_CONFIG: file } }).kiosk.kioskId).toBe('k1')
  })

  it('lets later files win key by key, and the environment over all', () => {
    dropIn('10-site.yaml', 'kiosk: { siteName: There }\npolicy: { pulseMs: 300, reopenMs: 9000 }\n')
    dropIn('20-policy.yaml', 'policy: { pulseMs: 400 }\n')
    dropIn('ignored.txt', 'nonsense: [')
    const { kiosk } = read(SOUND, { LATCHKEY_POLICY_REOPEN_MS: '8000' })
    expect(kiosk.kioskId).toBe('k1')
    expect(kiosk.siteName).toBe('There')
    expect([kiosk.policy.pulseMs, kiosk.policy.reopenMs]).toEqual([400, 8000])
  })

  it('starts relative paths at the data folder, and that at the folder of the file', () => {
    const text = `${SOUND}data: { folder: state }\ncontrol: { path: run/c.sock }\n`
    const settings = read(text)
    expect(settings.data.folder).toBe(join(folder, 'state'))
    expect(settings.control.path).toBe(join(folder, 'state/run/c.sock'))
    expect(settings.secrets.staffKeyFile).toBe(join(folder, 'state/staff-key'))
  })

  it('finds secrets among systemd’s credentials', () => {
    const { secrets } = read(SOUND, { CREDENTIALS_DIRECTORY: '/run/credentials/latchkeyd' })
    expect(secrets.pepperFile).toBe('/run/credentials/latchkeyd/pepper')
  })
})

describe('a file that cannot be used', () => {
  it('is missing: LK-CFG-01', () => {
    expect(() => readSettings({ file, env: {} })).toThrow(/^LK-CFG-01 .*kiosk\.yaml: .*ENOENT.*; /)
  })

  it('is not YAML: the line is told', () => {
    const [problem] = problems('kiosk: {\n  id: k1\nwall: ]\n')
    expect(problem?.code).toBe('LK-CFG-01')
    expect(problem?.where).toMatch(/kiosk\.yaml:\d+$/)
  })

  it('is not a map, or holds a key twice', () => {
    expect(told('- a\n')).toContain('LK-CFG-02 ')
    expect(told(`${SOUND}kiosk: {}\n`)).toEqual(['LK-CFG-01 '])
  })

  it('is a drop-in: the drop-in is named', () => {
    dropIn('10-broken.yaml', 'policy: { pulseMs: 9000 }\n')
    const [problem] = problems(SOUND)
    expect(problem?.where).toMatch(/10-broken\.yaml:1$/)
  })
})

describe('a wrong value', () => {
  it.each<[string, string, string]>([
    ['an unknown group', 'colour: { a: 1 }', 'colour.a'],
    ['an unknown key', 'policy: { pulsMs: 300 }', 'policy.pulsMs'],
    ['a key with a dot', '"policy.pulseMs": 300', 'policy.pulseMs'],
    ['a prototype key', '__proto__: { a: 1 }', '__proto__'],
    ['a group that is a number', 'policy: 5', 'policy'],
    ['a number out of range', 'policy: { pulseMs: 9000 }', 'policy.pulseMs'],
    ['a number with a tail', 'policy: { pulseMs: 300ms }', 'policy.pulseMs'],
    ['a fraction', 'policy: { pulseMs: 300.5 }', 'policy.pulseMs'],
    ['a null', 'policy: { pulseMs: null }', 'policy.pulseMs'],
    ['a screen for everybody', 'screen: { host: 0.0.0.0 }', 'screen.host'],
    ['an unknown protocol', 'uplink: { protocol: "4" }', 'uplink'],
    ['a namespace with a slash', 'namespace: a/b', 'namespace'],
    ['a warning longer than the session', 'policy: { idleWarningMs: 40000 }', 'policy.idleMs'],
    ['a socket path that is too long', `control: { path: /${'x'.repeat(107)} }`, 'control.path'],
  ])('%s is refused with its path', (_what, line, path) => {
    const found = problems(
      `${SOUND.replace(/uplink:.*\n/, line.startsWith('uplink') ? '' : '$&')}${line}\n`,
    )
    expect(found.map((problem) => problem.path).join(' ')).toContain(path)
    for (const { hint, code } of found) {
      expect(code).toBe('LK-CFG-02')
      expect(hint).not.toBe('')
    }
  })

  it.each<[string, string, string, string]>([
    ['a label without quotes', 'id: "1"', 'id: 1', 'wall.columns[0].lockers[0].id'],
    ['a label with a dot', 'id: "1"', 'id: "1.5"', 'wall.columns[0].lockers[0].id'],
    ['a label twice', 'id: "2"', 'id: "1"', 'wall.columns[0].lockers[1].id'],
    ['a lock output twice', 'channel: 2', 'channel: 1', 'wall.columns[0].lockers[1].channel'],
    ['a channel the board lacks', 'channel: 2', 'channel: 9', 'wall.columns[0].lockers[1].channel'],
    ['an unknown size', 'size: L,', 'size: XL,', 'wall.columns[0].lockers[1].size'],
    [
      'an unknown board',
      'boardId: a, channel: 2',
      'boardId: b, channel: 2',
      'wall.columns[0].lockers[1].boardId',
    ],
    [
      'an unknown locker key',
      'bottomMm: 300',
      'bottomMm: 300, x: 1',
      'wall.columns[0].lockers[1].x',
    ],
    ['a missing locker key', ', bottomMm: 300', '', 'wall.columns[0].lockers[1].bottomMm'],
    ['doors that overlap', 'bottomMm: 300', 'bottomMm: 301', 'wall.columns[0].lockers[1].bottomMm'],
    ['sizes out of order', 'heightMm: 200', 'heightMm: 900', 'wall.sizes[1]'],
    [
      'an unknown dialect',
      'dialect: latchkey-line',
      'dialect: other',
      'buses[0].boards[0].dialect',
    ],
    ['a strange baud rate', 'baudRate: 19200', 'baudRate: 19201', 'buses[0].link.baudRate'],
  ])('%s is refused with its path and line', (_what, from, to, path) => {
    expect(SOUND).toContain(from)
    const found = problems(SOUND.replace(from, to))
    expect(found.map((problem) => problem.path)).toContain(path)
    expect(found[0]?.where).toMatch(/kiosk\.yaml:\d+$/)
  })

  const lines = (link: string, board: string) =>
    SOUND.replace(/link: .*/, `link: ${link}`).replace(
      /\{ id: a, address.*\}/,
      `{ id: a, ${board} }`,
    )

  it('a board behind a gateway has its defaults, and only what differs is written', () => {
    const board = 'address: 0, dialect: kerong-cu16, channels: 16, options: { closedBit: 0 }'
    const { buses } = read(lines('{ kind: tcp, host: gateway-3.local }', board))
    expect(buses[0]?.link).toEqual({
      kind: 'tcp',
      host: 'gateway-3.local',
      port: 5_000,
      baudRate: 9_600,
    })
    expect(buses[0]?.boards[0]?.options).toEqual({ closedBit: 0 })
  })

  const TCP = '{ kind: tcp, host: gw }'
  const SERIAL = '{ kind: serial, path: /dev/x, baudRate: 9600, parity: even }'
  const CU16 = 'address: 0, dialect: kerong-cu16, channels: 16'
  const MODBUS = 'address: 1, dialect: modbus-rtu, channels: 8'
  it.each([
    ['a strange kind of line', '{ kind: usb }', CU16, 'buses[0].link'],
    ['a host with a port', '{ kind: tcp, host: "gw:5000" }', CU16, 'buses[0].link.host'],
    ['a path of a gateway', '{ kind: tcp, host: gw, path: x }', CU16, 'buses[0].link.path'],
    ['a strange parity', SERIAL.replace('even', 'mark'), CU16, 'buses[0].link.parity'],
    ['an address no switch has', TCP, CU16.replace('0', '10'), 'buses[0].boards[0].address'],
    ['too many channels', TCP, CU16.replace('s: 16', 's: 17'), 'buses[0].boards[0].channels'],
    [
      'an option of another family',
      TCP,
      `${CU16}, options: { byteOrder: channel-1-last }`,
      'buses[0].boards[0].options.byteOrder',
    ],
    [
      'an option nobody has',
      TCP,
      `${CU16}, options: { color: red }`,
      'buses[0].boards[0].options.color',
    ],
    [
      'an inverted channel that is not there',
      TCP,
      `${CU16}, options: { invertedChannels: [17] }`,
      'buses[0].boards[0].options.invertedChannels',
    ],
    [
      'a pulse that only this end times, behind a gateway',
      TCP,
      `${MODBUS}, options: { pulse: host-timed }`,
      'buses[0]',
    ],
    [
      'two kinds of framing on one line',
      TCP,
      'address: 1, dialect: latchkey-line, channels: 8 }\n' +
        `      - { id: b, ${CU16.replace('0', '2')}`,
      'buses[0]',
    ],
  ])('%s is refused', (_, link, board, path) => {
    expect(told(lines(link, board))).toEqual([`LK-CFG-02 ${path}`])
  })

  const spare = (text: string) => lines(SERIAL, `address: 1, dialect: wkly, channels: 8, ${text}`)

  it('spare channels of a board are what the kiosk senses', () => {
    const board = 'senses: [{ channel: 8, what: mains, activeWhen: closed }]'
    const { kiosk } = read(spare(board))
    expect(kiosk.senses).toEqual([
      { boardId: 'a', channel: 8, what: 'mains', activeWhen: 'closed' },
    ])
    expect(read(SOUND).kiosk.senses).toEqual([])
  })

  it.each([
    ['on a channel with a lock', 'channel: 2, what: mains', 'wall.columns[0].lockers[1].channel'],
    ['on a channel the board lacks', 'channel: 9, what: mains', 'senses[0].channel'],
    ['of something else', 'channel: 8, what: rain', 'senses[0].what'],
    ['of nothing', 'channel: 8', 'senses[0].what'],
    ['that is active at noon', 'channel: 8, what: mains, activeWhen: noon', 'senses[0].activeWhen'],
    ['twice', 'channel: 8, what: mains }, { channel: 8, what: cabinet-door', 'senses[1].channel'],
  ])('a sense %s is refused', (_, sense, path) => {
    const found = problems(spare(`senses: [{ ${sense} }]`))
    expect(found.map(({ code }) => code)).toEqual(['LK-CFG-02'])
    expect(found[0]?.path).toContain(path)
    expect(found[0]?.hint).not.toBe('')
  })

  it('lights and buzzers are what the kiosk can signal with', () => {
    const { kiosk } = read(spare('signals: [{ kind: locker-light }]'))
    expect(kiosk.signals).toEqual([{ boardId: 'a', kind: 'locker-light' }])
    const relays = lines(
      SERIAL,
      `${MODBUS}, signals: [{ kind: buzzer, channel: 8 }, { kind: light, channel: 7, ms: 900 }]`,
    )
    expect(read(relays).kiosk.signals).toEqual([
      { boardId: 'a', kind: 'buzzer', channel: 8 },
      { boardId: 'a', kind: 'light', channel: 7, ms: 900 },
    ])
    expect(read(SOUND).kiosk.signals).toEqual([])
  })

  const WKLY = 'address: 1, dialect: wkly, channels: 8'
  const TIMED = `${MODBUS}, options: { pulse: host-timed }`
  it.each([
    ['that its family has not', CU16, 'kind: locker-light', 'signals[0].kind'],
    ['of another family', WKLY, 'kind: buzzer, channel: 8', 'signals[0].kind'],
    ['of nobody', WKLY, 'kind: horn', 'signals[0].kind'],
    ['beside locks with a channel', WKLY, 'kind: locker-light, channel: 8', 'signals[0].kind'],
    ['without a relay', MODBUS, 'kind: buzzer', 'signals[0].channel'],
    ['on a relay the board lacks', MODBUS, 'kind: light, channel: 9', 'signals[0].channel'],
    ['on a lock', MODBUS, 'kind: light, channel: 2', 'wall.columns[0].lockers[1].channel'],
    ['that lasts', MODBUS, 'kind: light, channel: 8, ms: 60000', 'signals[0].ms'],
    ['that would stay on', TIMED, 'kind: light, channel: 8', 'signals[0].kind'],
    [
      'twice on a relay',
      MODBUS,
      'kind: light, channel: 8 }, { kind: buzzer, channel: 8',
      'signals[1].channel',
    ],
  ])('a signal %s is refused', (_, board, signal, path) => {
    const found = problems(lines(SERIAL, `${board}, signals: [{ ${signal} }]`))
    expect(found.map(({ code }) => code)).toEqual(['LK-CFG-02'])
    expect(found[0]?.path).toContain(path)
    expect(found[0]?.hint).not.toBe('')
  })

  it('every dialect is accepted on a serial line', () => {
    for (const dialect of ['kerong-cu48', 'lock-board-8a', 'wkly', 'modbus-rtu']) {
      expect(told(lines(SERIAL, `address: 1, dialect: ${dialect}, channels: 8`))).toEqual([])
    }
  })

  it('boards share neither a bus twice nor an address', () => {
    const bus = (id: string): string =>
      `  - { id: ${id}, link: { kind: serial, path: /dev/x${id}, baudRate: 9600 }, boards: [` +
      '{ id: a, address: 1, dialect: latchkey-line, channels: 8 },' +
      '{ id: c, address: 1, dialect: latchkey-line, channels: 8 }] }\n'
    const text = SOUND.replace(/buses:[\s\S]*uplink/, `buses:\n${bus('p')}${bus('q')}uplink`)
    expect(problems(text).map(({ path }) => path)).toEqual([
      'buses[1].boards[0].id',
      'buses[1].boards[1].id',
      'buses[0].boards[1].address',
      'buses[1].boards[1].address',
    ])
  })

  it('tells everything at once, one line each, with code, file, path and hint', () => {
    const text = SOUND.replace('id: k1', 'id: "k 1"').replace(/uplink:.*\n/, '')
    writeFileSync(file, `${text}policy: { pulseMs: 1, idle: 3 }\n`)
    const lines = (() => {
      try {
        readSettings({ file, env: {} })
      } catch (error) {
        return (error as Error).message.split('\n')
      }
      return []
    })()
    expect(lines).toHaveLength(4)
    for (const line of lines) expect(line).toMatch(/^LK-CFG-02 \/.*kiosk\.yaml(:\d+)?: \S+ .*; .+/)
  })

  it('leaves the file as it was', () => {
    problems(`${SOUND}x: 1\n`)
    expect(readFileSync(file, 'utf8')).toBe(`${SOUND}x: 1\n`)
  })
})

describe('the environment', () => {
  it('is checked like a file, and named', () => {
    const [problem] = problems(SOUND, { LATCHKEY_SCREEN_PORT: '70x80' })
    expect(problem).toMatchObject({
      code: 'LK-CFG-02',
      path: 'screen.port',
      where: 'environment LATCHKEY_SCREEN_PORT',
    })
  })

  it('holds no name that only looks like a setting', () => {
    expect(problems(SOUND, { LATCHKEY_SCREEN_PROT: '1' })[0]?.where).toContain('SCREEN_PROT')
    expect(problems(SOUND, { LATCHKEY_SOCKET: '/x', LATCHKEY_DISK_DIR: '/y' })).toEqual([])
  })
})

describe('a secret outside a file', () => {
  it.each<[string, string, Record<string, string>]>([
    ['in YAML', 'secrets: { pepper: hunter2 }\n', {}],
    ['in YAML elsewhere', 'screen: { password: hunter2 }\n', {}],
    ['in the environment', '', { LATCHKEY_SECRETS_PEPPER: 'hunter2' }],
    ['in the environment by another name', '', { LATCHKEY_STAFF_KEY: 'hunter2' }],
  ])('%s is refused and not repeated', (_where, line, env) => {
    const found = problems(`${SOUND}${line}`, env)
    expect(found.map(({ code }) => code)).toEqual(['LK-CFG-03'])
    expect(new SettingsError(found).message).not.toContain('hunter2')
  })

  it('in the broker’s URL is refused and not repeated', () => {
    const found = problems(SOUND.replace('mqtt://', 'mqtt://user:hunter2@'))
    expect(found[0]?.where).toMatch(/kiosk\.yaml:\d+$/)
    expect(found.map(({ code }) => code)).toEqual(['LK-CFG-03'])
    expect(new SettingsError(found).message).not.toContain('hunter2')
  })
})

describe('what is kept from central', () => {
  it('is nothing, unless the file says so', () => {
    expect(read(SOUND).kiosk.localKeys).toEqual([])
    const local = 'configuration: { local: [helpPhone, pinLifeMs] }'
    expect(read(`${SOUND}${local}\n`).kiosk.localKeys).toEqual(['helpPhone', 'pinLifeMs'])
  })

  it('is of the keys that central could set, each once', () => {
    const list = (keys: string) => `${SOUND}configuration: { local: ${keys} }\n`
    expect(told(list('[pulseMs]'))).toEqual(['LK-CFG-02 configuration.local[0]'])
    expect(told(list('[idleMs, idleMs]'))).toEqual(['LK-CFG-02 configuration.local'])
    expect(told(list('all'))).toEqual(['LK-CFG-02 configuration.local'])
  })
})

// The technician's program as a real process, against a real control socket.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ControlSocket, startControlSocket } from '../../src/diagnostics/control-socket.ts'
import type { Answer, KioskStatus, TechnicianCommand } from '../../src/kiosk/events.ts'
import type { Explanation } from '../../src/kiosk/explain.ts'
import type { InputStatus } from '../../src/screen/inputs/device.ts'
import { SMALL_KIOSK, SMALL_STATUS } from '../support/fake-kiosk.ts'

const STARTER = fileURLToPath(new URL('../../src/cli/latchkey.mjs', import.meta.url))
const DAEMON = fileURLToPath(new URL('../../src/runtime/latchkeyd.mjs', import.meta.url))

let folder = ''
let path = ''
let socket: ControlSocket
let status: KioskStatus
let answer: Answer
let explanation: Explanation | null = null
let asked: { technicianId: string; command: TechnicianCommand }[] = []

const EXPLAINED: Explanation = {
  subject: 'locker',
  lockerId: '07',
  size: 'S',
  state: 'unverified',
  isOffered: false,
  reasons: ['unverified'],
  wear: { retried: 1, slow: 0, failed: 2, points: 9, isShaky: true },
  nextStep: 'technician-looks',
  parcels: [
    {
      parcelId: 'p-1',
      state: 'unconfirmed',
      why: {
        needs: [],
        reasons: ['larger', 'steady'],
        passed: [{ size: 'S', reach: 'far', why: 'none-free' }],
      },
    },
  ],
}

let inputs: readonly InputStatus[]

beforeEach(async () => {
  inputs = []
  folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'))
  path = join(folder, 'control.sock')
  status = SMALL_STATUS
  answer = { kind: 'opened', openingId: 42, outcome: 'opened' }
  asked = []
  const silent = { info: () => {}, warn: () => {}, error: () => {} }
  socket = await startControlSocket({
    path,
    log: silent,
    config: SMALL_KIOSK,
    version: '1.2.3',
    buses: { ids: () => [], stats: () => [], trace: () => () => {} },
    inputs: () => inputs,
    askStatus: async () => status,
    askExplanation: async () =>
      explanation === null
        ? { kind: 'refused', code: 'LK-CTL-09' }
        : { kind: 'explained', explanation },
    askAudit: async () => ({ kind: 'refused', code: 'LK-AUDIT-02' }),
    askUplink: async () => ({ kind: 'fact', fact: null }),
    ask: async (request) => {
      asked.push(request)
      return answer
    },
  })
})

afterEach(async () => {
  await socket.close()
  rmSync(folder, { recursive: true })
})

interface Ended {
  readonly exit: number | null
  readonly out: string
  readonly err: string
}

function latchkey(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [STARTER, ...args], {
    env: { PATH: process.env['PATH'], USER: 'eve', LATCHKEY_SOCKET: path, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  return new Promise((settle) => child.on('close', (exit) => settle({ exit, out, err })))
}

describe('latchkey status', () => {
  it('shows one screen and ends with 0 when all is well', async () => {
    const { exit, out, err } = await latchkey(['status'])
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toContain('kiosk      k1')
    expect(out).toContain('size S     2 lockers: 1 free, 1 occupied, 0 open')
    expect(out.split('\n').length).toBeLessThan(25)
  })

  it('shows scanners and keypads, and which of them want attention', async () => {
    const read = { count: 7, misreads: 0 }
    inputs = [
      { id: 'front', kind: 'scanner', state: 'online', count: 12, misreads: 2 },
      { id: 'side', kind: 'scanner', state: 'missing', ...read },
      { id: 'pad', kind: 'keypad', state: 'lost', ...read },
    ]
    const { exit, out, err } = await latchkey(['status'])
    expect(exit).toBe(3)
    expect(out).toContain('scanner    front online, 12 scans, 2 misread\n')
    expect(out).toContain('keypad     pad LOST, 7 keys\n')
    expect(err).toContain('LK-INPUT-01: the scanner side cannot be opened.')
    expect(err).toContain('LK-INPUT-02: the keypad pad went away.')
    expect(err).not.toContain('front')
  })

  it('ends with 3 and says why on stderr when something wants attention', async () => {
    status = {
      ...SMALL_STATUS,
      boards: [{ boardId: 'a', isOnline: false }],
      lockers: SMALL_STATUS.lockers.map((l) => ({ ...l, door: 'unknown', state: 'unverified' })),
      isUplinkOnline: false,
    }
    const { exit, out, err } = await latchkey(['status'])
    expect(exit).toBe(3)
    expect(out).toContain('a OFFLINE')
    expect(err.trim().split('\n')).toHaveLength(4)
  })

  it('shows the cabinet and the mains, and warns of what is wrong with them', async () => {
    status = {
      ...SMALL_STATUS,
      senses: [
        { boardId: 'a', channel: 7, what: 'cabinet-door', state: 'open' },
        { boardId: 'a', channel: 8, what: 'mains', state: 'present' },
      ],
    }
    const { exit, out, err } = await latchkey(['status'])
    expect(exit).toBe(3)
    expect(out).toContain('cabinet    open (board a, channel 7)')
    expect(out).toContain('mains      present (board a, channel 8)')
    expect(err.trim()).toBe('The cabinet stands open: board a, channel 7.')
  })

  it('tells what central has set, what it cannot set, and which version it wants', async () => {
    const refused = [{ key: 'pulseMs', code: 'LK-CFG-06' }] as const
    const values = [{ key: 'idleMs', value: 45_000 }]
    status = {
      ...SMALL_STATUS,
      configuration: { version: 2, values, refused, furtherRefused: 1, isDue: true },
      firmware: [
        {
          ...{ component: 'latchkey', wanted: '0.2.0', running: ['0.1.0'], isAsWanted: false },
          sinceWallMs: Date.UTC(2026, 10, 3, 9, 5),
        },
      ],
    }
    const { exit, out, err } = await latchkey(['status'])
    expect(exit).toBe(3)
    const told = 'by central idleMs 45000; else by the file; more to come when nobody is at'
    expect(out).toContain(`settings   ${told} the screen`)
    const firmware = 'latchkey 0.1.0, wanted 0.2.0 since 2026-11-03 09:05'
    expect(out).toContain(`firmware   ${firmware}`)
    expect(err.trim().split('\n')).toEqual([
      'Central wants to set what cannot be set here: pulseMs (LK-CFG-06), 1 more.',
      `Not what central wants to run: ${firmware}.`,
    ])
  })

  it('writes JSON with the version of its format', async () => {
    const { out } = await latchkey(['status', '--json'])
    expect(JSON.parse(out)).toMatchObject({ apiVersion: 1, kioskId: 'k1', warnings: [] })
  })
})

describe('latchkey doors', () => {
  it('draws the wall without colours where nobody looks', async () => {
    const { exit, out } = await latchkey(['doors'])
    expect(exit).toBe(0)
    expect(out).toContain('│ 1 .   │ 3 O   │')
    expect(out).not.toContain('\u001b')
  })

  it('draws with colours on a terminal, unless NO_COLOR is set', () => {
    const onTerminal = (env: Record<string, string>) =>
      new Promise<string>((settle) => {
        const command = `${process.execPath} ${STARTER} doors`
        const child = spawn('script', ['-qec', command, '/dev/null'], {
          env: { PATH: process.env['PATH'], TERM: 'xterm-256color', LATCHKEY_SOCKET: path, ...env },
        })
        let out = ''
        child.stdout.on('data', (chunk) => {
          out += chunk
        })
        child.on('close', () => settle(out))
      })
    return Promise.all([onTerminal({}), onTerminal({ NO_COLOR: '1' })]).then(([colour, plain]) => {
      expect(colour).toContain('\u001b[32m')
      expect(plain).toContain('3 O')
      expect(plain).not.toContain('\u001b[3')
    })
  })

  it('writes JSON with the geometry', async () => {
    const { out } = await latchkey(['doors', '--json'])
    expect(JSON.parse(out).columns[1].lockers[0]).toMatchObject({ id: '3', heightMm: 400 })
  })
})

describe('latchkey open and inspect', () => {
  it('open a locker in the name of the one who asks', async () => {
    const { exit, out } = await latchkey(['open', '3', '--reason', 'stuck parcel'])
    expect({ exit, out }).toEqual({ exit: 0, out: 'Locker 3 is open (opening 42).\n' })
    expect(asked).toEqual([
      { technicianId: 'eve', command: { kind: 'open', lockerId: '3', reason: 'stuck parcel' } },
    ])
  })

  it.each([
    ['disable', 'disabled', 'Locker 1 is out of service.\n'],
    ['enable', 'enabled', 'Locker 1 is in service.\n'],
    ['trust', 'trusted', 'Locker 1: the sensor of its door is believed again.\n'],
  ] as const)('take a locker out of service and back: door %s', async (kind, result, said) => {
    answer = { kind: result }
    const { exit, out } = await latchkey(['door', kind, '1', '--reason', 'hinge is loose'])
    expect({ exit, out }).toEqual({ exit: 0, out: said })
    expect(asked[0]?.command).toEqual({ kind, lockerId: '1', reason: 'hinge is loose' })
  })

  it('make a PIN anew, or let it live longer', async () => {
    answer = { kind: 'reissued' }
    const reissued = await latchkey(['pin', 'reissue', '3', '--reason', 'letter was lost'])
    expect(reissued.out).toContain('the old PIN is dead')
    answer = { kind: 'extended' }
    const args = ['pin', 'extend', '3', '--hours', '48', '--reason', 'on holiday']
    expect((await latchkey(args)).out).toContain('48 hours longer')
    expect(asked.map(({ command }) => command)).toEqual([
      { kind: 'reissue-pin', lockerId: '3', reason: 'letter was lost' },
      { kind: 'extend-pin', lockerId: '3', hours: 48, reason: 'on holiday' },
    ])
  })

  it('tell an opening that nobody saw, and ask for a look', async () => {
    answer = { kind: 'unproven', openingId: 42, outcome: 'no-ack' }
    const { exit, out } = await latchkey(['open', '3', '--reason', 'stuck parcel'])
    expect(exit).toBe(3)
    expect(out).toContain('nobody can see it')
  })

  it('tell how an opening failed', async () => {
    answer = { kind: 'refused', code: 'LK-DOOR-01', outcome: 'open-not-detected' }
    const { err } = await latchkey(['open', '1', '--reason', 'why not'])
    expect(err).toContain('Outcome: open-not-detected.')
  })

  it('note what was found', async () => {
    answer = { kind: 'inspected' }
    const args = ['inspect', '1', '--found', 'empty', '--reason', 'looked inside', '--json']
    const { exit, out } = await latchkey(args)
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toEqual({ apiVersion: 1, result: 'inspected', lockerId: '1' })
  })

  it('name some of several parcels', async () => {
    answer = { kind: 'inspected' }
    const why = ['--reason', 'looked inside']
    await latchkey(['inspect', '1', '--found', 'parcel', '--parcels', 'p-1', 'p-2', ...why])
    answer = { kind: 'recalled' }
    const { out } = await latchkey(['recall', '1', '--parcel', 'p-2', ...why])
    expect(out).toBe('Locker 1 awaits a courier.\n')
    expect(asked.map(({ command }) => command)).toEqual([
      {
        kind: 'inspect',
        lockerId: '1',
        found: 'parcel',
        insideIds: ['p-1', 'p-2'],
        reason: 'looked inside',
      },
      { kind: 'recall', lockerId: '1', parcelId: 'p-2', reason: 'looked inside' },
    ])
  })

  it.each([
    ['LK-CTL-03', 5],
    ['LK-DOOR-04', 5],
    ['LK-LOCKER-01', 5],
    ['LK-BUS-01', 6],
    ['LK-DOOR-01', 6],
  ] as const)('end with the exit code of %s: %i', async (code, exit) => {
    answer = { kind: 'refused', code }
    const ended = await latchkey(['open', '1', '--reason', 'why not'])
    expect(ended).toMatchObject({ exit, out: '' })
    expect(ended.err).toMatch(new RegExp(`^${code}: `))
  })

  it('tell a refusal as JSON when asked to', async () => {
    answer = { kind: 'refused', code: 'LK-BUS-01' }
    const { exit, out, err } = await latchkey(['open', '1', '--reason', 'why not', '--json'])
    expect({ exit, err }).toEqual({ exit: 6, err: '' })
    expect(JSON.parse(out)).toMatchObject({ apiVersion: 1, error: { code: 'LK-BUS-01' } })
  })
})

describe('latchkey explain', () => {
  it('says why a locker is not handed out, and what comes next', async () => {
    explanation = EXPLAINED
    const { exit, out } = await latchkey(['explain', '07'])
    expect(exit).toBe(0)
    expect(out).toContain('Locker 07 (S) is unverified. It is not handed out now.')
    expect(out).toContain('nobody has proven it empty (unverified)')
    expect(out).toContain('openings: 1 retried, 0 slow, 2 failed; 9 points now')
    expect(out).toContain('before it, S (high): none was free')
    expect(out).toContain('Next: A technician opens it and says what lies inside')
    const json = await latchkey(['explain', '07', '--json'])
    expect(JSON.parse(json.out)).toEqual({ apiVersion: 1, ...EXPLAINED })
  })

  it('shows where a parcel would go now', async () => {
    explanation = {
      subject: 'parcel',
      parcelId: 'p-9',
      state: 'announced',
      size: 'S',
      lockerId: null,
      why: null,
      deadline: null,
      nextStep: 'deposit',
      now: {
        lockerId: '2',
        verdicts: [
          { lockerId: '1', reasons: ['occupied'] },
          { lockerId: '2', reasons: ['fits', 'steady'] },
          { lockerId: '3', reasons: ['occupied'] },
        ],
      },
    }
    const { out } = await latchkey(['explain', 'p-9'])
    expect(out).toContain('Now it would get locker 2.')
    expect(out).toContain('occupied: 1 3')
  })

  it('says until when a parcel may be collected, and what moved that', async () => {
    explanation = {
      subject: 'parcel',
      parcelId: 'p-9',
      state: 'deposited',
      size: 'S',
      lockerId: '2',
      why: null,
      deadline: {
        expiresAtWallMs: Date.UTC(2027, 0, 4, 6),
        movedMs: 5_400_000,
        movedFor: ['board-silent', 'power-out'],
        standsFor: ['door-stuck'],
      },
      nextStep: 'collect',
      now: null,
    }
    const { out } = await latchkey(['explain', 'p-9'])
    expect(out).toContain('Its PIN ends at 2027-01-04T06:00:00.000Z.')
    expect(out).toContain('moved by 1 h 30 min, because:')
    expect(out).toContain('its board does not answer (board-silent)')
    expect(out).toMatch(/It stands still now, because:\n +- the door did not open \(door-stuck\)/)
  })

  it('ends with 2 when nothing is called so', async () => {
    explanation = null
    const { exit, err } = await latchkey(['explain', 'nobody'])
    expect({ exit, err }).toMatchObject({ exit: 2, err: expect.stringContaining('LK-CTL-09') })
  })
})

describe('wrong usage ends with 2 and asks nothing', () => {
  it.each<[string, readonly string[], string]>([
    ['no command', [], 'Usage: latchkey'],
    ['an unknown command', ['opne', '1'], 'unknown command'],
    ['an unknown option', ['doors', '--colour'], 'unknown option'],
    ['a locker too many', ['open', '1', '2', '--reason', 'abc'], 'too many arguments'],
    ['no reason', ['open', '1'], '--reason'],
    ['a short reason', ['open', '1', '--reason', 'a'], 'LK-CTL-01'],
    ['nothing found', ['inspect', '1', '--reason', 'abc'], '--found'],
    ['a cat found', ['inspect', '1', '--found', 'cat', '--reason', 'abc'], 'empty, parcel'],
    ['a locker that is none', ['open', '9', '--reason', 'abc'], 'latchkey doors'],
    ['a path for a label', ['open', '../1', '--reason', 'abc'], 'LK-CTL-02'],
  ])('%s', async (_what, args, words) => {
    const { exit, out, err } = await latchkey(args)
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    expect(err).toContain(words)
    expect(asked).toEqual([])
  })
})

describe('a daemon that does not answer ends with 4', () => {
  it('there is no socket', async () => {
    const { exit, out, err } = await latchkey(['status', '--socket', join(folder, 'none')])
    expect({ exit, out }).toEqual({ exit: 4, out: '' })
    expect(err).toMatch(/^LK-CTL-04: .*ENOENT.*\n.*systemctl status latchkeyd/)
  })

  it('the other end hangs up', async () => {
    const rude = join(folder, 'rude.sock')
    const server = createServer((connection) => connection.destroy()).listen(rude)
    const { exit } = await latchkey(['doors', '--socket', rude])
    await new Promise((closed) => server.close(closed))
    expect(exit).toBe(4)
  })
})

it('latchkey --help ends with 0 and lists commands, exit codes and environment', async () => {
  const { exit, out } = await latchkey(['--help'])
  expect(exit).toBe(0)
  for (const word of ['status', 'doors', 'open', 'inspect', 'Exit codes', 'LATCHKEY_SOCKET']) {
    expect(out).toContain(word)
  }
})

describe('a Node that is too old', () => {
  const candidates = ['/usr/local/bin/node', '/usr/bin/node'].filter((node) => existsSync(node))
  const old = candidates.find((node) => {
    const { stdout } = spawnSync(node, ['-p', 'process.versions.node.split(".")[0]'])
    return Number(String(stdout)) < 24
  })

  /** Where no old Node is installed, this one calls itself old before the starter loads. */
  function oldNode(): readonly string[] {
    if (old !== undefined) return [old]
    const preload = join(folder, 'old.cjs')
    const versions = "{ ...process.versions, node: '18.20.0' }"
    writeFileSync(preload, `Object.defineProperty(process, 'versions', { value: ${versions} })\n`)
    return [process.execPath, '--require', preload]
  }

  it.each([
    ['latchkey', STARTER],
    ['latchkeyd', DAEMON],
  ])('%s says so in one sentence and ends with 1', (_name, starter) => {
    const [node = '', ...flags] = oldNode()
    const {
      status: exit,
      stdout,
      stderr,
    } = spawnSync(node, [...flags, starter], {
      encoding: 'utf8',
    })
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' })
    expect(stderr).toMatch(
      /^LK-RUN-01: Latchkey needs Node 24 or newer, but this is Node \d.*\.\n$/,
    )
  })

  it('can be played by a newer one, where none is installed', () => {
    const preload = join(folder, 'old.cjs')
    writeFileSync(
      preload,
      "Object.defineProperty(process, 'versions', { value: { node: '18.20.0' } })\n",
    )
    const { status: exit } = spawnSync(process.execPath, ['--require', preload, STARTER])
    expect(exit).toBe(1)
  })
})

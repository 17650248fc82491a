// `latchkey bus scan` against simulated boards of every dialect, on real ports.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DIALECT_NAMES, type DialectName } from '../../src/bus/config.ts'
import { probesOf, questionOf } from '../../src/bus/scan-plan.ts'
import { type Ended, latchkey } from '../support/latchkey.ts'
import { BenchLine, type LineOptions, LiveBench } from '../support/live-bench.ts'

const MIXED = [
  { dialect: 'kerong-cu16', address: 2, channels: 16 },
  { dialect: 'kerong-cu48', address: 5, channels: 48 },
  { dialect: 'lock-board-8a', address: 3, channels: 24 },
  { dialect: 'wkly', address: 6, channels: 24 },
  { dialect: 'modbus-rtu', address: 7, channels: 8 },
] as const

/** Each one by itself; `told` is for how many channels its reply has room. */
const ALONE = [
  { dialect: 'latchkey-line', address: 4, channels: 12, baudRate: 115_200, told: 12 },
  { dialect: 'kerong-cu16', address: 9, channels: 16, baudRate: 19_200, told: 16 },
  { dialect: 'kerong-cu48', address: 1, channels: 48, baudRate: 19_200, told: 48 },
  { dialect: 'lock-board-8a', address: 9, channels: 16, baudRate: 9_600, told: 24 },
  { dialect: 'wkly', address: 8, channels: 24, baudRate: 9_600, told: 24 },
  { dialect: 'modbus-rtu', address: 8, channels: 8, baudRate: 9_600, told: null },
] as const

let folder = ''
let line: BenchLine | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-scan-'))
  line = null
})

afterEach(async () => {
  await line?.live.stop()
  rmSync(folder, { recursive: true })
})

async function plug(options: LineOptions): Promise<BenchLine> {
  line = new BenchLine(options)
  await line.live.plugIn()
  return line
}

function scan(...args: readonly string[]): Promise<Ended> {
  return latchkey(['bus', 'scan', ...args], { LATCHKEY_SOCKET: join(folder, 'none.sock') })
}

/** Where the boards are, as arguments. */
function at({ link }: BenchLine): readonly string[] {
  return link.kind === 'tcp' ? ['--tcp', `127.0.0.1:${link.port}`] : ['--port', link.path]
}

describe('latchkey bus scan', () => {
  it('finds boards of five dialects behind one gateway, and switches nothing', async () => {
    const bench = await plug({ boards: MIXED, baudRate: 9_600 })
    const { exit, out, err } = await scan(...at(bench), '--json', '--addresses', '2-7')
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    const { apiVersion, boards } = JSON.parse(out)
    expect(apiVersion).toBe(1)
    const found = boards.map(
      (board: { dialect: DialectName; address: number; channels: number | null }) => [
        board.dialect,
        board.address,
        board.channels,
      ],
    )
    expect(found).toEqual([
      ['kerong-cu16', 2, 16],
      ['kerong-cu48', 5, 48],
      ['lock-board-8a', 3, 24],
      ['wkly', 6, 24],
      ['modbus-rtu', 7, null],
    ])
    const plan = DIALECT_NAMES.flatMap((name) => probesOf(name, { first: 2, last: 7 }))
    const allowed = new Set(plan.map(questionOf))
    expect(bench.asked.length).toBeGreaterThan(30)
    expect(bench.asked.filter((frame) => !allowed.has(frame))).toEqual([])
    expect(bench.coils).toEqual([])
  }, 40_000)

  it.each(ALONE)(
    'finds a $dialect board on a serial port, and switches nothing',
    async (board) => {
      const { dialect, address, told } = board
      const path = join(folder, 'port')
      const bench = await plug({ boards: [board], baudRate: board.baudRate, path })
      const range = [address - 1, address + 1].map((each) => Math.max(1, each)).join('-')
      const { exit, out, err } = await scan(...at(bench), '--json', '--addresses', range)
      expect({ exit, err }).toEqual({ exit: 0, err: '' })
      const { boards, unreadable } = JSON.parse(out)
      expect(boards).toHaveLength(1)
      expect(boards[0]).toMatchObject({ dialect, address, channels: told, isRefusing: false })
      expect(unreadable).toBe(0)
      // It was asked in every dialect, and not one frame was anything but a question.
      const limits = { first: Math.max(1, address - 1), last: address + 1 }
      const plan = DIALECT_NAMES.flatMap((name) => probesOf(name, limits))
      const allowed = new Set(plan.map(questionOf))
      expect(bench.asked.filter((frame) => !allowed.has(frame))).toEqual([])
      const asked = DIALECT_NAMES.filter((name) =>
        probesOf(name, limits).some((probe) => bench.asked.includes(questionOf(probe))),
      )
      expect(asked).toEqual(DIALECT_NAMES)
      expect(bench.coils).toEqual([])
    },
    40_000,
  )

  it('tells how it goes on', async () => {
    const path = join(folder, 'port')
    const boards = [{ dialect: 'latchkey-line', address: 4, channels: 12 }] as const
    const bench = await plug({ boards, baudRate: 115_200, path })
    const { exit, out, err } = await scan(
      ...at(bench),
      '--dialect',
      'latchkey-line',
      '--addresses',
      '3-5',
    )
    expect(exit).toBe(0)
    expect(out).toMatch(/^dialect +address +baud +channels +note\nlatchkey-line +4 +\d+ +12\n$/)
    expect(err).toMatch(/baud, latchkey-line, addresses 3 to 5 …\n {2}found latchkey-line, addr/)
    expect(bench.coils).toEqual([])
  })

  it('ends with 6 when nobody answers', async () => {
    const bench = await plug({ boards: [], baudRate: 9_600 })
    const args = [...at(bench), '--dialect', 'wkly', '--addresses', '1-2']
    const { exit, out, err } = await scan(...args)
    expect({ exit, out }).toEqual({ exit: 6, out: '' })
    expect(err).toMatch(/LK-BUS-04: No board answered 2 questions\. Nothing came back\.\n/)
  })

  it('ends with 1 when there is no such port', async () => {
    const { exit, err } = await scan('--port', join(folder, 'none'), '--json')
    expect({ exit, err }).toEqual({ exit: 1, err: '' })
    const json = await scan('--port', join(folder, 'none'), '--json')
    expect(JSON.parse(json.out).error.code).toBe('LK-BUS-06')
  })

  it.each<[string, readonly string[]]>([
    ['no line', []],
    ['two lines', ['--port', '/dev/x', '--tcp', 'x:1']],
    ['a gateway without a port number', ['--tcp', 'x:y']],
    ['a port out of range', ['--tcp', 'x:70000']],
    ['an unknown dialect', ['--port', '/dev/x', '--dialect', 'esperanto']],
    ['a slow rate', ['--port', '/dev/x', '--baud', '1']],
    ['a range backwards', ['--port', '/dev/x', '--addresses', '9-3']],
  ])('ends with 2 for %s', async (_what, args) => {
    expect(await scan(...args)).toMatchObject({ exit: 2, out: '' })
  })
})

describe('a line that is in use', () => {
  it.each(['port', 'tcp'] as const)('is refused with 5: %s', async (kind) => {
    const boards = [{ dialect: 'kerong-cu16', address: 1, channels: 16 }] as const
    const path = join(folder, 'port')
    const options = { boards, baudRate: 9_600, ...(kind === 'port' && { path }) }
    const bench = await LiveBench.start(options)
    try {
      const env = { LATCHKEY_SOCKET: bench.socketPath }
      const told = await latchkey(['bus', 'scan', ...at(bench.line)], env)
      expect(told).toMatchObject({ exit: 5, out: '' })
      expect(told.err).toMatch(/^LK-BUS-05: The daemon uses this line for bus east\./)
    } finally {
      await bench.end()
    }
  })

  it('is noticed by its lock when the daemon cannot be asked', async () => {
    const path = join(folder, 'port')
    const boards = [{ dialect: 'kerong-cu16', address: 1, channels: 16 }] as const
    const bench = await LiveBench.start({ boards, baudRate: 9_600, path })
    try {
      const told = await scan('--port', path)
      expect(told).toMatchObject({ exit: 5, out: '' })
      expect(told.err).toMatch(/LK-BUS-05: /)
    } finally {
      await bench.end()
    }
  })
})

it('the test knows every dialect', () => {
  const tried = [...MIXED.map(({ dialect }) => dialect), 'latchkey-line']
  expect(tried.sort()).toEqual([...DIALECT_NAMES].sort())
})

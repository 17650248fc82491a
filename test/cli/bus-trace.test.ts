// `latchkey bus trace` against boards on a real port, through a real control socket.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ended, latchkey } from '../support/latchkey.ts'
import { LiveBench } from '../support/live-bench.ts'

let bench: LiveBench

beforeEach(async () => {
  bench = await LiveBench.start({
    baudRate: 115_200,
    boards: [{ dialect: 'latchkey-line', address: 7, channels: 8 }],
  })
})

afterEach(() => bench.end())

function trace(...args: readonly string[]): Promise<Ended> {
  return latchkey(['bus', 'trace', ...args], { LATCHKEY_SOCKET: bench.socketPath })
}

describe('latchkey bus trace', () => {
  it('shows frames, and what is read in them', async () => {
    const { exit, out, err } = await trace('--seconds', '1', '--decode')
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toMatch(/^\d+ east > 3E( [0-9A-F]{2})+ 0A {2}\| state to B1 \(latchkey-line, add/m)
    expect(out).toMatch(/^\d+ east < 3C( [0-9A-F]{2})+ {2}\| state from B1: no door open$/m)
  })

  it('writes a record that programs can read, and none over another one', async () => {
    const file = join(bench.folder, 'record.ndjson')
    const { exit, out } = await trace('--seconds', '1', '--json', '--record', file)
    expect(exit).toBe(0)
    const record = readFileSync(file, 'utf8')
    expect(record).toBe(out)
    const lines = record.trim().split('\n')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ format: 'latchkey-bus-trace', version: 1 })
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ bus: 'east', start: expect.any(Object) })
    const frames = lines.map((line) => JSON.parse(line)).filter(({ hex }) => hex !== undefined)
    expect(frames[0]).toMatchObject({ bus: 'east', direction: expect.any(String) })
    writeFileSync(file, 'evidence')
    const again = await trace('--seconds', '1', '--record', file)
    expect(again).toMatchObject({ exit: 1, out: '' })
    expect(again.err).toMatch(/^LK-CTL-08: .*EEXIST/)
    expect(readFileSync(file, 'utf8')).toBe('evidence')
  })

  it('ends with 130 at Ctrl-C, and the record is whole', async () => {
    const file = join(bench.folder, 'record.ndjson')
    const args = ['bus', 'trace', '--record', file]
    const { exit } = await latchkey(args, { LATCHKEY_SOCKET: bench.socketPath }, (child) => {
      child.stdout?.once('data', () => child.kill('SIGINT'))
    })
    expect(exit).toBe(130)
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    expect(lines.map((line) => typeof JSON.parse(line))).toContain('object')
  })

  it.each([
    [['--bus', 'west'], 2, /^LK-CTL-06: /],
    [['--seconds', 'soon'], 2, /^LK-CTL-01: /],
    [['--socket', '/nowhere/control.sock'], 4, /^LK-CTL-04: /],
  ] as const)('%s ends with %i', async (args, exit, words) => {
    const ended = await trace(...args)
    expect(ended).toMatchObject({ exit, out: '' })
    expect(ended.err).toMatch(words)
  })

  it('leaves no file behind when there is no daemon', async () => {
    const file = join(bench.folder, 'record.ndjson')
    await trace('--socket', '/nowhere/control.sock', '--record', file)
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe('')
  })
})

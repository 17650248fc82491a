// Goal: what is no recording, or a broken one, is refused with its line and the reason.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { replayMaster } from '../../../sim/replay/master.ts'
import {
  parseRecording,
  RECORDING_BYTES_MAX,
  RECORDING_LINE_LENGTH_MAX,
  RECORDING_LINES_MAX,
  readRecording,
} from '../../../sim/replay/recording.ts'
import { recordBus } from '../../support/recorded-bus.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-recording-'))
afterAll(() => rmSync(folder, { recursive: true }))

const TEXT = recordBus({ dialect: 'kerong-cu16', seed: 2 })
const LINES = TEXT.trimEnd().split('\n')

/** The recording with one line in the place of another. */
function withLine(number: number, line: string): string {
  return `${LINES.with(number - 1, line).join('\n')}\n`
}

describe('a recording', () => {
  it('is read with its buses, their starts and their lines', () => {
    const { buses, isCutAt } = parseRecording('r', TEXT)
    expect(isCutAt).toBeNull()
    expect(buses).toHaveLength(1)
    expect(buses[0]?.id).toBe('east')
    expect(buses[0]?.lines.length).toBe(LINES.length - 3)
    expect(buses[0]?.lines[0]?.number).toBe(3)
  })

  it('may lack its end, and says so when its last line is half', () => {
    expect(parseRecording('r', `${LINES.slice(0, 9).join('\n')}\n`).isCutAt).toBeNull()
    const half = parseRecording('r', LINES.slice(0, 9).join('\n'))
    expect(half.isCutAt).toBe('line 9, which is not whole')
    expect(half.buses[0]?.lines).toHaveLength(6)
  })

  it('ends for us where frames were left out', () => {
    const { buses, isCutAt } = parseRecording('r', withLine(7, '{"gap":12}'))
    expect(isCutAt).toBe('line 7, where 12 frames were left out')
    expect(buses[0]?.lines).toHaveLength(4)
  })
})

describe('refused is', () => {
  const state = (change: object) => {
    const line = JSON.parse(LINES[1] ?? '')
    return JSON.stringify({ ...line, start: { ...line.start, ...change } })
  }
  const frame = '{"bus":"east","monoMs":9e9,"direction":"sent","reading":{"kind":"unasked"},'
  it.each<[string, string, RegExp]>([
    ['nothing', '', /^r: is empty$/],
    ['what is no JSON', withLine(5, 'Hello'), /^r:5: is no JSON object$/],
    ['an empty line', withLine(5, ''), /^r:5: is no JSON object$/],
    ['another format', withLine(1, '{"format":"pcap"}'), /^r:1: is no recording: the format is/],
    [
      'another version',
      withLine(1, '{"format":"latchkey-bus-trace","version":2,"buses":["east"]}'),
      /^r:1: its version is 2, not 1$/,
    ],
    [
      'a head without a bus',
      withLine(1, '{"format":"latchkey-bus-trace","version":1,"buses":[]}'),
      /^r:1: names no bus$/,
    ],
    ['a line of no kind', withLine(5, '{"bus":"east","monoMs":9e9}'), /^r:5: is no line of a rec/],
    ['half a byte', withLine(5, `${frame}"hex":"0"}`), /^r:5: is no line of a recording$/],
    ['a line from elsewhere', withLine(5, (LINES[4] ?? '').replace('east', 'west')), /^r:5: there/],
    [
      'time that runs back',
      withLine(5, (LINES[2] ?? '').replace(/Ms":\d+/, 'Ms":0')),
      /^r:5: is o/,
    ],
    ['no start', withLine(2, LINES[2] ?? ''), /^r:2: bus east has not started$/],
    ['a bus that says nothing', `${LINES[0]}\n`, /^r: bus east has no start$/],
    ['two starts', withLine(3, LINES[1] ?? ''), /^r:3: bus east has a second start$/],
    ['the start of another bus', withLine(2, state({ config: { id: 'west' } })), /^r:2: starts an/],
    ['an odd bus', withLine(2, state({ config: { id: 'east' } })), /^r:2: its configuration is/],
    [
      'a line without an end',
      withLine(5, `{"bus":"${'x'.repeat(RECORDING_LINE_LENGTH_MAX)}"}`),
      /^r:5: the line is too long$/,
    ],
    [
      'more lines than anybody wants',
      '\n'.repeat(RECORDING_LINES_MAX + 1),
      new RegExp(`^r: has more than ${RECORDING_LINES_MAX} lines$`),
    ],
  ])('%s', (_what, text, words) => {
    expect(() => parseRecording('r', text)).toThrow(words)
  })

  it('a state that is none of this version', () => {
    const [bus] = parseRecording('r', withLine(2, state({ state: { boards: [] } }))).buses
    if (bus === undefined) throw new Error('no bus')
    expect(() => replayMaster(bus)).toThrow(/^bus east does not go on from its start: /)
  })

  it('a file that is not there, or too large', () => {
    expect(() => readRecording(join(folder, 'none'))).toThrow(/none: cannot be read \(ENOENT\)$/)
    const large = join(folder, 'large')
    writeFileSync(large, '')
    truncateSync(large, RECORDING_BYTES_MAX + 1)
    expect(() => readRecording(large)).toThrow(/large: has more than \d+ bytes$/)
  })
})

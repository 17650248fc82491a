// Goal: whatever a bus did, its recording makes the master do again, in every dialect: the same
// frames, the same readings, the same reports. And whatever is changed in a recording is noticed.
import { describe, expect, it } from 'vitest'
import { replayMaster } from '../../../sim/replay/master.ts'
import { parseRecording } from '../../../sim/replay/recording.ts'
import { DIALECT_NAMES } from '../../../src/bus/config.ts'
import { recordBus } from '../../support/recorded-bus.ts'

describe.each(DIALECT_NAMES)('a recording of %s', (dialect) => {
  const text = recordBus({ dialect, seed: 1 })
  const [bus] = parseRecording('r', text).buses
  if (bus === undefined) throw new Error('nothing was recorded')

  it('makes the master do the same again', () => {
    const { lines, sent, received, reports, departure } = replayMaster(bus)
    expect(departure).toBeNull()
    expect(lines).toBe(bus.lines.length)
    expect(sent).toBeGreaterThan(20)
    expect(received).toBeGreaterThan(10)
    const recorded = bus.lines.flatMap(({ entry }) => ('report' in entry ? [entry.report] : []))
    expect(reports).toEqual(recorded)
    const kinds = new Set(reports.map(({ kind }) => kind))
    expect([...kinds].sort()).toEqual(['board-lost', 'board-read', 'unlock-ended'])
  })

  it('may begin anywhere', () => {
    const later = recordBus({ dialect, seed: 1, fromMs: 1_500 })
    expect(later.length).toBeLessThan(text.length)
    for (const each of parseRecording('r', later).buses) {
      expect(replayMaster(each)).toMatchObject({ departure: null, lines: each.lines.length })
    }
  })

  it('is the same each time', () => {
    expect(replayMaster(bus)).toEqual(replayMaster(bus))
  })

  it('parts from the master where a reply was changed', () => {
    const at = bus.lines.findIndex(
      ({ entry }) => 'reading' in entry && entry.reading.kind === 'reply',
    )
    const line = bus.lines[at]
    if (line === undefined || !('hex' in line.entry)) throw new Error('no reply')
    const hex = line.entry.hex.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
    const lines = bus.lines.with(at, { ...line, entry: { ...line.entry, hex } })
    const { departure } = replayMaster({ ...bus, lines })
    expect(departure?.line).toBe(line.number)
    expect(departure?.done).toMatchObject({
      reading: { kind: expect.not.stringMatching('^reply') },
    })
  })

  it('parts from the master where a frame is missing', () => {
    const at = bus.lines.findIndex(({ entry }) => 'hex' in entry && entry.direction === 'sent')
    const { departure } = replayMaster({ ...bus, lines: bus.lines.toSpliced(at, 1) })
    expect(departure?.done).toMatchObject({ direction: 'sent' })
  })
})

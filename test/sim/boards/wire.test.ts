// Goal: the wire carries bytes as a line does, and each fault does what it says, the same for one
// seed.
import { describe, expect, test } from 'vitest'
import type { BoardBehaviour, WireFaults } from '../../../sim/boards/faults.ts'
import { kerongCu16Board } from '../../../sim/boards/kerong-cu16-board.ts'
import { lockBoard8a } from '../../../sim/boards/lock-board-8a-board.ts'
import { modbusRelayBoard } from '../../../sim/boards/modbus-relay-board.ts'
import { Wire, type WireBoard } from '../../../sim/boards/wire.ts'
import { createRandom } from '../../../sim/world/random.ts'
import { Timeline } from '../../../sim/world/timeline.ts'
import { bytesOf, hex } from './bench.ts'

const MS_PER_BYTE = 10_000 / 19_200
const ASK = '02 00 30 03 35'
const STATE = '02 00 35 FF FF 00 00 03 38'
const UNLOCK = '02 00 31 03 36'
const STEPS_MAX = 100_000

function cu16(id: string, address = 0, behaviour: Partial<BoardBehaviour> = {}): WireBoard {
  const model = kerongCu16Board({ address, channels: 16 })
  return { id, model, behaviour: { latencyMs: () => 2, ...behaviour } }
}

interface Setup {
  readonly boards?: readonly WireBoard[]
  readonly faults?: Partial<WireFaults>
  readonly seed?: string
  readonly baudRate?: number
}

function line({ boards = [cu16('A')], faults = {}, seed = '1', baudRate = 19_200 }: Setup = {}) {
  const timeline = new Timeline()
  let heard: number[] = []
  let heardAtMs: number[] = []
  const coils: string[] = []
  const wire = new Wire({
    schedule: timeline,
    random: createRandom(seed),
    baudRate,
    boards,
    faults,
    host: {
      heard: (byte) => {
        heard.push(byte)
        heardAtMs.push(timeline.nowMs)
      },
      coilChanged: ({ board, channel, isOn }) =>
        coils.push(`${timeline.nowMs.toFixed(0)} ${board}/${channel} ${isOn ? 'on' : 'off'}`),
    },
  })
  const pass = (ms: number): string => {
    timeline.runUntil(timeline.nowMs + ms, STEPS_MAX)
    const text = hex(Uint8Array.from(heard))
    heard = []
    return text
  }
  return {
    wire,
    coils,
    pass,
    times: () => heardAtMs.splice(0),
    ask: (text: string, ms = 100) => {
      heardAtMs = []
      wire.send(bytesOf(text))
      return pass(ms)
    },
  }
}

/** What comes back to so many questions. */
function answers(setup: Setup, count: number): readonly string[] {
  const it = line(setup)
  return Array.from({ length: count }, () => it.ask(ASK, 2_000))
}

describe('a wire', () => {
  test('takes the time of every byte, both ways, and of the board', () => {
    const it = line()
    expect(it.ask(ASK)).toBe(STATE)
    const times = it.times()
    expect(times[0]).toBeCloseTo(5 * MS_PER_BYTE + 2 + MS_PER_BYTE)
    expect(times.at(-1)).toBeCloseTo(14 * MS_PER_BYTE + 2)
  })

  test('is as slow as its baud rate and its bits', () => {
    const it = line({ baudRate: 9_600 })
    it.ask(ASK)
    expect(it.times().at(-1)).toBeCloseTo(14 * (10_000 / 9_600) + 2)
  })

  test('lets only the board answer that is asked', () => {
    const it = line({ boards: [cu16('A', 0), cu16('B', 1)] })
    expect(it.ask('02 10 30 03 45')).toBe('02 10 35 FF FF 00 00 03 48')
  })

  test('brings the answers of all boards one after another', () => {
    const it = line({ boards: [cu16('A', 0), cu16('B', 1)] })
    expect(it.ask('02 F0 32 03 27')).toBe('02 00 36 FF FF 00 00 03 39 02 10 36 FF FF 00 00 03 49')
  })

  test('loses bytes while it is unplugged, in both directions, and keeps none for later', () => {
    const it = line()
    it.wire.unplug()
    expect(it.ask(UNLOCK, 1_000)).toBe('')
    it.wire.plug()
    expect(it.pass(10_000)).toBe('')
    expect(it.coils).toEqual([])
    it.wire.send(bytesOf(UNLOCK))
    it.wire.unplug()
    it.pass(1_000)
    it.wire.plug()
    expect(it.ask(ASK)).toBe(STATE)
    expect(it.coils).toEqual([])
  })

  test('with two boards of one address opens both, and spoils what they answer', () => {
    const it = line({ boards: [cu16('A'), cu16('B')] })
    it.ask(UNLOCK, 1_000)
    expect(it.coils.filter((line) => line.endsWith('on'))).toEqual(['3 A/1 on', '3 B/1 on'])
    const heard = it.ask(ASK)
    expect(heard).not.toContain(STATE)
    expect(heard.split(' ')).toHaveLength(9)
  })

  test('lets two echoing boards of one address not answer each other for ever', () => {
    const twins = ['A', 'B'].map((id) => ({
      id,
      model: modbusRelayBoard({ address: 1, relays: 8, inputs: 8 }),
    }))
    const it = line({ boards: twins, baudRate: 9_600 })
    it.ask('01 05 02 00 00 05 0C 71', 5_000)
    expect(it.coils.filter((line) => line.endsWith('on'))).toHaveLength(2)
    expect(it.pass(5_000)).toBe('')
  })

  test('spoils a question that meets an answer', () => {
    const it = line()
    it.wire.send(bytesOf(ASK))
    it.pass(6)
    expect(it.ask(UNLOCK)).not.toContain(STATE)
    expect(it.coils).toEqual([])
  })

  test('carries a foreign burst to the host', () => {
    const it = line()
    it.wire.disturb(bytesOf('00 FF'))
    expect(it.pass(10)).toBe('00 FF')
  })
})

describe('a fault of the wire', () => {
  test.each<[keyof WireFaults, (reply: string) => boolean]>([
    ['requestLost', (reply) => reply === ''],
    ['requestFlipped', (reply) => reply !== STATE],
    ['replyLost', (reply) => reply === ''],
    ['replyLate', (reply) => reply === STATE],
    ['replyDoubled', (reply) => reply === `${STATE} ${STATE}`],
    ['replyFlipped', (reply) => reply.length === STATE.length && reply !== STATE],
    ['replyCut', (reply) => reply.length < STATE.length && STATE.startsWith(reply)],
    ['echo', (reply) => reply === `${ASK} ${STATE}`],
    ['noise', (reply) => reply.length > STATE.length],
  ])('%s strikes always at 1, never at 0, and in between as the seed wills', (name, hasStruck) => {
    expect(answers({ faults: { [name]: 1 } }, 5).filter(hasStruck)).toHaveLength(5)
    expect(new Set(answers({ faults: { [name]: 0 } }, 5))).toEqual(new Set([STATE]))
    const half = answers({ faults: { [name]: 0.5 }, seed: '7' }, 40)
    expect(half).toEqual(answers({ faults: { [name]: 0.5 }, seed: '7' }, 40))
    if (name === 'replyLate') return
    const struck = half.filter((reply) => reply !== STATE).length
    expect(struck).toBeGreaterThan(8)
    expect(struck).toBeLessThan(36)
  })

  test('a late reply comes when many have stopped waiting', () => {
    const it = line({ faults: { replyLate: 1 } })
    expect(it.ask(ASK, 150)).toBe('')
    expect(it.pass(1_500)).toBe(STATE)
  })

  test('two coils at once bring all boards down', () => {
    const boards = [cu16('A', 0), cu16('B', 1)]
    const it = line({ boards, faults: { brownOut: 1 } })
    it.ask(UNLOCK)
    expect(it.coils).toEqual(['3 A/1 on'])
    it.ask('02 10 31 03 46')
    expect(it.coils.slice(1)).toEqual(['103 B/1 on', '103 A/1 off', '103 B/1 off'])
    expect(it.ask(ASK)).toBe('')
    it.pass(500)
    expect(it.ask(ASK)).toBe(STATE)
  })
})

describe('a fault of a board', () => {
  test('a restart in the pulse ends it early', () => {
    const it = line({ boards: [cu16('A', 0, { resetInPulse: 1 })] })
    it.ask(UNLOCK, 1_000)
    expect(it.coils).toEqual(['3 A/1 on', '203 A/1 off'])
  })

  test('a mute board neither hears nor answers for a while after an unlock', () => {
    const it = line({ boards: [cu16('A', 0, { muteAfterUnlock: 1, muteMs: 800 })] })
    it.ask(UNLOCK)
    expect(it.ask(ASK)).toBe('')
    it.pass(800)
    expect(it.ask(ASK)).toBe(STATE)
  })

  test('a dead board says and does nothing, and starts anew when it is mended', () => {
    const it = line({ boards: [cu16('A', 0, { isDead: true })] })
    expect(it.ask(ASK)).toBe('')
    it.ask(UNLOCK)
    it.wire.moveDoor({ board: 'A', channel: 1, door: 'open' })
    it.wire.change('A', { isDead: false })
    expect(it.ask(ASK)).toBe('')
    it.pass(500)
    expect(it.ask(ASK)).toBe('02 00 35 FE FF 00 00 03 37')
    expect(it.coils).toEqual([])
  })

  test('a dead channel draws no current, a welded one never stops', () => {
    const dead = line({ boards: [cu16('A', 0, { deadChannels: [1] })] })
    dead.ask(UNLOCK, 1_000)
    expect(dead.coils).toEqual([])
    const welded = line({ boards: [cu16('A', 0, { weldedChannels: [1] })] })
    welded.ask(UNLOCK, 60_000)
    expect(welded.coils).toEqual(['3 A/1 on'])
    welded.wire.change('A', { weldedChannels: [] })
    expect(welded.coils.at(-1)).toMatch(/A\/1 off$/)
  })

  test('its latency is its own', () => {
    const it = line({ boards: [cu16('A', 0, { latencyMs: () => 40 })] })
    it.ask(ASK)
    expect(it.times()[0]).toBeCloseTo(6 * MS_PER_BYTE + 40)
  })

  test('an answer at the end of the pulse is lost with the power', () => {
    const model = lockBoard8a({ address: 1, channels: 8 })
    const it = line({ boards: [{ id: 'A', model, behaviour: { resetInPulse: 1 } }] })
    expect(it.ask('8A 01 01 11 9B', 2_000)).toBe('')
  })
})

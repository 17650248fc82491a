// Goal: faults are asked for by name, refused with a sentence, and drawn alike for one seed.
import { describe, expect, test } from 'vitest'
import { readBenchOptions, usage } from '../../../sim/boards/bench-options.ts'
import { SIM_DIALECTS } from '../../../sim/boards/catalogue.ts'
import { FAULT_NAMES, planFaults, readFaults } from '../../../sim/boards/fault-plan.ts'
import { createRandom } from '../../../sim/world/random.ts'

const BOARDS = [
  { id: '1', channels: 16 },
  { id: '2', channels: 16 },
]
const plan = (texts: readonly string[], seed = '1') =>
  planFaults(readFaults(texts), { boards: BOARDS, random: createRandom(seed) })

describe('a plan of faults', () => {
  test('without faults breaks nothing', () => {
    const { wire, boards, doors } = plan([])
    expect(new Set(Object.values(wire))).toEqual(new Set([0]))
    expect([...boards.values()]).toMatchObject([{ isDead: false, deadChannels: [] }, {}])
    expect(doors).toEqual([])
  })

  test('is the same for one seed, and another for another', () => {
    const some = ['jammed=0.3', 'lying=0.3', 'dead-channel=0.3']
    expect(plan(some, '7')).toEqual(plan(some, '7'))
    expect(plan(some, '7')).not.toEqual(plan(some, '8'))
  })

  test('knows every name, at its full rate when none is given', () => {
    const { wire, boards, doors } = plan(FAULT_NAMES)
    expect(new Set(Object.values(wire))).toEqual(new Set([1]))
    expect(boards.get('1')).toMatchObject({ isDead: true, resetInPulse: 1, muteAfterUnlock: 1 })
    expect(boards.get('1')?.weldedChannels).toHaveLength(16)
    expect(doors.filter(({ is }) => is.isJammed === true)).toHaveLength(32)
    expect(doors.filter(({ is }) => is.openedBy !== undefined)).toHaveLength(32)
  })

  test.each([['haunted'], ['noise=2'], ['noise=-1'], ['noise=x'], ['noise=']])(
    'refuses %s',
    (text) => expect(() => readFaults([text])).toThrow(),
  )
})

describe('the command line', () => {
  const read = (text: string) => readBenchOptions(text.split(' '))

  test('has what is usual for a dialect unless it is told otherwise', () => {
    expect(read('--dialect wkly --tcp 0 --boards 2')).toMatchObject({
      addresses: [0, 1],
      channels: 24,
      baudRate: 9_600,
      bitsPerCharacter: 10,
      port: { kind: 'tcp', port: 0 },
    })
    const told = '--dialect modbus-rtu --pty x --addresses 5,5 --channels 4 --baud 19200 --parity'
    expect(read(told)).toMatchObject({
      addresses: [5, 5],
      channels: 4,
      baudRate: 19_200,
      bitsPerCharacter: 11,
      port: { kind: 'pty', path: 'x' },
    })
  })

  test.each([
    ['--dialect morse --tcp 0', 'no dialect morse'],
    ['--dialect toString --tcp 0', 'no dialect toString'],
    ['--dialect wkly', 'one of --pty and --tcp'],
    ['--dialect wkly --tcp 0 --pty x', 'one of --pty and --tcp'],
    ['--dialect wkly --tcp 0 --boards 33', '--boards is a whole number from 1 to 32, not 33'],
    ['--dialect wkly --tcp 0 --baud fast', '--baud is a whole number from 300'],
    ['--dialect wkly --tcp 0 --fault noise=9', 'the rate of noise is between 0 and 1'],
  ])('says what is wrong with %s', (text, problem) => {
    expect(() => read(text)).toThrow(problem)
  })

  test('lists every dialect and every fault', () => {
    for (const name of [...Object.keys(SIM_DIALECTS), ...FAULT_NAMES]) {
      expect(usage()).toContain(name)
    }
  })

  test.each(Object.entries(SIM_DIALECTS))('can make a %s of every size', (_, dialect) => {
    for (const channels of [1, dialect.channels, dialect.channelsMax]) {
      const address = dialect.lastAddress
      const model = dialect.create({ address, channels, feedback: 'door-open' })
      expect(model.create(0)).toBeDefined()
    }
  })
})

// Scanners and keypads in the configuration: what is accepted, and how mistakes are told.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSettings, type Settings } from '../../src/runtime/settings.ts'
import { INPUTS_MAX } from '../../src/runtime/settings-inputs.ts'
import { SettingsError } from '../../src/runtime/settings-problem.ts'
import { KEY_DIGITS, KEY_FUNCTIONS } from '../../src/screen/inputs/config.ts'

const KIOSK = `kiosk: { id: k1, siteName: Here, helpPhone: "+1 555 01" }
wall:
  sizes: [{ name: S, widthMm: 400, heightMm: 200, depthMm: 500 }]
  columns: [{ lockers: [{ id: "1", size: S, boardId: a, channel: 1, bottomMm: 700 }] }]
buses:
  - id: main
    link: { kind: serial, path: /dev/ttyUSB0, baudRate: 19200 }
    boards: [{ id: a, address: 1, dialect: latchkey-line, channels: 8 }]
uplink: { url: "mqtt://central.example:8883" }
data: { folder: data }
`

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-settings-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function read(...inputs: readonly string[]): Settings {
  const file = join(folder, 'kiosk.yaml')
  const list = inputs.map((input) => `  - ${input}\n`).join('')
  writeFileSync(file, inputs.length === 0 ? KIOSK : `${KIOSK}inputs:\n${list}`)
  return readSettings({ file, env: {} })
}

/** Path, what is wrong with it, and the hint. */
function told(...inputs: readonly string[]): readonly string[] {
  try {
    read(...inputs)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    return error.problems.map(
      ({ code, path, message, hint }) => `${code} ${path} ${message}; ${hint}`,
    )
  }
  return []
}

const SERIAL = '{ kind: serial, path: /dev/ttyACM0, baudRate: 9600 }'
const EVDEV = '{ kind: evdev, path: /dev/latchkey/keypad }'

describe('inputs', () => {
  it('need not be there', () => {
    expect(read().inputs).toEqual([])
  })

  it('are scanners and keypads, and relative paths start at the data folder', () => {
    const scanner = '{ id: front, kind: scanner, link: { kind: evdev, path: run/scanner } }'
    const keys = '[{ code: 183, does: next }, { code: 2, does: nothing }]'
    const keypad = `{ id: pad, kind: keypad, link: ${EVDEV}, keys: ${keys} }`
    expect(read(`{ id: line, kind: scanner, link: ${SERIAL} }`, scanner, keypad).inputs).toEqual([
      {
        id: 'line',
        kind: 'scanner',
        link: { kind: 'serial', path: '/dev/ttyACM0', baudRate: 9_600 },
      },
      {
        id: 'front',
        kind: 'scanner',
        link: { kind: 'evdev', path: join(folder, 'data/run/scanner') },
      },
      {
        id: 'pad',
        kind: 'keypad',
        link: { kind: 'evdev', path: '/dev/latchkey/keypad' },
        keys: [
          { code: 183, does: 'next' },
          { code: 2, does: 'nothing' },
        ],
      },
    ])
  })

  it('know every function of a key by its name', () => {
    const keys = [...KEY_DIGITS, ...KEY_FUNCTIONS].map((does, index) => {
      return `{ code: ${index + 1}, does: "${does}" }`
    })
    expect(told(`{ id: pad, kind: keypad, link: ${EVDEV}, keys: [${keys.join(', ')}] }`)).toEqual(
      [],
    )
  })

  it.each([
    ['an unknown function', `keys: [{ code: 2, does: louder }]`, /keys\[0\]\.does .*volume-up/],
    ['a code out of range', `keys: [{ code: 768, does: next }]`, /keys\[0\]\.code .*from 1 to 767/],
    ['a digit that is no text', `keys: [{ code: 2, does: 1 }]`, /keys\[0\]\.does /],
    [
      'a code twice',
      `keys: [{ code: 2, does: next }, { code: 2, does: back }]`,
      /keys\[1\]\.code is taken by inputs\[0\]\.keys\[0\]\.code; a key does one thing/,
    ],
    ['a pause too long', 'sameKeyMs: 501', /sameKeyMs .*from 0 to 500/],
    ['a key of its own', 'layout: de', /inputs\[0\]\.layout is unknown/],
  ])('of a keypad with %s are refused', (_name, rest, problem) => {
    const problems = told(`{ id: pad, kind: keypad, link: ${EVDEV}, ${rest} }`)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^LK-CFG-02 inputs\[0\]/)
    expect(problems[0]).toMatch(problem)
  })

  it.each([
    ['of an unknown kind', '{ id: x, kind: mouse, link: {} }', /scanner or keypad/],
    ['without a link', '{ id: x, kind: scanner }', /link is missing/],
    [
      'on a line without a speed',
      '{ id: x, kind: scanner, link: { kind: serial, path: /x } }',
      /baudRate/,
    ],
    ['that are keypads on a line', `{ id: x, kind: keypad, link: ${SERIAL} }`, /link/],
    [
      'that are scanners with keys',
      `{ id: x, kind: scanner, link: ${SERIAL}, keys: [] }`,
      /keys is unknown/,
    ],
  ])('%s are refused', (_name, input, problem) => {
    const problems = told(input)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.join()).toMatch(problem)
  })

  it('each have an id and a device of their own', () => {
    const scanner = (id: string, path: string) =>
      `{ id: ${id}, kind: scanner, link: { kind: evdev, path: ${path} } }`
    expect(told(scanner('a', '/dev/x'), scanner('a', '/dev/y'))).toEqual([
      'LK-CFG-02 inputs[1].id is taken by inputs[0].id; give every device an id of its own',
    ])
    expect(told(scanner('a', '/dev/x'), scanner('b', '/dev/x'))).toEqual([
      'LK-CFG-02 inputs[1].link.path is the device of inputs[0].link.path too; ' +
        'one device is one input',
    ])
    expect(told(scanner('a', '/dev/ttyUSB0'))[0]).toContain('buses[0].link.path')
  })

  it('are at most so many', () => {
    const many = Array.from({ length: INPUTS_MAX + 1 }, (_, index) => {
      return `{ id: s${index}, kind: scanner, link: { kind: evdev, path: /dev/s${index} } }`
    })
    expect(told(...many.slice(1))).toEqual([])
    expect(told(...many)).toHaveLength(1)
  })
})

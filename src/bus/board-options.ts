// What differs from board to board within one family: which way its contacts read, how it counts
// its channels, whether it answers an unlock. Each family has its documented defaults, and an
// option that a family does not know is a mistake in the configuration.
import type { SignalKind } from '../kiosk/config.ts'
import type { BoardConfig, DialectName } from './config.ts'

export interface BoardOptions {
  /** What the contact of a closed door reads as. It depends on the lock, not on the board. */
  readonly closedBit: 0 | 1
  /** Channels whose contact reads the other way round. */
  readonly invertedChannels: readonly number[]
  /** The board itself waits for its contacts to rest: what it says first counts. */
  readonly isDebounced: boolean
  /** The number of channel 1 on the wire. */
  readonly channelBase: number
  /** 8A: whether the byte of channels 1 to 8 is the last or the first one of all. */
  readonly byteOrder: 'channel-1-last' | 'channel-1-first'
  /** 8A: how many bytes of doors the board sends; 0: as many as its channels need, at least 3. */
  readonly statusBytes: number
  /** CU48: 60, 61 and 75 know content sensors; 50, 51 and 65 do not. */
  readonly commands: '60-61-75' | '50-51-65'
  readonly hasContentSensors: boolean
  readonly replyToUnlock: 'always' | 'never' | 'maybe'
  /** The silence after every frame on its line, where its family's is too short for this board. */
  readonly gapMs: number
  /** So much longer than its family this board, or what it hangs on, may take for a reply. */
  readonly slowReplyMs: number
  /** So long after an unlock the board is not asked anything: it would not answer. */
  readonly muteAfterUnlockMs: number
  /** How long the board itself holds a lock: these boards take no time with the order. */
  readonly boardPulseMs: number
  /** Modbus: the coil of channel 1. */
  readonly relayOffset: number
  /** Modbus: the board that reads the doors; 0: the relay board itself. */
  readonly inputAddress: number
  /** Modbus: the input of channel 1. */
  readonly inputOffset: number
  /**
   * Modbus: who ends a pulse. `waveshare-flash`: the board. `host-timed`: this program, with a
   * second frame; only for a board that knows nothing better, because a coil stays on when that
   * frame is lost.
   */
  readonly pulse: 'waveshare-flash' | 'host-timed'
  /** Modbus: all relays are switched off before the board is used. */
  readonly allOffAtStart: boolean
  /** Modbus: inputs shall not drive relays; false for a board without these registers. */
  readonly linkageOff: boolean
}

interface Range {
  readonly min: number
  readonly max: number
}

interface Family {
  readonly address: Range
  readonly channelsMax: number
  /** The options that the family knows, as its documents or the field say. */
  readonly options: Partial<BoardOptions>
  /** What its boards can show or sound; absent: nothing. */
  readonly signals?: readonly SignalKind[]
}

const COMMON = {
  closedBit: 1,
  invertedChannels: [],
  isDebounced: false,
  gapMs: 0,
  slowReplyMs: 0,
} as const

const FAMILIES: Readonly<Record<DialectName, Family>> = {
  'latchkey-line': { address: { min: 1, max: 254 }, channelsMax: 16, options: {} },
  // Kerong, CU16 and CU48B manuals: boards 0 to 9 by switch, 500 ms for solenoids, no unlock reply.
  'kerong-cu16': {
    address: { min: 0, max: 9 },
    channelsMax: 16,
    options: {
      ...COMMON,
      channelBase: 0,
      hasContentSensors: false,
      muteAfterUnlockMs: 50,
      boardPulseMs: 500,
    },
  },
  'kerong-cu48': {
    address: { min: 0, max: 9 },
    channelsMax: 48,
    options: {
      ...COMMON,
      channelBase: 0,
      commands: '60-61-75',
      hasContentSensors: false,
      muteAfterUnlockMs: 50,
      boardPulseMs: 500,
    },
  },
  // 485 lock board protocol 2021 and 2024A1: 300 ms, 1 to 99 in theory, up to 50 channels.
  'lock-board-8a': {
    address: { min: 1, max: 99 },
    channelsMax: 50,
    options: {
      ...COMMON,
      channelBase: 1,
      byteOrder: 'channel-1-last',
      statusBytes: 0,
      replyToUnlock: 'always',
      muteAfterUnlockMs: 0,
      boardPulseMs: 300,
    },
  },
  // Field capture: some firmware answers 350 to 450 ms after an unlock, some never does.
  wkly: {
    address: { min: 0, max: 31 },
    channelsMax: 48,
    signals: ['locker-light'],
    options: {
      ...COMMON,
      channelBase: 1,
      replyToUnlock: 'maybe',
      muteAfterUnlockMs: 0,
      boardPulseMs: 450,
    },
  },
  'modbus-rtu': {
    address: { min: 1, max: 247 },
    channelsMax: 32,
    signals: ['light', 'buzzer'],
    options: {
      ...COMMON,
      muteAfterUnlockMs: 0,
      relayOffset: 0,
      inputAddress: 0,
      inputOffset: 0,
      pulse: 'waveshare-flash',
      allOffAtStart: true,
      linkageOff: true,
    },
  },
}

const UNUSED: BoardOptions = {
  ...COMMON,
  isDebounced: true,
  channelBase: 1,
  byteOrder: 'channel-1-last',
  statusBytes: 0,
  commands: '60-61-75',
  hasContentSensors: false,
  replyToUnlock: 'always',
  muteAfterUnlockMs: 0,
  boardPulseMs: 0,
  relayOffset: 0,
  inputAddress: 0,
  inputOffset: 0,
  pulse: 'waveshare-flash',
  allOffAtStart: true,
  linkageOff: false,
}

/** Which addresses a dialect has, and how many channels its boards. */
export function familyOf(dialect: DialectName): Pick<Family, 'address' | 'channelsMax'> {
  return FAMILIES[dialect]
}

/** A board with every option settled. */
export interface Board extends BoardConfig {
  readonly options: BoardOptions
}

export function boardOf(config: BoardConfig): Board {
  const { options } = FAMILIES[config.dialect]
  return { ...config, options: { ...UNUSED, ...options, ...config.options } }
}

export interface BoardProblem {
  /** The key within the board. */
  readonly key: string
  readonly message: string
  readonly hint: string
}

/** What is wrong with one board by itself; empty when it can be run. */
export function boardProblems(config: BoardConfig): readonly BoardProblem[] {
  const { address, channelsMax, options } = FAMILIES[config.dialect]
  const problems: BoardProblem[] = []
  if (!isWithin(config.address, address)) {
    problems.push({
      key: 'address',
      message: `is ${config.address}`,
      hint: `write an address from ${address.min} to ${address.max} for ${config.dialect}`,
    })
  }
  if (!isWithin(config.channels, { min: 1, max: channelsMax })) {
    problems.push({
      key: 'channels',
      message: `is ${config.channels}`,
      hint: `a ${config.dialect} board has 1 to ${channelsMax} channels`,
    })
  }
  for (const name of Object.keys(config.options ?? {})) {
    if (name in options) continue
    const known = Object.keys(options).join(', ')
    const hint = known === '' ? 'remove it: the board tells everything itself' : `use ${known}`
    problems.push({ key: `options.${name}`, message: `is no option of ${config.dialect}`, hint })
  }
  for (const channel of config.options?.invertedChannels ?? []) {
    if (isWithin(channel, { min: 1, max: config.channels })) continue
    problems.push({
      key: 'options.invertedChannels',
      message: `names channel ${channel}`,
      hint: `write channels from 1 to ${config.channels}`,
    })
  }
  problems.push(...spareProblems(config), ...signalProblems(config))
  return problems
}

/** A channel tells one thing. */
function spareProblems({ senses = [], channels }: BoardConfig): readonly BoardProblem[] {
  return senses.flatMap(({ channel }, index) => {
    const key = `senses[${index}].channel`
    if (!isWithin(channel, { min: 1, max: channels })) {
      const hint = `write a channel from 1 to ${channels}`
      return [{ key, message: `is ${channel}, but the board has ${channels}`, hint }]
    }
    if (senses.findIndex((other) => other.channel === channel) === index) return []
    return [{ key, message: `names channel ${channel} again`, hint: 'a channel tells one thing' }]
  })
}

/** A relay hangs on one thing, and the board itself must switch it off. */
function signalProblems(config: BoardConfig): readonly BoardProblem[] {
  const { signals = [], channels, dialect } = config
  const offered = FAMILIES[dialect].signals ?? []
  return signals.flatMap(({ kind, channel, ms }, index) => {
    const problem = (name: string, message: string, hint: string) => [
      { key: `signals[${index}].${name}`, message, hint },
    ]
    if (!offered.includes(kind)) {
      const hint = offered.length === 0 ? 'remove it' : `use ${offered.join(', ')}`
      return problem('kind', `is nothing that ${dialect} has`, hint)
    }
    if (kind === 'locker-light') {
      const isPlain = channel === undefined && ms === undefined
      const hint = 'it shines at every locker for as long as the board likes'
      return isPlain ? [] : problem('kind', 'has neither channel nor ms', hint)
    }
    if (channel === undefined || !isWithin(channel, { min: 1, max: channels })) {
      const hint = `write the relay, from 1 to ${channels}`
      return problem('channel', channel === undefined ? 'is missing' : `is ${channel}`, hint)
    }
    if (signals.findIndex((other) => other.channel === channel) < index) {
      return problem('channel', `names relay ${channel} again`, 'a relay hangs on one thing')
    }
    if (config.options?.pulse !== 'host-timed') return []
    return problem('kind', 'would stay on', 'it needs a board that ends its pulses itself')
  })
}

/** Whether it was told that this board has such a thing there. */
export function boardOffers(
  { signals = [], channels }: BoardConfig,
  wanted: { readonly signal: SignalKind; readonly channel: number },
): boolean {
  const { signal, channel } = wanted
  if (!isWithin(channel, { min: 1, max: channels })) return false
  return signals.some(
    (own) => own.kind === signal && (own.channel === undefined || own.channel === channel),
  )
}

/** On these no lock hangs, whatever does. */
export function isSpare({ senses = [], signals = [] }: BoardConfig, channel: number): boolean {
  return [...senses, ...signals].some((own) => own.channel === channel)
}

export function isWithin(value: number, { min, max }: Range): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}

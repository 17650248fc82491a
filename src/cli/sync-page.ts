// How the uplink stands and what waits for central, for a terminal.
import { CODES } from '../kiosk/codes.ts'
import type { ClockReport, UplinkReport, WaitingFact } from '../kiosk/uplink-report.ts'
import { type Column, tableOf } from './table.ts'

const MS_PER_S = 1_000
const S_PER_MIN = 60
const MIN_PER_H = 60
const H_PER_DAY = 24
const HASH_DIGITS_SHOWN = 12

const STREAMS: readonly Column[] = [
  { head: 'stream', side: 'left' },
  { head: 'version', side: 'right' },
  { head: 'rows’ hash', side: 'left' },
]
const FACTS: readonly Column[] = [
  { head: 'fact', side: 'right' },
  { head: 'made', side: 'left' },
  { head: 'type', side: 'left' },
  { head: 'bytes', side: 'right' },
  { head: 'sent', side: 'left' },
]

/** @param nowMs by this machine’s clock, to tell how old a fact is */
export function syncPage(report: UplinkReport, nowMs: number): readonly string[] {
  const { epoch, newestSeq, confirmedSeq, waiting, oldestWallMs, batchesUnderWay } = report
  const age = oldestWallMs === null ? '' : `, the oldest for ${spanOf(nowMs - oldestWallMs)}`
  const heard =
    report.heardAgoMs === null
      ? 'not heard on this connection'
      : `heard ${agoOf(report.heardAgoMs)}`
  const streams = report.streams.map(({ stream, version, hash }) => [
    stream,
    String(version),
    hash.slice(0, HASH_DIGITS_SHOWN),
  ])
  return [
    `broker   ${linkOf(report)}`,
    `central  ${heard}`,
    `facts    ${newestSeq} made, ${confirmedSeq} confirmed, ${waiting} wait${age}`,
    ...(batchesUnderWay > 0 ? [`         ${batchesUnderWay} batches under way`] : []),
    `epoch    ${epoch}`,
    `clock    ${clockOf(report.clock)}`,
    '',
    ...tableOf(STREAMS, streams),
  ]
}

function linkOf({ link, sinceMs, nextTryInMs, protocol, broker, lastLoss }: UplinkReport): string {
  const place = broker === 0 ? '' : `, broker ${broker + 1}`
  const lost = lastLoss === null ? '' : `; last loss ${agoOf(lastLoss.agoMs)}: ${named(lastLoss)}`
  const since = sinceMs === null ? '' : ` for ${spanOf(sinceMs)}`
  if (link === 'waiting') return `not connected, next try in ${spanOf(nextTryInMs ?? 0)}${lost}`
  if (link === 'connecting') return `connecting${since}${place}${lost}`
  if (link === 'stopped') return 'stopped'
  return `connected${since}, MQTT ${protocol}${place}${lost}`
}

function clockOf({ by, aheadMs, errorMs, toldAgoMs }: ClockReport): string {
  if (aheadMs === null || errorMs === null || toldAgoMs === null) {
    return by === 'machine'
      ? 'the machine’s; central has told no time yet'
      : 'none is believed: the machine’s was never set, and central has told no time yet'
  }
  const seconds = (ms: number): string => `${(ms / MS_PER_S).toFixed(3)} s`
  const told = `central’s, told ${agoOf(toldAgoMs)}, right within ${seconds(errorMs)}`
  const apart = `${seconds(Math.abs(aheadMs))} ${aheadMs < 0 ? 'behind' : 'ahead of'}`
  if (by === 'both') return `the machine’s, ${apart} ${told}`
  if (by === 'central') return `${told}; the machine’s is ${apart} it`
  return `none is believed: the machine’s is ${apart} ${told}`
}

function named({ cause, code }: NonNullable<UplinkReport['lastLoss']>): string {
  return `${cause} (${code})`
}

/** What wants attention; empty when all is well. */
export function syncWarningsOf(report: UplinkReport): readonly string[] {
  const dates =
    report.clock.by === 'nobody'
      ? ['No clock is believed: nothing ends or begins by its date.']
      : []
  return [...linkWarningsOf(report), ...dates]
}

function linkWarningsOf(report: UplinkReport): readonly string[] {
  const { link, heardAgoMs, timeouts, lastLoss } = report
  if (link !== 'up') {
    const why = lastLoss === null ? [] : [`${lastLoss.code}: ${CODES[lastLoss.code]}`]
    return ['The kiosk is not connected to its broker; it works on its own.', ...why]
  }
  if (heardAgoMs === null) return ['The broker is connected, and central is silent.']
  return timeouts > 0 ? [`Central has not confirmed what was sent ${timeouts} times over.`] : []
}

export function outboxPage(waiting: number, facts: readonly WaitingFact[]): readonly string[] {
  if (waiting === 0) return ['Nothing waits: central has confirmed everything.']
  const rows = facts.map(({ seq, atWallMs, type, bytes, isSent }) => [
    String(seq),
    new Date(atWallMs).toISOString().slice(0, 19).replace('T', ' '),
    type,
    String(bytes),
    isSent ? 'yes' : '',
  ])
  const more = waiting - facts.length
  return [...tableOf(FACTS, rows), ...(more > 0 ? [`… and ${more} more`] : [])]
}

const agoOf = (ms: number): string => `${spanOf(ms)} ago`

/** The two largest units that matter. */
function spanOf(ms: number): string {
  const s = Math.max(0, Math.round(ms / MS_PER_S))
  if (s < S_PER_MIN) return `${s} s`
  const min = Math.floor(s / S_PER_MIN)
  if (min < MIN_PER_H) return `${min} min ${s % S_PER_MIN} s`
  const h = Math.floor(min / MIN_PER_H)
  if (h < H_PER_DAY) return `${h} h ${min % MIN_PER_H} min`
  return `${Math.floor(h / H_PER_DAY)} d ${h % H_PER_DAY} h`
}

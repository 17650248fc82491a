// A recorded bus as its boards have to play it: what the host asks, what comes back and when.
import { framingOfBus } from '../../src/bus/config.ts'
import type { FrameEntry } from '../../src/bus/trace.ts'
import type { RecordedBus } from './recording.ts'
import { withoutSequence } from './sequence.ts'

interface Answer {
  /** After the request. */
  readonly afterMs: number
  readonly bytes: Buffer
}

export interface RecordedExchange {
  /** Of the request, in the file. */
  readonly line: number
  readonly request: Buffer
  /** What a request has to be equal to, to be this one. */
  readonly key: Buffer
  readonly reading: FrameEntry['reading']
  /** The host wants a lock to open, and means it at this moment: no question. */
  readonly isOrder: boolean
  readonly answers: readonly Answer[]
  /** When the cable was pulled after it; null: it was not. */
  readonly pulledAfterMs: number | null
}

export function hasLines(bus: RecordedBus): boolean {
  return framingOfBus(bus.start.config) === 'line'
}

/** What came before the first request is left out: nothing tells when to say it. */
export function exchangesOf(bus: RecordedBus): readonly RecordedExchange[] {
  const isLine = hasLines(bus)
  const end = isLine ? '\n' : ''
  const exchanges: (RecordedExchange & { answers: Answer[]; pulledAfterMs: number | null })[] = []
  let sentAtMs = 0
  for (const { number, entry } of bus.lines) {
    const last = exchanges.at(-1)
    const afterMs = entry.monoMs - sentAtMs
    if ('direction' in entry && entry.direction === 'sent') {
      sentAtMs = entry.monoMs
      const { reading } = entry
      const isOrder = reading.kind === 'request' && ['pulse', 'release'].includes(reading.request)
      const request = bytesOf(entry.hex)
      const key = isLine ? withoutSequence(request) : request
      const fresh = { line: number, request, key, reading, isOrder }
      exchanges.push({ ...fresh, answers: [], pulledAfterMs: null })
    } else if ('direction' in entry) {
      const bytes = Buffer.concat([bytesOf(entry.hex), Buffer.from(end)])
      last?.answers.push({ afterMs, bytes })
    } else if ('event' in entry && entry.event.kind === 'link-closed' && last !== undefined) {
      last.pulledAfterMs = afterMs
    }
  }
  return exchanges
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}

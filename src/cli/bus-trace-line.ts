// One line of `latchkey bus trace` for eyes.
import type { EventEntry, FrameEntry, ReportEntry, TraceEntry } from '../bus/trace.ts'

/** @returns null for what only programs read */
export function traceLineOf(
  entry: TraceEntry,
  { isDecoded }: { readonly isDecoded: boolean },
): string | null {
  const head = `${entry.monoMs.toFixed(0)} ${entry.bus}`
  if ('direction' in entry) {
    const frame = `${head} ${entry.direction === 'sent' ? '>' : '<'} ${entry.hex}`
    return isDecoded ? `${frame}  | ${wordsOfReading(entry.reading)}` : frame
  }
  if ('event' in entry) {
    const words = wordsOfEvent(entry.event)
    return words === null ? null : `${head} ! ${words}`
  }
  if ('report' in entry && isDecoded) return `${head} = ${wordsOfReport(entry.report)}`
  return null
}

function wordsOfReading(reading: FrameEntry['reading']): string {
  switch (reading.kind) {
    case 'request': {
      const { request, board, dialect, address, channel, attempt } = reading
      const what = channel === null ? request : `${request} of channel ${channel}`
      const again = attempt === 1 ? '' : `, time ${attempt}`
      return `${what} to ${board} (${dialect}, address ${address})${again}`
    }
    case 'reply': {
      const { reply, board, says } = reading
      return `${reply} from ${board}${says === '' ? '' : `: ${says}`}`
    }
    case 'no-reply':
      return `no reply to ${reading.request} of ${reading.board}, or not all of it`
    case 'unasked':
      return 'nobody was asked'
  }
}

function wordsOfEvent(event: EventEntry['event']): string | null {
  switch (event.kind) {
    case 'link-opened':
      return 'the line is open'
    case 'link-closed':
      return `the line is closed: ${event.cause}`
    case 'unlock-requested':
      return `channel ${event.channel} of ${event.boardId} shall open, opening ${event.openingId}`
    case 'signal-requested':
      return `${event.signal} ${event.channel} of ${event.boardId} is asked for`
    case 'attended':
      return event.isAttended ? 'somebody is served' : 'nobody is served'
    case 'time-passed':
      return null
  }
}

function wordsOfReport(report: ReportEntry['report']): string {
  switch (report.kind) {
    case 'board-read': {
      const { boardId, doors } = report.reading
      const open = doors.flatMap(({ state }, index) => (state === 'open' ? [index + 1] : []))
      const words = open.length === 0 ? 'no door open' : `open: ${open.join(', ')}`
      return `${boardId} is read: ${words}`
    }
    case 'board-lost':
      return `${report.boardId} is lost`
    case 'unlock-ended':
      return `opening ${report.openingId} is ${report.outcome}`
  }
}

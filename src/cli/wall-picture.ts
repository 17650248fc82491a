// The wall as a technician sees it from the front: every door in its place and its proportion.
import type { Wall, WallLocker } from '../diagnostics/wall.ts'
import { type Box, drawBoxes } from './box.ts'

/** A character is about twice as high as wide. */
const ROW_TO_COLUMN = 2
/** Edge, one line of text, and the edge that is the next door's. */
const ROWS_MIN = 2
/** Room for the label, the letter and the spaces around them. */
const PADDING = 5
const WIDTH_MAX = 16
/** In the legend's first line: what may lie inside. The second one says what is unusual. */
const LEGEND_MARKS = 5

const MARKS = {
  free: { letter: '.', style: 'green', text: 'free' },
  occupied: { letter: '#', style: 'blue', text: 'occupied' },
  reserved: { letter: '~', style: 'cyan', text: 'reserved' },
  clearing: { letter: 'c', style: 'cyan', text: 'clearing' },
  'awaiting-courier': { letter: '^', style: 'cyan', text: 'awaits courier' },
  unverified: { letter: '?', style: 'yellow', text: 'unverified' },
  disputed: { letter: '%', style: 'yellow', text: 'disputed' },
  withdrawn: { letter: 'x', style: 'red', text: 'out of service' },
  open: { letter: 'O', style: 'magenta', text: 'door open' },
  unknown: { letter: '!', style: 'red', text: 'door unknown' },
} as const

type Mark = keyof typeof MARKS
type Style = (typeof MARKS)[Mark]['style']
/** Colours a text, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string

/** What the door does matters more than what is behind it. */
function markOf({ state, door, withdrawnFor }: WallLocker): Mark {
  if (door !== 'closed') return door
  return withdrawnFor === null ? state : 'withdrawn'
}

/** @returns the picture, the legend and a count, as lines */
export function wallPicture(wall: Wall, paint: Paint): readonly string[] {
  const lockers = wall.columns.flatMap((column) => column.lockers)
  if (lockers.length === 0) return ['The wall has no lockers.']
  const marks = Object.values(MARKS).map(
    ({ letter, style, text }) => `${paint(style, letter)} ${text}`,
  )
  const legend = [marks.slice(0, LEGEND_MARKS), marks.slice(LEGEND_MARKS)]
  const lines = legend.map((row) => row.join('  '))
  const picture = [...drawBoxes(boxesOf(wall, paint)), '', ...lines, '']
  return [...picture, countsOf(lockers), ...distrustOf(lockers)]
}

/** A sensor that is not believed, and why: it is not the board that is silent. */
function distrustOf(lockers: readonly WallLocker[]): readonly string[] {
  const causes = lockers.flatMap(({ id, distrustedFor }) =>
    distrustedFor === null ? [] : [`${id} (${distrustedFor})`],
  )
  return causes.length === 0 ? [] : [`sensor not believed: ${causes.join(', ')}`]
}

function boxesOf({ columns }: Wall, paint: Paint): readonly Box[] {
  const lockers = columns.flatMap((column) => column.lockers)
  const rowMm = Math.min(...lockers.map(({ heightMm }) => heightMm)) / ROWS_MIN
  const topMm = Math.max(...lockers.map(({ bottomMm, heightMm }) => bottomMm + heightMm))
  const rowOf = (heightMm: number): number => Math.round((topMm - heightMm) / rowMm)
  const labelWidth = Math.max(...lockers.map(({ id }) => id.length))
  let left = 0
  return columns.flatMap((column) => {
    const widthMm = Math.max(0, ...column.lockers.map((locker) => locker.widthMm))
    const natural = Math.min(WIDTH_MAX, Math.round((widthMm / rowMm) * ROW_TO_COLUMN))
    const right = left + Math.max(natural, labelWidth + PADDING)
    const boxes = column.lockers.map((locker) => {
      const { letter, style } = MARKS[markOf(locker)]
      return {
        top: rowOf(locker.bottomMm + locker.heightMm),
        bottom: rowOf(locker.bottomMm),
        left,
        right,
        lines: [` ${locker.id.padEnd(labelWidth)} ${letter}`],
        paint: (text: string) => paint(style, text),
      }
    })
    left = right
    return boxes
  })
}

function countsOf(lockers: readonly WallLocker[]): string {
  const parts = Object.entries(MARKS).flatMap(([mark, { text }]) => {
    const count = lockers.filter((locker) => markOf(locker) === mark).length
    return count === 0 ? [] : [`${count} ${text}`]
  })
  return `${lockers.length} lockers: ${parts.join(', ')}`
}

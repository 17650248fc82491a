// Draws rectangles that share their edges, with the box characters of Unicode.

export interface Box {
  readonly top: number
  readonly left: number
  /** The row and column of the far edges, which belong to the box. */
  readonly bottom: number
  readonly right: number
  /** What stands inside, line by line; what does not fit is cut off. */
  readonly lines: readonly string[]
  /** Colours a line that has already been cut and padded. */
  readonly paint: (text: string) => string
}

const UP = 1
const DOWN = 2
const LEFT = 4
const RIGHT = 8
/** By the sum of the directions that leave a point. */
const EDGES = ' ╵╷│╴┘┐┤╶└┌├─┴┬┼'

/** @returns one text per row, without trailing spaces */
export function drawBoxes(boxes: readonly Box[]): readonly string[] {
  const rows = Math.max(0, ...boxes.map(({ bottom }) => bottom + 1))
  const columns = Math.max(0, ...boxes.map(({ right }) => right + 1))
  const edges = Array.from({ length: rows }, () => new Uint8Array(columns))
  const add = ({ row, column, way }: { row: number; column: number; way: number }): void => {
    const line = edges[row]
    if (line !== undefined) line[column] = (line[column] ?? 0) | way
  }
  for (const { top, left, bottom, right } of boxes) {
    for (let column = left; column < right; column += 1) {
      for (const row of [top, bottom]) {
        add({ row, column, way: RIGHT })
        add({ row, column: column + 1, way: LEFT })
      }
    }
    for (let row = top; row < bottom; row += 1) {
      for (const column of [left, right]) {
        add({ row, column, way: DOWN })
        add({ row: row + 1, column, way: UP })
      }
    }
  }
  return edges.map((line, row) => drawRow({ line, row, boxes }))
}

function drawRow({
  line,
  row,
  boxes,
}: {
  readonly line: Uint8Array
  readonly row: number
  readonly boxes: readonly Box[]
}): string {
  const inside = boxes
    .filter(({ top, bottom }) => top < row && row < bottom)
    .sort((a, b) => a.left - b.left)
  const cells = [...line].map((way) => EDGES[way] ?? ' ')
  let text = ''
  let column = 0
  for (const box of inside) {
    const width = box.right - box.left - 1
    const words = (box.lines[row - box.top - 1] ?? '').slice(0, width).padEnd(width)
    text += cells.slice(column, box.left + 1).join('') + box.paint(words)
    column = box.right
  }
  return (text + cells.slice(column).join('')).trimEnd()
}

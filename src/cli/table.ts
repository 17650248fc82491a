// Rows under their heads, for a terminal of any width: columns are as wide as their longest word.

export interface Column {
  readonly head: string
  readonly side: 'left' | 'right'
}

export function tableOf(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const heads = columns.map(({ head }) => head)
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const lineOf = (row: readonly string[]) =>
    columns
      .map(({ side }, index) => {
        const word = row[index] ?? ''
        const width = widths[index] ?? 0
        return side === 'left' ? word.padEnd(width) : word.padStart(width)
      })
      .join('  ')
      .trimEnd()
  return [heads, ...rows].map(lineOf)
}

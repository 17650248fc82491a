// Where a door is, in millimetres for the drawing and in words for everybody.
import type { Wall } from '../protocol.ts'

export interface DoorBox {
  readonly id: string
  /** Counted from 1, from the left. */
  readonly column: number
  /** Counted from 1, from the top. */
  readonly row: number
  readonly leftMm: number
  /** From the top of the wall downwards. */
  readonly topMm: number
  readonly widthMm: number
  readonly heightMm: number
}

export interface WallPlan {
  readonly doors: readonly DoorBox[]
  readonly columns: readonly { readonly leftMm: number; readonly widthMm: number }[]
  readonly widthMm: number
  /** From the upper edge of the highest door to the floor. */
  readonly heightMm: number
}

export function planWall(wall: Wall): WallPlan {
  const sizes = new Map(wall.sizes.map((size) => [size.name, size]))
  const widthOf = (name: string) => sizes.get(name)?.widthMm ?? 0
  const heightOf = (name: string) => sizes.get(name)?.heightMm ?? 0
  const lockers = wall.columns.flatMap((column) => column.lockers)
  const heightMm = Math.max(0, ...lockers.map(({ bottomMm, size }) => bottomMm + heightOf(size)))
  const columns: { leftMm: number; widthMm: number }[] = []
  let leftMm = 0
  for (const column of wall.columns) {
    const widthMm = Math.max(0, ...column.lockers.map(({ size }) => widthOf(size)))
    columns.push({ leftMm, widthMm })
    leftMm += widthMm
  }
  const doors = wall.columns.flatMap((column, index) =>
    column.lockers.map((locker, row) => ({
      id: locker.id,
      column: index + 1,
      row: row + 1,
      leftMm: columns[index]?.leftMm ?? 0,
      topMm: heightMm - locker.bottomMm - heightOf(locker.size),
      widthMm: widthOf(locker.size),
      heightMm: heightOf(locker.size),
    })),
  )
  return { doors, columns, widthMm: leftMm, heightMm }
}

export function findDoor(plan: WallPlan, lockerId: string): DoorBox | undefined {
  return plan.doors.find(({ id }) => id === lockerId)
}

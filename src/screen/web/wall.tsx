// The wall as it stands there, to scale, with the door in question marked by colour, outline, size
// and number: never by colour alone, and never without the words beside it.
import type { View } from '../../kiosk/view.ts'
import type { Hello } from '../protocol.ts'
import { type DoorBox, findDoor, planWall, type WallPlan } from './position.ts'
import { ordinal, text } from './text.ts'

const MARGIN_MM = 60
const FOOT_MM = 190
const GAP_MM = 10

interface WallProps {
  readonly hello: Hello
  readonly doors: View['doors']
  readonly lockerId: string
}

export function WallMap({ hello, doors, lockerId }: WallProps) {
  const plan = planWall(hello.wall)
  const marked = findDoor(plan, lockerId)
  if (marked === undefined) return null
  const label = text('door.map', { locker: lockerId, position: positionText(marked) })
  const width = plan.widthMm + 2 * MARGIN_MM
  const height = plan.heightMm + MARGIN_MM + FOOT_MM
  return (
    <svg
      class="wall"
      role="img"
      aria-label={label}
      viewBox={`${-MARGIN_MM} ${-MARGIN_MM} ${width} ${height}`}
    >
      <rect
        class="wall-body"
        x={-20}
        y={-20}
        width={plan.widthMm + 40}
        height={plan.heightMm + 20}
        rx={24}
      />
      {plan.doors.map((door) => (
        <Door key={door.id} door={door} state={doors[door.id] ?? 'closed'} isMarked={false} />
      ))}
      <Columns plan={plan} marked={marked} />
      <Door door={marked} state={doors[marked.id] ?? 'closed'} isMarked={true} />
    </svg>
  )
}

interface PickerProps {
  readonly hello: Hello
  readonly pick: (lockerId: string) => void
}

/** The wall, to be touched: which locker is meant. */
export function WallPicker({ hello, pick }: PickerProps) {
  const plan = planWall(hello.wall)
  const width = plan.widthMm + 2 * MARGIN_MM
  const height = plan.heightMm + 2 * MARGIN_MM
  return (
    <svg class="wall is-picker" viewBox={`${-MARGIN_MM} ${-MARGIN_MM} ${width} ${height}`}>
      <title>{text('help.desk')}</title>
      {plan.doors.map((door) => (
        <PickedDoor key={door.id} door={door} pick={pick} />
      ))}
    </svg>
  )
}

function PickedDoor({ door, pick }: { readonly door: DoorBox } & Pick<PickerProps, 'pick'>) {
  const touched = () => pick(door.id)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing has no button element
    <g
      role="button"
      // A drawing takes its attributes letter by letter.
      tabindex={0}
      aria-label={text('door.pick', { locker: door.id, position: positionText(door) })}
      onClick={touched}
      onKeyDown={({ key }) => {
        if (key === 'Enter' || key === ' ') touched()
      }}
    >
      <Door door={door} state="closed" isMarked={false} />
    </g>
  )
}

interface DoorProps {
  readonly door: DoorBox
  readonly state: 'open' | 'closed' | 'unknown'
  readonly isMarked: boolean
}

function Door({ door, state, isMarked }: DoorProps) {
  const swell = isMarked ? 8 : -GAP_MM / 2
  const size = Math.min(door.heightMm * 0.62, door.widthMm * 0.3, isMarked ? 150 : 96)
  const middleMm = door.leftMm + door.widthMm / 2
  return (
    <g class={`door is-${state}${isMarked ? ' is-marked' : ''}`}>
      <rect
        x={door.leftMm - swell}
        y={door.topMm - swell}
        width={door.widthMm + 2 * swell}
        height={door.heightMm + 2 * swell}
        rx={14}
      />
      <text x={middleMm} y={door.topMm + door.heightMm / 2 + size * 0.36} font-size={size}>
        {door.id}
      </text>
    </g>
  )
}

function Columns({ plan, marked }: { readonly plan: WallPlan; readonly marked: DoorBox }) {
  return (
    <g class="columns">
      <line
        class="floor"
        x1={-MARGIN_MM}
        x2={plan.widthMm + MARGIN_MM}
        y1={plan.heightMm}
        y2={plan.heightMm}
      />
      {plan.columns.map(({ leftMm, widthMm }, index) => (
        <text
          key={leftMm}
          class={index + 1 === marked.column ? 'is-marked' : ''}
          x={leftMm + widthMm / 2}
          y={plan.heightMm + 130}
          font-size={index + 1 === marked.column ? 130 : 100}
        >
          {index + 1}
        </text>
      ))}
    </g>
  )
}

export function positionText(door: DoorBox): string {
  return text('door.position', { column: door.column, row: ordinal(door.row) })
}

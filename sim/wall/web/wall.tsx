// The doors to scale, as they physically are. Each one is a button.
import { planWall } from '../../../src/screen/web/position.ts'
import type { WallDoor, WallSnapshot } from '../host.ts'
import { contentsText, say } from './say.ts'

interface WallProps {
  readonly wall: WallSnapshot
  readonly chosenId: string | null
  readonly onChoose: (lockerId: string) => void
}

export function WallOfDoors({ wall, chosenId, onChoose }: WallProps) {
  const plan = planWall(wall)
  const doors = new Map(
    wall.columns.flatMap(({ lockers }) => lockers.map((each) => [each.id, each])),
  )
  const share = (part: number, whole: number) => `${(100 * part) / whole}%`
  return (
    <section class="wall" aria-label={say('wall')}>
      <div class="wall-doors" style={{ aspectRatio: `${plan.widthMm} / ${plan.heightMm}` }}>
        {plan.doors.map((box) => {
          const door = doors.get(box.id)
          return (
            door !== undefined && (
              <button
                key={box.id}
                type="button"
                class={`door is-${door.door}${door.isBlocked ? ' is-blocked' : ''}`}
                aria-label={doorName(door)}
                aria-pressed={box.id === chosenId}
                style={{
                  left: share(box.leftMm, plan.widthMm),
                  top: share(box.topMm, plan.heightMm),
                  width: share(box.widthMm, plan.widthMm),
                  height: share(box.heightMm, plan.heightMm),
                }}
                onClick={() => onChoose(box.id)}
              >
                <Leaf door={door} />
              </button>
            )
          )
        })}
      </div>
    </section>
  )
}

function Leaf({ door }: { readonly door: WallDoor }) {
  const { id, contents } = door
  if (door.door === 'closed') {
    return (
      <span class="leaf">
        <span class="leaf-label">{id}</span>
        {contents.length > 0 && <span class="leaf-mark" />}
      </span>
    )
  }
  return (
    <>
      <span class="inside">
        <span class="inside-label">{id}</span>
        {contents.map((label, index) => (
          <span key={`${index} ${label}`} class="parcel" title={label} />
        ))}
      </span>
      <span class="leaf" />
    </>
  )
}

function doorName(door: WallDoor): string {
  return say('door-name', {
    id: door.id,
    door: say(door.door === 'open' ? 'door-open' : 'door-closed'),
    contents: contentsText(door.contents.length),
    blocked: door.isBlocked ? say('door-blocked') : '',
  })
}

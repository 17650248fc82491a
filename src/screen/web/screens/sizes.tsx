// The sizes of lockers to choose from, drawn to scale.
import type { SizeLine } from '../../../kiosk/view.ts'
import type { Press } from '../session.ts'
import { countText, text } from '../text.ts'

const MM_PER_CM = 10

interface CardsProps {
  readonly sizes: readonly SizeLine[]
  readonly press: Press
}

export function SizeCards({ sizes, press }: CardsProps) {
  const widestMm = Math.max(1, ...sizes.map(({ widthMm }) => widthMm))
  const highestMm = Math.max(1, ...sizes.map(({ heightMm }) => heightMm))
  return (
    <ul class="size-cards">
      {sizes.map((line) => (
        <li key={line.size}>
          <button
            type="button"
            class="card size-card"
            disabled={line.free === 0}
            onClick={() => press('size', line.size)}
          >
            <svg viewBox={`0 0 ${widestMm} ${highestMm}`} aria-hidden="true">
              <rect
                x={(widestMm - line.widthMm) / 2}
                y={highestMm - line.heightMm}
                width={line.widthMm}
                height={line.heightMm}
                rx={12}
              />
            </svg>
            <strong>{line.size}</strong>
            <span>{dimensionsText(line)}</span>
            <span>{line.free === 0 ? text('size.full') : countText('size.free', line.free)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function dimensionsText({ widthMm, heightMm, depthMm }: SizeLine): string {
  return text('size.dimensions', {
    width: Math.round(widthMm / MM_PER_CM),
    height: Math.round(heightMm / MM_PER_CM),
    depth: Math.round(depthMm / MM_PER_CM),
  })
}

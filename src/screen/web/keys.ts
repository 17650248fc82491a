// The keypad's keys that move about on the screen, for whoever does not touch it. They go through
// the buttons of whatever screen is there; the PIN pad's own are left out, for the keypad has them.
import type { ScreenKey } from '../protocol.ts'

export function moveByKey(key: ScreenKey): void {
  // While somebody moves by keys, what has the focus must be seen, also after a touch.
  document.documentElement.dataset['keys'] = 'used'
  switch (key) {
    case 'next':
      return moveBy(1)
    case 'previous':
      return moveBy(-1)
    case 'select':
      press(chosen())
      return
    case 'back':
      press(buttons('.bar-left button').at(0))
      return
  }
}

/** A button, or a locker of a wall that is drawn to be touched. */
type Button = HTMLElement | SVGElement

const ALL = '#app :is(button, [role="button"])'

function buttons(selector: string): readonly Button[] {
  const all = [...document.querySelectorAll<Button>(selector)]
  return all.filter((each) => !each.matches(':disabled') && each.closest('[inert], .keys') === null)
}

function press(button: Button | undefined): void {
  button?.dispatchEvent(new MouseEvent('click', { bubbles: true }))
}

function moveBy(step: 1 | -1): void {
  const all = buttons(ALL)
  const at = all.indexOf(document.activeElement as Button)
  const from = at < 0 && step < 0 ? 0 : at
  all.at((from + step) % Math.max(1, all.length))?.focus()
}

/** What has the focus, else the primary action where there is just one. */
function chosen(): Button | undefined {
  const focused = buttons(ALL).find((button) => button === document.activeElement)
  if (focused !== undefined) return focused
  const primary = buttons('#app .is-primary')
  return primary.length === 1 ? primary[0] : undefined
}

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
      chosen()?.click()
      return
    case 'back':
      buttons('.bar-left button').at(0)?.click()
      return
  }
}

function buttons(selector: string): readonly HTMLButtonElement[] {
  const all = [...document.querySelectorAll<HTMLButtonElement>(selector)]
  return all.filter((button) => !button.disabled && button.closest('[inert], .keys') === null)
}

function moveBy(step: 1 | -1): void {
  const all = buttons('#app button')
  const at = all.indexOf(document.activeElement as HTMLButtonElement)
  const from = at < 0 && step < 0 ? 0 : at
  all.at((from + step) % Math.max(1, all.length))?.focus()
}

/** What has the focus, else the primary action where there is just one. */
function chosen(): HTMLButtonElement | undefined {
  const focused = buttons('#app button').find((button) => button === document.activeElement)
  if (focused !== undefined) return focused
  const primary = buttons('#app .is-primary')
  return primary.length === 1 ? primary[0] : undefined
}

// Questions to a page, answered inside it. They are texts because the tests' own program knows no
// document, and should not: a stray `window` in the daemon must not compile.

/** By how many pixels anything is wider than its box. */
export const SIDEWAYS_EXCESS = `
  [
    document.documentElement,
    ...document.querySelectorAll('.screen, .content, .told, .button, .checks, .bar-phone'),
  ]
    .map((box) => box.scrollWidth - box.clientWidth)
    .filter((excess) => excess > 0)`

export const DOWNWARD_EXCESS = `
  [...document.querySelectorAll('.screen')].map((box) => box.scrollHeight - box.clientHeight)`

export const FOCUSED = `document.activeElement.id || document.activeElement.tagName`

export const ANIMATIONS = `document.getAnimations().length`

export const TYPE_SIZES = `
  [...document.querySelectorAll('h1, p, button, .plate')].map((element) => ({
    tag: element.tagName,
    size: Number.parseFloat(getComputedStyle(element).fontSize),
  }))`

export const HTML = `document.documentElement.outerHTML`

export const HIDE = `document.dispatchEvent(new Event('visibilitychange'))`

/** Milliseconds from the press of a key to the frame in which its dot is there. */
export const ECHO_MS = `(async () => {
  const key = [...document.querySelectorAll('.key')].find((each) => each.textContent === '4')
  const startMs = performance.now()
  key.click()
  while (document.querySelectorAll('.dot.is-typed').length === 0) {
    await new Promise(requestAnimationFrame)
  }
  return performance.now() - startMs
})()`

/**
 * From now on notes for every digit typed the milliseconds from the press of the key, as the
 * browser stamped it, to a moment at which the frame with its dot has been painted: a second frame
 * has begun.
 */
export const WATCH_DIGITS = `(() => {
  globalThis.paintedMs = []
  const dots = () => document.querySelectorAll('.dot.is-typed').length
  addEventListener('keydown', (event) => {
    if (!/^[0-9]$/.test(event.key) || document.querySelector('.dots') === null) return
    const before = dots()
    const look = () => {
      if (dots() === before) return requestAnimationFrame(look)
      requestAnimationFrame(() => globalThis.paintedMs.push(performance.now() - event.timeStamp))
    }
    requestAnimationFrame(look)
  }, { capture: true })
})()`

export const PAINTED_MS = `globalThis.paintedMs`

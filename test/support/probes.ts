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

const IN_SIGHT = `
  const visible = (element) =>
    element.checkVisibility({ visibilityProperty: true }) &&
    getComputedStyle(element).clipPath === 'none'
  const all = (selector) => [...document.querySelectorAll(selector)].filter(visible)
  const nameOf = (element) =>
    element.tagName.toLowerCase() + '.' + (element.getAttribute('class') ?? '') + ' ' +
    element.textContent.slice(0, 30)`

/** What lies beyond the panel's sides, over the bar or over a neighbour; a fraction is rounding. */
export const LAYOUT_FAULTS = `(() => {
  ${IN_SIGHT}
  const box = (element) => element.getBoundingClientRect()
  /** It stays in sight over what is scrolled, and is meant to. */
  const isSticky = (element) =>
    element !== null &&
    (getComputedStyle(element).position === 'sticky' || isSticky(element.parentElement))
  const faults = []
  const [screen] = all('.screen')
  const [bar] = all('.bar')
  for (const element of all('#app :is(h1, h2, p, li, button, .plate, .keys, .map, .chip)')) {
    const { left, right } = box(element)
    if (left < -1 || right > innerWidth + 1) faults.push('beyond the side: ' + nameOf(element))
  }
  if (box(screen).bottom > box(bar).top + 1) faults.push('the screen lies over the bar')
  if (box(bar).bottom > innerHeight + 1) faults.push('the bar ends below the panel')
  const parts = all('.bar .button, .bar strong')
  for (const part of parts) {
    if (box(part).top < box(bar).top - 1 || box(part).bottom > box(bar).bottom + 1) {
      faults.push('higher than the bar: ' + nameOf(part))
    }
  }
  const groups = [parts, all('.split > *, .menu-columns > *'), all('.content button'),
    all('.content > *')]
  for (const group of groups) {
    for (const [index, one] of group.entries()) {
      for (const other of group.slice(index + 1)) {
        const [a, b] = [box(one), box(other)]
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left)
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
        if (wide <= 1 || high <= 1 || isSticky(one) || isSticky(other)) continue
        faults.push(nameOf(one) + ' lies over ' + nameOf(other))
      }
    }
  }
  for (const element of all('.content :is(.button, .card, .told, .plate-row, .menu-side)')) {
    if (element.scrollHeight > element.clientHeight + 1) {
      faults.push('higher than its box: ' + nameOf(element))
    }
  }
  return faults
})()`

/** What other words push out of sight: the keys, the first answer, the help line's number. */
export const HIDDEN_FAULTS = `(() => {
  ${IN_SIGHT}
  const end = all('.bar')[0].getBoundingClientRect().top
  const first = [...all('.keys'), ...all('.screen .is-primary').slice(0, 1)]
  const faults = first
    .filter((element) => element.getBoundingClientRect().bottom > end + 1)
    .map((element) => 'out of sight: ' + nameOf(element))
  // Otherwise one of the two buttons leads to the page on which it stands.
  if (all('.bar-phone strong').length === 0 && all('.bar button').length < 2) {
    faults.push('no telephone number')
  }
  return faults
})()`

/** What scrolls lies under other things; unfolded, nothing does. */
export const UNFOLD = `(() => {
  document.querySelector('.frame').style.height = 'max-content'
  for (const element of document.querySelectorAll('.buttons, .answers, .menu-side > *')) {
    if (getComputedStyle(element).position === 'sticky') element.style.position = 'static'
  }
})()`

/** Words below 7 to 1 that axe passes over: on what is disabled, and on the drawn wall. */
export const LOW_CONTRASTS = `(() => {
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).map((each) => {
      const share = Number(each) / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const ratio = (one, other) => {
    const [low, high] = [light(one), light(other)].toSorted((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  }
  const pairs = [...document.querySelectorAll(':disabled, .door')].map((element) => {
    const isDoor = element.matches('.door')
    const word = getComputedStyle(isDoor ? element.querySelector('text') : element)
    const behind = getComputedStyle(isDoor ? element.querySelector('rect') : element)
    return isDoor ? [word.fill, behind.fill] : [word.color, behind.backgroundColor]
  })
  return pairs
    .filter(([word, behind]) => ratio(word, behind) < 7)
    .map(([word, behind]) => 'less than 7 to 1: ' + word + ' on ' + behind)
})()`

export const SCROLLED = `document.querySelector('.screen').scrollTop`

// The page beside the kiosk's own keypad and scanner, which the daemon reads.
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ScreenView, View } from '../../src/kiosk/view.ts'
import type { KeyFunction } from '../../src/screen/inputs/config.ts'
import { INPUTS_PER_WINDOW } from '../../src/screen/limits.ts'
import { openBrowser } from '../support/browser.ts'
import { HIDE, HTML } from '../support/probes.ts'
import { buildPages, openScreen, removePages, type TestScreen } from '../support/screen.ts'
import { screenNamed, viewOf } from '../support/views.ts'

const PIN = '86420975'
const SOON = { timeout: 5_000, interval: 20 }
const FOCUSED_TEXT = 'document.activeElement?.innerText.trim()'

let kiosk: TestScreen
let browser: BrowserContext
let page: Page
let frames: string[]

beforeAll(async () => {
  await buildPages()
  browser = await openBrowser()
}, 60_000)

afterAll(async () => {
  await browser?.close()
  removePages()
})

beforeEach(async () => {
  kiosk = await openScreen()
  page = await browser.newPage()
  frames = []
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => frames.push(String(payload))),
  )
})

afterEach(async () => {
  await page.close()
  await kiosk.screen.close()
})

async function open(screen: ScreenView, rest: Partial<View> = {}): Promise<void> {
  kiosk.screen.show(viewOf(screen, rest))
  await page.goto(kiosk.screen.url)
  await page.locator('.frame').waitFor()
}

const focused = () => page.evaluate<string>(FOCUSED_TEXT)
const dots = () => page.locator('.dot.is-typed').count()
const pads = (digits: string) => {
  for (const digit of digits) kiosk.screen.press(digit as KeyFunction)
}

async function sentCount(count: number): Promise<void> {
  await expect.poll(() => kiosk.sent.length, SOON).toBe(count)
}

describe('digits of the keypad', () => {
  test('are dots on the page, which learns nothing else of them', async () => {
    await open(screenNamed('welcome'), { rev: 4 })
    pads(PIN.slice(0, 7))
    await expect.poll(dots, SOON).toBe(7)
    pads(PIN.slice(7))
    await sentCount(1)
    expect(kiosk.sent[0]).toMatchObject({ rev: 4, intent: { kind: 'digits', digitCount: 8 } })
    await page.getByText('One moment').waitFor()
    kiosk.screen.answer(kiosk.sent[0]?.intentId ?? '', 'ok')
    await expect.poll(dots, SOON).toBe(0)
    expect(frames.length).toBeGreaterThan(9)
    for (const told of [...frames, await page.evaluate<string>(HTML)]) {
      expect(told).not.toMatch(/8642|0975/)
    }
  })

  test('are shown by a page that comes meanwhile, and forgotten with one that goes', async () => {
    await open(screenNamed('welcome'))
    pads('123')
    const second = await browser.newPage()
    await second.goto(kiosk.screen.url)
    await expect.poll(() => second.locator('.dot.is-typed').count(), SOON).toBe(3)
    await second.close({ runBeforeUnload: false })
    await page.reload()
    pads('1')
    await expect.poll(dots, SOON).toBe(1)
  })

  test('are forgotten when the screen changes, and when the page is hidden', async () => {
    await open(screenNamed('welcome'))
    pads('123')
    await expect.poll(dots, SOON).toBe(3)
    kiosk.screen.show(viewOf(screenNamed('help'), { rev: 2 }))
    kiosk.screen.show(viewOf(screenNamed('welcome'), { rev: 3 }))
    await expect.poll(dots, SOON).toBe(0)
    pads(PIN.slice(3))
    await expect.poll(dots, SOON).toBe(5)
    expect(kiosk.sent).toEqual([])
    await page.evaluate(HIDE)
    await expect.poll(dots, SOON).toBe(0)
    pads('1')
    await expect.poll(dots, SOON).toBe(1)
  })

  test('stay while the same screen only shows more', async () => {
    await open(screenNamed('welcome'))
    pads('123')
    kiosk.screen.show(viewOf(screenNamed('welcome-left-open'), { rev: 2 }))
    pads('4')
    await expect.poll(dots, SOON).toBe(4)
  })

  test('end where the screen is touched, which begins anew, and the other way round', async () => {
    await open(screenNamed('welcome'))
    pads('123')
    await expect.poll(dots, SOON).toBe(3)
    const touch = (digit: string) => page.getByRole('button', { name: digit, exact: true }).click()
    await touch('9')
    await expect.poll(dots, SOON).toBe(1)
    await touch('8')
    await expect.poll(dots, SOON).toBe(2)
    pads('5')
    await expect.poll(dots, SOON).toBe(1)
    await touch('7')
    await page.getByRole('button', { name: 'Delete' }).click()
    await expect.poll(dots, SOON).toBe(0)
    pads(PIN)
    await sentCount(1)
    expect(kiosk.sent[0]?.intent).toMatchObject({ digitCount: 8 })
  })
})

describe('keys of the keypad', () => {
  test('go through the buttons of the screen, and press', async () => {
    await open(screenNamed('welcome'), { rev: 3 })
    const all = await page.locator('button:not(.key)').allInnerTexts()
    expect(all.length).toBeGreaterThan(1)
    // Through all of them and round to the first one.
    for (const label of [...all, ...all.slice(0, 1)]) {
      kiosk.screen.press('next')
      await expect.poll(focused, SOON).toBe(label.trim())
    }
    kiosk.screen.press('previous')
    await expect.poll(focused, SOON).toBe('Courier')
    kiosk.screen.press('select')
    await sentCount(1)
    expect(kiosk.sent[0]).toMatchObject({ rev: 3, intent: { kind: 'press', action: 'courier' } })
  })

  test('reach the lockers of a wall that is drawn to be touched', async () => {
    await open(screenNamed('help'))
    for (const each of ['next', 'next', 'select'] as const) kiosk.screen.press(each)
    await sentCount(1)
    expect(kiosk.sent[0]?.intent).toEqual({ kind: 'press', action: 'desk', value: '2' })
  })

  test('take the primary action when nothing was chosen, and go back', async () => {
    await open(screenNamed('pickup-stuck'))
    expect(await page.locator('.is-primary').count()).toBe(1)
    kiosk.screen.press('enter')
    await sentCount(1)
    expect(kiosk.sent[0]?.intent).toMatchObject({ kind: 'press', action: 'retry' })
    kiosk.screen.show(viewOf(screenNamed('courier-code'), { rev: 2 }))
    await page.locator('.courier-code').waitFor()
    kiosk.screen.press('back')
    await sentCount(2)
    expect(kiosk.sent[1]?.intent).toMatchObject({ kind: 'press', action: 'back' })
  })

  test('press nothing where there is more than one primary action', async () => {
    await open(screenNamed('check-question'))
    expect(await page.locator('.is-primary').count()).toBe(2)
    kiosk.screen.press('select')
    kiosk.screen.press('back')
    await sentCount(1)
    expect(kiosk.sent[0]?.intent).toMatchObject({ action: 'back' })
  })

  test('press under one id, however many pages show the screen', async () => {
    await open(screenNamed('courier-code'))
    const second = await browser.newPage()
    await second.goto(kiosk.screen.url)
    await second.locator('.courier-code').waitFor()
    kiosk.screen.press('back')
    await sentCount(2)
    await second.close()
    const [one, other] = kiosk.sent
    expect(one?.intentId).toBe(other?.intentId)
  })

  test('see what has the focus', async () => {
    await open(screenNamed('welcome'))
    await page.touchscreen.tap(5, 5).catch(() => page.mouse.click(5, 5))
    kiosk.screen.press('next')
    const outline = () =>
      page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle')
    await expect.poll(outline, SOON).toBe('solid')
  })
})

describe('a scan of the daemon’s own scanner', () => {
  test('goes the way of a page’s, with the view that is shown', async () => {
    kiosk.screen.scan('TOO-EARLY')
    await open(screenNamed('courier-menu'), { rev: 9 })
    kiosk.screen.scan('JD014600003')
    expect(kiosk.sent).toHaveLength(1)
    expect(kiosk.sent[0]).toMatchObject({
      rev: 9,
      intent: { kind: 'scan', code: 'JD014600003', badgeIndex: 'badge-of-11' },
    })
    expect(frames.join()).not.toContain('JD014600003"')
  })

  test('that met a screen just gone is sent once more for the one that has come', async () => {
    await open(screenNamed('courier-menu'), { rev: 1 })
    kiosk.screen.scan('JD1')
    kiosk.screen.show(viewOf(screenNamed('courier-menu'), { rev: 2 }))
    kiosk.screen.answer(kiosk.sent[0]?.intentId ?? '', 'stale')
    expect(kiosk.sent.map(({ rev }) => rev)).toEqual([1, 2])
    kiosk.screen.answer(kiosk.sent[1]?.intentId ?? '', 'stale')
    expect(kiosk.sent).toHaveLength(2)
    expect(kiosk.logged.join()).not.toContain('JD1')
  })

  test('of a scanner gone mad is heard only so often', async () => {
    await open(screenNamed('courier-menu'))
    for (let each = 0; each < 2 * INPUTS_PER_WINDOW; each += 1) kiosk.screen.scan(`JD${each}`)
    expect(kiosk.sent).toHaveLength(INPUTS_PER_WINDOW)
  })
})

describe('a scanner that types into the page', () => {
  test('presses no button with its Enter, 80 times, and loses no code, however slow', async () => {
    const codes = Array.from({ length: 80 }, (_, index) => `S${String(index).padStart(2, '0')}`)
    for (const [index, code] of codes.entries()) {
      // A page of its own for each half: one may say only so much in five seconds.
      if (index % 40 === 0) {
        await sentCount(index)
        await open(screenNamed('courier-menu'))
        await page.locator('.card').first().focus()
      }
      // A few at 100 ms and more between characters.
      await page.keyboard.type(code, { delay: index % 20 === 0 ? 120 : 0 })
      await page.keyboard.press('Enter')
    }
    await sentCount(codes.length)
    const scans = kiosk.sent.map(({ intent }) => (intent.kind === 'scan' ? intent.code : intent))
    expect(scans).toEqual(codes)
  })
})

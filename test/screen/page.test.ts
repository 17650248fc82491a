// How the page behaves under a person's fingers, a scanner, and a daemon that stalls or dies.
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ScreenView, View } from '../../src/kiosk/view.ts'
import { LANGUAGES } from '../../src/screen/languages.ts'
import { SCAN_SENT_CHARS_MAX } from '../../src/screen/protocol.ts'
import { openBrowser } from '../support/browser.ts'
import { goldenText } from '../support/golden.ts'
import { OFFERS } from '../support/offers.ts'
import { ECHO_MS, FOCUSED, HIDE, HTML } from '../support/probes.ts'
import {
  buildPages,
  openScreen,
  removePages,
  type TestScreen,
  WEB_ROOT,
} from '../support/screen.ts'
import { HELLO, screenNamed, viewOf } from '../support/views.ts'

const PIN = '86420975'
const SCRIPT_GZIP_BYTES_MAX = 25_000
const PAGE_BYTES_MAX = 200_000
const ECHO_MAX_MS = 100

let kiosk: TestScreen
let browser: BrowserContext
let page: Page
let faults: string[]
let foreign: string[]

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
  faults = []
  foreign = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('request', (request) => {
    if (!/^(http|ws):\/\/127\.0\.0\.1:|^data:/.test(request.url())) foreign.push(request.url())
  })
})

afterEach(async () => {
  await page.close()
  await kiosk.screen.close()
  expect(faults).toEqual([])
  expect(foreign).toEqual([])
})

async function open(screen: ScreenView, rest: Partial<View> = {}): Promise<void> {
  kiosk.screen.show(viewOf(screen, rest))
  await page.goto(kiosk.screen.url)
  await page.locator('.frame').waitFor()
}

const dots = () => page.locator('.dot.is-typed').count()
const sentKinds = () => kiosk.sent.map(({ intent }) => intent.kind)

async function sentCount(count: number): Promise<void> {
  await expect.poll(() => kiosk.sent.length).toBe(count)
}

describe('the PIN pad', () => {
  test('takes touches in the order of a telephone and sends itself at the last digit', async () => {
    await open(screenNamed('welcome'), { rev: 5 })
    const keys = await page.locator('.key').allInnerTexts()
    expect(keys.map((label) => label.trim())).toEqual([...'1234567890', ''])
    for (const digit of PIN) await page.getByRole('button', { name: digit, exact: true }).click()
    await sentCount(1)
    expect(kiosk.sent[0]).toMatchObject({
      rev: 5,
      intent: { kind: 'digits', pinIndex: 'pin-of-8' },
    })
  })

  test('takes physical keys, Backspace, and nothing that is no digit', async () => {
    await open(screenNamed('welcome'))
    await page.keyboard.type('12ab')
    expect(await dots()).toBe(2)
    await page.keyboard.press('Backspace')
    expect(await dots()).toBe(1)
    await page.keyboard.type(PIN.slice(1))
    await sentCount(1)
    expect(sentKinds()).toEqual(['digits'])
  })

  test('echoes at once while the daemon says nothing, and shows dots only', async () => {
    await open(screenNamed('welcome'))
    const echoMs = await page.evaluate<number>(ECHO_MS)
    expect(echoMs).toBeLessThan(ECHO_MAX_MS)
    await page.keyboard.type('20975')
    expect(await page.locator('.dots-box').textContent()).not.toMatch(/4|20975/)
    const html = await page.evaluate<string>(HTML)
    expect(html).not.toContain('20975')
  })

  test('a refused PIN leaves an empty pad and a notice with its code', async () => {
    await open(screenNamed('welcome'))
    await page.keyboard.type(PIN)
    await sentCount(1)
    const notice = { key: 'pin-refused', code: 'LK-PIN-01', params: {} } as const
    kiosk.screen.show(viewOf(screenNamed('welcome'), { rev: 2, notice }))
    kiosk.screen.answer(kiosk.sent[0]?.intentId ?? '', 'ok')
    await page.getByRole('alert').getByText('LK-PIN-01').waitFor()
    await expect.poll(dots).toBe(0)
    await page.keyboard.type('1')
    expect(await dots()).toBe(1)
  })

  test('typed digits are forgotten when the screen changes', async () => {
    await open(screenNamed('welcome'))
    await page.keyboard.type('123')
    kiosk.screen.show(viewOf(screenNamed('help'), { rev: 2 }))
    await page.locator('.help').waitFor()
    kiosk.screen.show(viewOf(screenNamed('welcome'), { rev: 3 }))
    await page.locator('.welcome').waitFor()
    expect(await dots()).toBe(0)
    await page.keyboard.type(PIN.slice(3))
    expect(kiosk.sent).toEqual([])
  })

  test('typed digits are forgotten when the page is hidden, and after half a minute', async () => {
    await page.clock.install()
    await open(screenNamed('welcome'))
    await page.keyboard.type('123')
    await page.evaluate(HIDE)
    await expect.poll(dots).toBe(0)
    await page.keyboard.type('123')
    expect(await dots()).toBe(3)
    await page.clock.fastForward(31_000)
    await expect.poll(dots).toBe(0)
  })

  test('is closed while a wait runs, counts it down and opens by itself', async () => {
    await open(screenNamed('help'))
    const screen: ScreenView = { kind: 'welcome', digits: 8, waitMs: 1_500, leftOpen: [] }
    kiosk.screen.show(viewOf(screen, { rev: 2 }))
    await page.locator('.welcome').waitFor()
    expect(await page.locator('.key').first().isDisabled()).toBe(true)
    await page.keyboard.type('1')
    expect(await dots()).toBe(0)
    await page.getByText('Please wait 2 seconds').waitFor()
    await page.getByText('Please wait one second').waitFor()
    await page.getByText('Nothing typed yet').waitFor()
    await page.keyboard.type('1')
    expect(await dots()).toBe(1)
  })
})

describe('a scanner that types', () => {
  test('sends the framed code and presses no button with its Enter', async () => {
    await open(screenNamed('courier-menu'))
    await page.locator('.card').first().focus()
    await page.keyboard.type('JD014600 003828170', { delay: 60 })
    await page.keyboard.press('Enter')
    await sentCount(1)
    expect(kiosk.sent[0]?.intent).toEqual({
      kind: 'scan',
      code: 'JD014600 003828170',
      badgeIndex: 'badge-of-18',
    })
    await page.keyboard.type('A1')
    await page.keyboard.press('Enter')
    await sentCount(2)
    expect(sentKinds()).toEqual(['scan', 'scan'])
  })

  test('leaves Enter and Space to a person who has typed nothing', async () => {
    await open(screenNamed('courier-menu'))
    await page.locator('.card').first().focus()
    await page.keyboard.press('Enter')
    await sentCount(1)
    await page.keyboard.press('Space')
    await sentCount(2)
    expect(sentKinds()).toEqual(['press', 'press'])
  })

  test('reads a badge beside the pad, whose digits do not get into it', async () => {
    await open(screenNamed('courier-code'))
    await page.keyboard.type('B1234567890')
    expect(await dots()).toBe(0)
    await page.keyboard.press('Enter')
    await sentCount(1)
    expect(kiosk.sent[0]?.intent).toMatchObject({ kind: 'scan', code: 'B1234567890' })
    await page.keyboard.type('12')
    expect(await dots()).toBe(2)
  })

  test('reads a token on the first page, and puts no digit on the pad', async () => {
    await open(screenNamed('welcome'))
    await page.keyboard.type(goldenText('token/pickup.txt'))
    expect(await dots()).toBe(0)
    await page.keyboard.press('Enter')
    await sentCount(1)
    expect(kiosk.sent[0]?.intent).toEqual({ kind: 'token', claims: null })
    await page.keyboard.type('12')
    expect(await dots()).toBe(2)
  })

  test('cannot send a code longer than the contract allows', async () => {
    await open(screenNamed('courier-menu'))
    await page.keyboard.type('x'.repeat(SCAN_SENT_CHARS_MAX + 1))
    await page.keyboard.press('Enter')
    await page.keyboard.type('short')
    await page.keyboard.press('Enter')
    await sentCount(1)
    expect(kiosk.sent[0]?.intent).toMatchObject({ kind: 'scan', code: 'short' })
  })
})

test.each(OFFERS)('%s offers its actions', async (name, offers) => {
  await open(screenNamed(name), { rev: 7 })
  const buttons = page.locator('button:enabled:not(.key):not(.card)')
  expect(await buttons.count()).toBe(offers.length)
  for (const [label, action, value = null] of offers) {
    kiosk.sent.length = 0
    await page.getByRole('button', { name: label, exact: true }).click()
    await sentCount(1)
    expect(kiosk.sent[0]).toMatchObject({ rev: 7, intent: { kind: 'press', action, value } })
  }
})

test.each([
  ['courier-menu', 'deposit', 'p-0'],
  ['walk-in-recipient', 'recipient', 'r-0'],
  ['walk-in-size', 'size', 'S'],
  ['hand-in-size', 'size', 'S'],
  ['pickup-which-door', 'which', '3'],
])('a line of %s is touched', async (name, action, value) => {
  await open(screenNamed(name))
  await page.locator('.card').first().click()
  await sentCount(1)
  expect(kiosk.sent[0]?.intent).toEqual({ kind: 'press', action, value })
})

test('a locker that may hold no parcel of ours cannot be said to hold one', async () => {
  await open({ kind: 'check-question', lockerId: '7', parcel: null })
  expect(await page.getByRole('button', { name: 'A parcel is inside' }).count()).toBe(0)
})

test('the idle warning counts down, takes the focus, and has one answer', async () => {
  const menu = screenNamed('courier-menu')
  await open(menu, { idle: { warnInMs: 60_000, endInMs: 65_000 } })
  expect(await page.getByRole('alertdialog').count()).toBe(0)
  kiosk.screen.show(viewOf(menu, { rev: 2, idle: { warnInMs: 100, endInMs: 5_100 } }))
  await page.getByText('closes in 5 seconds').waitFor()
  expect(await page.evaluate(FOCUSED)).toBe('idle-title')
  await page.getByText('closes in 4 seconds').waitFor()
  await page.getByRole('button', { name: 'Yes, more time' }).click()
  await sentCount(1)
  expect(kiosk.sent[0]?.intent).toMatchObject({ action: 'stay' })
  kiosk.screen.show(viewOf(menu, { rev: 3 }))
  await page.getByRole('alertdialog').waitFor({ state: 'detached' })
  expect(await page.evaluate(FOCUSED)).toBe('H1')
})

describe('out of service', () => {
  test('is shown when the daemon is gone, and goes when it is back', async () => {
    await open(screenNamed('courier-menu'))
    const port = Number(new URL(kiosk.screen.url).port)
    await kiosk.screen.close()
    const lostAtMs = performance.now()
    await page.locator('.out-of-service').waitFor({ state: 'visible' })
    expect(performance.now() - lostAtMs).toBeLessThan(3_000)
    expect(await page.locator('.frame').count()).toBe(0)
    expect(await page.locator('.out-of-service').textContent()).toContain(HELLO.helpPhone)
    kiosk = await openScreen({ port })
    kiosk.screen.show(viewOf(screenNamed('welcome')))
    await page.locator('.welcome').waitFor({ timeout: 5_000 })
    expect(await page.locator('.out-of-service').isVisible()).toBe(false)
  })

  test('a short interruption is not shown', async () => {
    await open(screenNamed('welcome'))
    const port = Number(new URL(kiosk.screen.url).port)
    await kiosk.screen.close()
    kiosk = await openScreen({ port })
    kiosk.screen.show(viewOf(screenNamed('help'), { rev: 9 }))
    await page.locator('.help').waitFor({ timeout: 1_900 })
  })

  test('needs no script', async () => {
    const plain = await openBrowser({ javaScriptEnabled: false })
    const still = await plain.newPage()
    await still.goto(kiosk.screen.url)
    const words = await still.locator('.out-of-service').textContent()
    expect(await still.locator('.out-of-service').isVisible()).toBe(true)
    await plain.close()
    expect(words).toContain(HELLO.helpPhone)
    expect(words).toContain(HELLO.kioskId)
  })

  test('does not flash at a normal start', async () => {
    await page.goto(kiosk.screen.url)
    expect(await page.locator('.out-of-service').isVisible()).toBe(false)
    await page.locator('.out-of-service').waitFor({ state: 'visible', timeout: 4_000 })
  })
})

test('the page speaks the view’s language in its direction, and looks as it is liked', async () => {
  const likes = { language: 'ar', isLarge: true, isContrast: true, isSlow: false }
  await open(screenNamed('welcome'), { preferences: likes })
  await page.getByRole('heading', { level: 1, name: 'استلام الطرد' }).waitFor()
  const root = page.locator('html')
  expect(await root.getAttribute('dir')).toBe('rtl')
  expect(await root.getAttribute('lang')).toBe('ar')
  expect(await root.getAttribute('class')).toBe('is-large is-contrast')
  const pressed = page.locator('[aria-pressed="true"]')
  expect(await pressed.count()).toBe(3)
  kiosk.screen.show(viewOf(screenNamed('welcome'), { rev: 2 }))
  await page.getByRole('heading', { level: 1, name: 'Collect your parcel' }).waitFor()
  expect(await root.getAttribute('dir')).toBe('ltr')
  expect(await root.getAttribute('class')).toBe('')
})

test('without the sentences of a language the page goes on in the one it has', async () => {
  await page.route('**/assets/de-*.json', (route) => route.abort())
  await open(screenNamed('welcome'))
  const likes = { language: 'de', isLarge: true, isContrast: false, isSlow: false }
  kiosk.screen.show(viewOf(screenNamed('welcome'), { rev: 2, preferences: likes }))
  await page.locator('.is-large').waitFor()
  await page.getByRole('heading', { level: 1, name: 'Collect your parcel' }).waitFor()
  await page.unroute('**/assets/de-*.json')
})

test('a page that got no sentences at first asks for them again', async () => {
  await page.route('**/assets/en-*.json', (route) => route.abort(), { times: 1 })
  await open(screenNamed('welcome'))
  await page.getByRole('heading', { level: 1, name: 'Collect your parcel' }).waitFor()
})

test('the page keeps its budgets: of script, and of all that it needs for one language', () => {
  const folder = `${WEB_ROOT}/assets`
  const bytesOf = (end: string) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(end))
      .map((name) => gzipSync(readFileSync(`${folder}/${name}`)).length)
  const sumOf = (bytes: readonly number[]) => bytes.reduce((sum, each) => sum + each, 0)
  const scripts = sumOf(bytesOf('.js'))
  expect(scripts).toBeLessThan(SCRIPT_GZIP_BYTES_MAX)
  const languages = bytesOf('.json')
  expect(languages).toHaveLength(LANGUAGES.length)
  expect(scripts + sumOf(bytesOf('.css')) + Math.max(...languages)).toBeLessThan(PAGE_BYTES_MAX)
})

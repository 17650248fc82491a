// The screens of a guided audit under a technician's fingers: what each of them offers, and what is
// sent for it.
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { buildPages, openScreen, removePages, type TestScreen } from '../support/screen.ts'
import { screenNamed, viewOf } from '../support/views.ts'

let kiosk: TestScreen
let browser: BrowserContext
let page: Page
let faults: string[]

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
  page.on('pageerror', (error) => faults.push(String(error)))
})

afterEach(async () => {
  await page.close()
  await kiosk.screen.close()
  expect(faults).toEqual([])
})

async function open(name: string): Promise<void> {
  kiosk.screen.show(viewOf(screenNamed(name), { rev: 7 }))
  await page.goto(kiosk.screen.url)
  await page.locator('.frame').waitFor()
}

type Offer = readonly [label: string, action: string, value?: string]

const OFFERS: readonly (readonly [string, readonly Offer[]])[] = [
  [
    'staff-menu',
    [
      ['Next page', 'page', '1'],
      ['Begin an audit', 'audit'],
      ['Sign out', 'sign-out'],
    ],
  ],
  [
    'audit-offer',
    [
      ['Go on with the audit', 'audit'],
      ['End the audit', 'audit-end'],
      ['Back', 'back'],
    ],
  ],
  [
    'audit-choice',
    [
      ['All 24 lockers', 'audit', 'all'],
      ['All, longest unchecked first', 'audit', 'oldest'],
      ['The 3 in doubt', 'audit', 'doubtful'],
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((n): Offer => [String(n), 'audit', `column ${n}`]),
      ['Back', 'back'],
    ],
  ],
  ['audit-opening', []],
  ['audit-open', [['Pause', 'pause']]],
  ['audit-open-long', [['The door is shut', 'said-shut']]],
  [
    'audit-stuck',
    [
      ['Try again', 'retry'],
      ['It is open', 'said-open'],
      ['Leave this door', 'skip'],
      ['Pause', 'pause'],
    ],
  ],
  [
    'audit-question',
    [
      ['As expected', 'matches'],
      ['It is empty', 'found-empty'],
      ['Another parcel', 'found-other'],
      ['I cannot tell', 'found-unknown'],
      ['Open door 7 again', 'retry'],
      ['Pause', 'pause'],
    ],
  ],
  [
    'audit-question-empty',
    [
      ['It is empty', 'matches'],
      ['A parcel is inside', 'found-other'],
      ['I cannot tell', 'found-unknown'],
      ['Open door 7 again', 'retry'],
      ['Pause', 'pause'],
    ],
  ],
  [
    'audit-question-unsure',
    [
      ['It is empty', 'found-empty'],
      ['A parcel is inside', 'found-other'],
      ['I cannot tell', 'found-unknown'],
      ['Open door 7 again', 'retry'],
      ['Pause', 'pause'],
    ],
  ],
  [
    'audit-other',
    [
      ['I cannot tell which', 'skip'],
      ['Back', 'back'],
    ],
  ],
]

test.each(OFFERS)('%s offers its actions', async (name, offers) => {
  await open(name)
  const buttons = page.locator('button:enabled:not(.card)')
  expect(await buttons.count()).toBe(offers.length)
  for (const [label, action, value = null] of offers) {
    kiosk.sent.length = 0
    await page.getByRole('button', { name: label, exact: true }).click()
    await expect.poll(() => kiosk.sent.length).toBe(1)
    expect(kiosk.sent[0]).toMatchObject({ rev: 7, intent: { kind: 'press', action, value } })
  }
})

test('a missed parcel is touched by its number, and another one is scanned', async () => {
  await open('audit-other')
  await page.locator('.card').first().click()
  await expect.poll(() => kiosk.sent.length).toBe(1)
  const value = 'p-0'
  expect(kiosk.sent[0]?.intent).toEqual({ kind: 'press', action: 'found-parcel', value })
  kiosk.sent.length = 0
  await page.keyboard.type('JD77', { delay: 1 })
  await page.keyboard.press('Enter')
  await expect.poll(() => kiosk.sent.length).toBe(1)
  expect(kiosk.sent[0]?.intent).toMatchObject({ kind: 'scan', code: 'JD77' })
})

test('of a parcel the screen tells its number, and never for whom it is', async () => {
  await open('audit-question')
  const words = (await page.locator('main.screen').textContent()) ?? ''
  expect(words).toContain('JD014600003828172')
  expect(words).toContain('5 of 24 lockers done')
})

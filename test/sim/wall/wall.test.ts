// The page of the simulated wall and its server: hands, letters, announcements.
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { WallServerMessage } from '../../../sim/wall/protocol.ts'
import { startWall, type WallServer } from '../../../sim/wall/server.ts'
import { axeFaults } from '../../support/axe.ts'
import { openBrowser } from '../../support/browser.ts'
import { type Client, connect } from '../../support/client.ts'
import { buildPages, removePages, WEB_ROOT } from '../../support/screen.ts'
import { MemoryPost, MemoryWall } from '../../support/wall-world.ts'

const ID = 'a1b2c3d4-0000'
let world: MemoryWall
let post: MemoryPost
let server: WallServer

beforeAll(buildPages, 60_000)

afterAll(removePages)

beforeEach(async () => {
  world = new MemoryWall()
  post = new MemoryPost()
  const webRoot = `${WEB_ROOT}/wall`
  server = await startWall({ host: '127.0.0.1', port: 0, webRoot, world, post })
})

afterEach(() => server.close())

const isKind = (kind: WallServerMessage['kind']) => (message: WallServerMessage) =>
  message.kind === kind

describe('the wall’s server', () => {
  let client: Client<WallServerMessage>

  beforeEach(() => {
    client = connect<WallServerMessage>(`${server.url}wall`)
  })

  afterEach(() => client.close())

  test('sends the whole world at once and after each change', async () => {
    await client.next(isKind('world'))
    client.messages.length = 0
    world.change('14', { door: 'open' })
    const told = await client.next(isKind('world'))
    expect(JSON.stringify(told)).toContain('"id":"14","size":"M","bottomMm":1450,"door":"open"')
  })

  test('does what hands do, and says why not', async () => {
    client.send({ id: ID, request: { kind: 'force-open', lockerId: '14' } })
    await client.next(isKind('done'))
    expect(world.door('14').door).toBe('open')
    client.send({ id: ID, request: { kind: 'put-in', lockerId: '3', label: '' } })
    expect(await client.next(isKind('refused'))).toMatchObject({ reason: 'The door is closed.' })
  })

  test('announces a parcel', async () => {
    const announcement = {
      way: 'return',
      recipientId: 'r-1',
      size: 'M',
      tracking: 'LK0123456789',
    }
    client.send({ id: ID, request: { kind: 'announce', ...announcement } })
    await client.next(isKind('done'))
    expect(post.announced).toEqual([announcement])
  })

  test.each([
    ['no JSON', 'open'],
    ['no id', { request: { kind: 'close', lockerId: '3' } }],
    ['an unknown command', { id: ID, request: { kind: 'burn', lockerId: '3' } }],
    ['no locker', { id: ID, request: { kind: 'close' } }],
    ['a field too many', { id: ID, request: { kind: 'close', lockerId: '3', force: true } }],
    [
      'a label too long',
      { id: ID, request: { kind: 'put-in', lockerId: '3', label: 'x'.repeat(65) } },
    ],
    [
      'an announcement without a size',
      { id: ID, request: { kind: 'announce', recipientId: 'r-1' } },
    ],
  ])('%s changes nothing', async (_name, message) => {
    client.sendText(typeof message === 'string' ? message : JSON.stringify(message))
    expect(await client.next(isKind('error'))).toMatchObject({ code: 'LK-SCR-01' })
    expect([world.commands, post.announced]).toEqual([[], []])
  })

  test('another page gets no socket', async () => {
    const other = connect<WallServerMessage>(`${server.url}wall`, { origin: 'http://evil.example' })
    await other.closed
    expect(other.messages).toEqual([])
  })
})

describe('the wall’s page', () => {
  let browser: BrowserContext
  let page: Page

  beforeAll(async () => {
    browser = await openBrowser({ viewport: { width: 1440, height: 900 } })
  })

  afterAll(() => browser?.close())

  beforeEach(async () => {
    page = await browser.newPage()
    await page.goto(server.url)
    await page.locator('.door').first().waitFor()
  })

  afterEach(() => page.close())

  test('draws every door to scale', async () => {
    expect(await page.locator('.door').count()).toBe(23)
    const small = await page.getByRole('button', { name: /^Door 1,/ }).boundingBox()
    const large = await page.getByRole('button', { name: /^Door 5,/ }).boundingBox()
    expect((large?.height ?? 0) / (small?.height ?? 1)).toBeCloseTo(4, 0)
  })

  test('a door that opens is at hand; a parcel is put in and the door is shut', async () => {
    world.change('14', { door: 'open' })
    await page.getByRole('heading', { name: 'Door 14' }).waitFor()
    await page.getByRole('button', { name: 'Put a parcel in' }).click()
    await expect.poll(() => world.door('14').contents).toEqual(['Parcel'])
    await page.getByRole('button', { name: 'Push the door shut' }).click()
    await expect.poll(() => world.door('14').door).toBe('closed')
    await page.getByRole('button', { name: 'Door 14, closed, 1 parcel inside' }).waitFor()
  })

  test('a door is blocked, unblocked and forced', async () => {
    await page.getByRole('button', { name: /^Door 9,/ }).click()
    await page.getByRole('button', { name: 'Block the door', exact: true }).click()
    await expect.poll(() => world.door('9').isBlocked).toBe(true)
    await page.getByRole('button', { name: 'Unblock the door' }).click()
    await expect.poll(() => world.door('9').isBlocked).toBe(false)
    await page.getByRole('button', { name: 'Force it open' }).click()
    await expect.poll(() => world.door('9').door).toBe('open')
    await page.getByRole('button', { name: 'Take everything out' }).isDisabled()
  })

  test('letters arrive with a readable PIN, the newest first', async () => {
    const letter = { recipient: 'Flat 3', atWallMs: 0 }
    post.write({ ...letter, id: 'l-1', text: 'Your parcel is in locker 5, PIN 48210573.' })
    post.write({ ...letter, id: 'l-2', text: 'Your parcel is in locker 6, PIN 90317264.' })
    await page.getByText('90317264').waitFor()
    expect(await page.locator('.letter .secret').allTextContents()).toEqual([
      '90317264',
      '48210573',
    ])
  })

  test('a parcel is announced with the form', async () => {
    await page.getByLabel('Recipient').selectOption({ label: 'Flat 5' })
    await page.getByLabel('Size').selectOption('L')
    await page.getByLabel('Way').selectOption('return')
    await page.getByRole('button', { name: 'Announce' }).click()
    await page.getByText('Announced: LK').waitFor()
    expect(post.announced).toMatchObject([{ way: 'return', recipientId: 'r-2', size: 'L' }])
  })

  test('is usable by everybody', async () => {
    world.change('14', { door: 'open', contents: ['Parcel'] })
    world.change('9', { isBlocked: true })
    await page.getByRole('heading', { name: 'Door 14' }).waitFor()
    expect(await axeFaults(page)).toEqual([])
  })
})

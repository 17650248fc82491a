// A person in front of the kiosk's screen: what one can read there, and what one can touch and
// type.
import type { BrowserContext, Page } from 'playwright-core'
import { openBrowser } from './browser.ts'
import { COURIER } from './rig.ts'

const LOOK_MAX_MS = 10_000
/** Set once on a page; gone when the page was loaded anew. */
const MARK = `globalThis.isMarked = true`
const IS_MARKED = `globalThis.isMarked === true`

export class Touchscreen {
  readonly page: Page
  /** Errors of the page's own program. */
  readonly faults: string[] = []
  readonly #browser: BrowserContext

  private constructor(browser: BrowserContext, page: Page) {
    this.#browser = browser
    this.page = page
    page.setDefaultTimeout(LOOK_MAX_MS)
    page.on('pageerror', (error) => this.faults.push(String(error)))
  }

  /** A browser that shows nothing yet. */
  static async switchOn(): Promise<Touchscreen> {
    const browser = await openBrowser()
    return new Touchscreen(browser, browser.pages()[0] ?? (await browser.newPage()))
  }

  static async open(url: string): Promise<Touchscreen> {
    const screen = await Touchscreen.switchOn()
    await screen.goTo(url)
    return screen
  }

  async goTo(url: string): Promise<void> {
    await this.page.goto(url)
    await this.sees('Collect your parcel')
  }

  /** Waits for the screen with this heading. */
  async sees(title: string | RegExp): Promise<string> {
    const heading = this.page.getByRole('heading', { level: 1, name: title })
    await heading.waitFor()
    return (await heading.textContent()) ?? ''
  }

  async reads(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor()
  }

  async touches(name: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name }).first().click()
  }

  async types(digits: string, { keyEveryMs = 0 } = {}): Promise<void> {
    await this.page.keyboard.type(digits, { delay: keyEveryMs })
  }

  /** A scanner that is plugged in as a keyboard. */
  async scans(code: string): Promise<void> {
    await this.page.keyboard.type(`${code}\n`)
  }

  async signsIn(): Promise<void> {
    await this.sees('Collect your parcel')
    await this.touches('Courier')
    await this.sees('Courier sign-in')
    await this.types(COURIER.code)
    await this.sees(`Hello, ${COURIER.label}`)
  }

  async signsOut(): Promise<void> {
    await this.touches('Sign out')
    await this.sees('Collect your parcel')
  }

  /** @returns the locker whose door is open now */
  async seesOpenDoor(): Promise<string> {
    const title = await this.sees(/^(Cancelled: d|D)oor .+ is open$/)
    return /oor (.+) is open/.exec(title)?.[1] ?? ''
  }

  async mark(): Promise<void> {
    await this.page.evaluate(MARK)
  }

  /** True when the page has not been loaded anew since {@link mark}. */
  isMarked(): Promise<boolean> {
    return this.page.evaluate<boolean>(IS_MARKED)
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }
}

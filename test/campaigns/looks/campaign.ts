// The page in every look there is: each screen, in each mode and language, on each panel.
import { openBrowser } from '../../support/browser.ts'
import { allLooks, Looker, nameOf } from '../../support/looks.ts'
import { buildPages, openScreen, removePages } from '../../support/screen.ts'

export interface LooksOptions {
  /** What the name of a look must contain: a screen, a mode, a language, a panel. */
  readonly only: readonly string[]
  readonly onProgress?: (done: number, total: number) => void
}

export interface LooksOutcome {
  readonly drawn: number
  /** By the name of the look. */
  readonly faults: ReadonlyMap<string, readonly string[]>
}

export async function runLooks({ only, onProgress }: LooksOptions): Promise<LooksOutcome> {
  const looks = allLooks().filter((look) => {
    const parts = nameOf(look).split(', ')
    return only.every((part) => parts.includes(part))
  })
  if (looks.length === 0) throw new Error(`There is no such look: ${only.join(', ')}.`)
  await buildPages()
  const kiosk = await openScreen()
  const browser = await openBrowser()
  try {
    const page = await browser.newPage()
    await page.goto(kiosk.screen.url)
    const looker = new Looker(kiosk, page)
    const faults = new Map<string, readonly string[]>()
    for (const [index, look] of looks.entries()) {
      const found = await looker.judge(look)
      if (found.length > 0) faults.set(nameOf(look), found)
      onProgress?.(index + 1, looks.length)
    }
    return { drawn: looks.length, faults }
  } finally {
    await browser.close()
    await kiosk.screen.close()
    removePages()
  }
}

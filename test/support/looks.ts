// Judges one screen as it stands in a real browser: nothing beyond an edge, nothing over the bar,
// what is needed first in sight, focus on the heading, nothing that axe objects to.
import type { Page } from 'playwright-core'
import { createRandom } from '../../sim/world/random.ts'
import type { Preferences } from '../../src/kiosk/preferences.ts'
import type { ScreenView, View } from '../../src/kiosk/view.ts'
import { LANGUAGES } from '../../src/screen/languages.ts'
import { axeFaults } from './axe.ts'
import type { Viewport } from './browser.ts'
import {
  DOWNWARD_EXCESS,
  FOCUSED,
  HIDDEN_FAULTS,
  LAYOUT_FAULTS,
  LOW_CONTRASTS,
  SIDEWAYS_EXCESS,
  UNFOLD,
} from './probes.ts'
import type { TestScreen } from './screen.ts'
import { SCREENS, screenNamed, viewOf } from './views.ts'

const REFERENCE: Viewport = { width: 1280, height: 800 }

const PANELS: readonly Viewport[] = [
  REFERENCE,
  { width: 800, height: 480 },
  { width: 800, height: 1280 },
  { width: 1920, height: 1080 },
]

/** 200 %: the reference panel with half as many pixels. */
const ZOOMED: Viewport = { width: 640, height: 400 }

const MODES = ['normal', 'contrast', 'large', 'zoomed', 'forced'] as const
export type Mode = (typeof MODES)[number]

export interface Look {
  readonly screen: string
  readonly mode: Mode
  readonly language: string
  readonly panel: Viewport
}

/** All of them. Zoomed is drawn once: half of the reference panel is a panel of its own. */
export function allLooks(): readonly Look[] {
  return MODES.flatMap((mode) =>
    (mode === 'zoomed' ? [ZOOMED] : PANELS).flatMap((panel) =>
      LANGUAGES.flatMap(({ code: language }) =>
        Object.keys(SCREENS).map((screen) => ({ screen, mode, language, panel })),
      ),
    ),
  )
}

/** Every screen once, each in a look of its own: the same ones in every run. */
export function someLooks(seed: string): readonly Look[] {
  const random = createRandom(seed)
  const looks = Map.groupBy(allLooks(), ({ screen }) => screen)
  return [...looks.values()].map((each) => random.pick(each))
}

export function nameOf({ screen, mode, language, panel }: Look): string {
  return `${screen}, ${mode}, ${language}, ${panel.width} × ${panel.height}`
}

/** A page and the server that shows it views. */
export class Looker {
  #rev = 0
  readonly #kiosk: TestScreen
  readonly #page: Page

  constructor(kiosk: TestScreen, page: Page) {
    this.#kiosk = kiosk
    this.#page = page
  }

  /** Shows a view and waits until it is drawn: the page tells its frames, not its views. */
  async show(screen: ScreenView, rest: Partial<View> = {}): Promise<void> {
    const { screen: server } = this.#kiosk
    const { preferences } = rest
    const gap = `gap-${this.#rev + 1}`
    // Through an empty screen, so that what is found afterwards belongs to this view.
    const empty = { kind: 'deposit-finishing', lockerId: gap } as const
    const kept = preferences === undefined ? {} : { preferences }
    this.#rev += 1
    server.show(viewOf(empty, { rev: this.#rev, ...kept }))
    await this.#page.getByText(gap).waitFor()
    this.#rev += 1
    server.show(viewOf(screen, { rev: this.#rev, ...rest }))
    await this.#page.getByText(gap).waitFor({ state: 'detached' })
  }

  /** @returns what is wrong with it, in words */
  async judge({ screen, mode, language, panel }: Look): Promise<readonly string[]> {
    const page = this.#page
    const preferences: Preferences = {
      language,
      isLarge: mode === 'large',
      isContrast: mode === 'contrast',
      isSlow: false,
    }
    await page.setViewportSize(panel)
    await page.emulateMedia({ forcedColors: mode === 'forced' ? 'active' : 'none' })
    await this.show(screenNamed(screen), { preferences })
    return this.#faultsNow(mode, panel === REFERENCE)
  }

  /** Needed first must be in sight on the reference panel; other panels may scroll. */
  async #faultsNow(mode: Mode, isReference: boolean): Promise<readonly string[]> {
    const page = this.#page
    const isLarge = mode === 'large'
    const sideways = await page.evaluate<readonly number[]>(SIDEWAYS_EXCESS)
    const faults = sideways.map((pixels) => `wider than its box by ${pixels}`)
    faults.push(...(await page.evaluate<readonly string[]>(LAYOUT_FAULTS)))
    if (isReference && isLarge) faults.push(...(await page.evaluate<string[]>(HIDDEN_FAULTS)))
    if (isReference && !isLarge) {
      const [downward = 0] = await page.evaluate<readonly number[]>(DOWNWARD_EXCESS)
      if (downward > 0) faults.push(`${downward} pixels below the edge`)
    }
    const focused = await page.evaluate<string>(FOCUSED)
    if (focused !== 'H1') faults.push(`the focus is on ${focused}`)
    if (mode === 'contrast') {
      faults.push(...(await page.evaluate<readonly string[]>(LOW_CONTRASTS)))
    }
    if (isLarge || mode === 'zoomed') await page.evaluate(UNFOLD)
    return [...faults, ...(await axeFaults(page))]
  }
}

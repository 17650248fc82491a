// Runs axe in a page and returns what a person could not use, each with the element it found.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface WithAxe {
  readonly axe?: { run(options: RunOptions): Promise<AxeResults> }
}

export async function axeFaults(page: Page): Promise<readonly string[]> {
  // Evaluated, not added as an element: the page's policy forbids foreign scripts, as it should.
  const isThere = await page.evaluate(() => (globalThis as WithAxe).axe !== undefined)
  if (!isThere) await page.evaluate(readFileSync(AXE, 'utf8'))
  const results = await page.evaluate(
    async (options: RunOptions) => {
      const { axe } = globalThis as WithAxe
      return axe?.run(options)
    },
    { runOnly: TAGS, resultTypes: ['violations'] },
  )
  if (results === undefined || results.passes.length === 0) throw new Error('axe found nothing')
  return results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
  )
}

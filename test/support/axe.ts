// Runs axe in a page and returns what a person could not use, each with the element it found.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const OPTIONS = JSON.stringify({
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
})

export async function axeFaults(page: Page): Promise<readonly string[]> {
  // Evaluated, not added as an element: the page's policy forbids foreign scripts, as it should.
  if (await page.evaluate<boolean>('globalThis.axe === undefined')) {
    await page.evaluate(readFileSync(AXE, 'utf8'))
  }
  const { violations, passes } = await page.evaluate<AxeResults>(`axe.run(${OPTIONS})`)
  if (passes.length === 0) throw new Error('axe looked at nothing.')
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

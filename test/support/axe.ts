// Runs axe in a page and returns what a person could not use, each with the element it found.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, NodeResult, Result } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const OPTIONS = JSON.stringify({
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  rules: { 'color-contrast-enhanced': { enabled: true } },
  resultTypes: ['violations', 'incomplete'],
})

export async function axeFaults(page: Page): Promise<readonly string[]> {
  // Evaluated, not added as an element: the page's policy forbids foreign scripts, as it should.
  if (await page.evaluate<boolean>('globalThis.axe === undefined')) {
    await page.evaluate(readFileSync(AXE, 'utf8'))
  }
  const { violations, incomplete, passes } = await page.evaluate<AxeResults>(`axe.run(${OPTIONS})`)
  if (passes.length === 0) throw new Error('axe looked at nothing.')
  const undecided = incomplete.map(({ nodes, ...each }) => ({
    ...each,
    nodes: nodes.filter((node) => isOpen(each.id, node)),
  }))
  return [
    ...violations.map(told),
    ...undecided.filter(({ nodes }) => nodes.length > 0).map((each) => `undecided ${told(each)}`),
  ]
}

function told({ id, nodes }: Result): string {
  return `${id}: ${nodes.map(({ html }) => html).join(' ')}`
}

/**
 * What stands behind the drawn wall's labels axe cannot tell (`LOW_CONTRASTS` measures them), nor
 * that the heading inside a page that scrolls has the focus, and the arrow keys with it. Nor what
 * the doors of the simulated wall are painted with: dark figures on two light greys.
 */
function isOpen(id: string, { html }: NodeResult): boolean {
  const isOnPaint = html.startsWith('<text') || html.startsWith('<span class="leaf-label"')
  return id !== 'scrollable-region-focusable' && !isOnPaint
}

// Writes docs/facts.md, the list of every kind of fact, from the table in src/kiosk/audit.ts.
import { writeFileSync } from 'node:fs'
import { AUDIT } from '../src/kiosk/audit.ts'
import { table } from './table.ts'

export const FACTS_PAGE = new URL('../docs/facts.md', import.meta.url)

export function factsPage(): string {
  const rows = Object.entries(AUDIT)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, { category, severity, meaning }]) => [`\`${kind}\``, category, severity, meaning])
  return `# Kinds of facts

What happened is stored as a fact: numbered, chained and sent to central, which reads it as
\`type\`, the kind and a version. Each kind is filed under who caused it and how much it matters, so
that an audit can be read by category and severity. This page is made from \`src/kiosk/audit.ts\` by
\`npm run docs:facts\`.

${table([['kind', 'category', 'severity', 'says'], ...rows]).join('\n')}

- \`user\`: somebody at the screen did it · \`admin\`: a technician or an operator
- \`security\`: somebody may have tried what is not theirs · \`error\`: something did not work
- \`system\`: the kiosk did it by rule
`
}

if (import.meta.main) writeFileSync(FACTS_PAGE, factsPage())

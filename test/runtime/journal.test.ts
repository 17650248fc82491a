import { expect, test } from 'vitest'
import { CODES } from '../../src/kiosk/codes.ts'
import { createJournal } from '../../src/runtime/journal.ts'
import { CODE_BY_CAUSE } from '../../src/sync/machine/cause-codes.ts'

function journal() {
  const lines: { readonly level: string; readonly fields: object; readonly text: string }[] = []
  const at = (level: string) => (fields: object, text: string) =>
    lines.push({ level, fields, text })
  const log = { info: at('info'), warn: at('warn') } as unknown as Parameters<
    typeof createJournal
  >[0]
  return { lines, journal: createJournal(log) }
}

test('a lost connection is told with its code and the reason, and its return as well', () => {
  const { lines, journal: written } = journal()
  const detail = 'it begins on 2026-11-01, and the kiosk’s clock says 1970-01-01'
  written.hearLink({ kind: 'link-down', session: 's', cause: 'broker-too-new', detail })
  written.hearLink({ kind: 'link-up', session: 's', protocol: '5' })
  expect(lines).toMatchObject([
    {
      level: 'warn',
      fields: { event: 'uplink-lost', code: 'LK-LINK-13', cause: 'broker-too-new', detail },
      text: CODES['LK-LINK-13'],
    },
    { level: 'info', fields: { event: 'uplink-returned', protocol: '5' } },
  ])
})

test('every cause has a code of the connection', () => {
  for (const code of Object.values(CODE_BY_CAUSE)) expect(code).toMatch(/^LK-LINK-\d\d$/)
})

// The manual's page of codes is the list in the source, told for people.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CODES_PAGE, codesPage } from '../../.tools/codes.ts'
import { CODES } from '../../src/kiosk/codes.ts'

test('the page of codes is up to date (npm run docs:codes)', () => {
  expect(readFileSync(CODES_PAGE, 'utf8')).toBe(codesPage())
})

test('the page tells every code once', () => {
  const told = [...codesPage().matchAll(/^\| `(LK-[A-Z]+-\d\d)` +\|/gm)].map(([, code]) => code)
  expect(told.sort()).toEqual(Object.keys(CODES).sort())
  expect(told.length).toBeGreaterThan(35)
})

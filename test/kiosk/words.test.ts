// The stable words of the rules: each has its own sentence.
import { expect, test } from 'vitest'
import { NEXT_STEPS } from '../../src/kiosk/next-steps.ts'
import { REASONS } from '../../src/kiosk/reasons.ts'

test.each([
  ['reason', REASONS],
  ['next step', NEXT_STEPS],
])('every %s has a sentence of its own', (_, table) => {
  const sentences = Object.values(table)
  expect(sentences.length).toBeGreaterThan(10)
  expect(new Set(sentences).size).toBe(sentences.length)
})

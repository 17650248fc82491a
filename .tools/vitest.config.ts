import { defineConfig } from 'vitest/config'
import { ALONE, Tally } from './tally.ts'

/** Tests that judge how long something took: what runs beside them would be in their figures. */
const MEASURING = 'test/**/*.alone.test.ts'
/** They need other people's software; `npm run test:interop` runs them. */
const INTEROP = 'test/interop/**/*.test.ts'

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    root: new URL('..', import.meta.url).pathname,
    // A real SerialPort dies in a worker thread.
    pool: 'forks',
    maxWorkers: 2,
    // Tests that say `concurrent` wait for real time, not for the processor.
    maxConcurrency: 64,
    allowOnly: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default', new Tally()],
    // A group begins when the one before it has ended; Tally watches over it.
    projects: [
      {
        extends: true,
        test: {
          name: 'side-by-side',
          include: ['test/**/*.test.ts'],
          exclude: [MEASURING, INTEROP],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'interop', include: [INTEROP], sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: ALONE, include: [MEASURING], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
})

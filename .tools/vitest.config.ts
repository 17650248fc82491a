import { defineConfig } from 'vitest/config'
import { Tally } from './tally.ts'

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // A real SerialPort dies in a worker thread.
    pool: 'forks',
    maxWorkers: 2,
    // Tests that say `concurrent` wait for real time, not for the processor.
    maxConcurrency: 32,
    allowOnly: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default', new Tally()],
  },
})

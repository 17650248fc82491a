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
    allowOnly: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default', new Tally()],
  },
})

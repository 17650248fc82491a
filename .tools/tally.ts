// Ends every test run with one plain line, "N passed, N failed", whatever went wrong before it.
import { writeSync } from 'node:fs'
import process from 'node:process'
import type { Reporter, TestModule } from 'vitest/node'

const STDOUT = 1

export class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0
    let failed = unhandled.length + (modules.length === 0 ? 1 : 0)
    for (const module of modules) {
      const tests = [...module.children.allTests()].map((test) => test.result().state)
      passed += tests.filter((state) => state === 'passed').length
      // A skipped test is a failure here: a missing tool must never turn a run green.
      failed += tests.filter((state) => state !== 'passed').length
      failed += module.errors().length
      for (const suite of module.children.allSuites()) failed += suite.errors().length
    }
    // A set exit code beats the runner's own success, and a bad exit never says "0 failed".
    if (failed > 0) process.exitCode = 1
    process.once('exit', (code) => {
      writeSync(STDOUT, `\n${passed} passed, ${code !== 0 && failed === 0 ? 1 : failed} failed\n`)
    })
  }
}

// Ends every test run with one plain line, "N passed, N failed", whatever went wrong before it. A
// file that measures time and did not run alone is a failure, too.
import { writeSync } from 'node:fs'
import process from 'node:process'
import type { Reporter, TestModule } from 'vitest/node'

/** The project of the tests that measure time: its files run one by one, and beside no other. */
export const ALONE = 'alone'

const STDOUT = 1

export class Tally implements Reporter {
  /** By id: the runner makes a new object for each stage of a file. */
  readonly #running = new Map<string, TestModule>()
  readonly #disturbed = new Set<string>()

  onTestModuleQueued(module: TestModule): void {
    this.#running.set(module.id, module)
    if (this.#running.size === 1) return
    for (const { project, relativeModuleId } of this.#running.values()) {
      if (project.name === ALONE) this.#disturbed.add(relativeModuleId)
    }
  }

  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(module.id)
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0
    let failed = unhandled.length + this.#disturbed.size + (modules.length === 0 ? 1 : 0)
    for (const module of modules) {
      const tests = [...module.children.allTests()].map((test) => test.result().state)
      passed += tests.filter((state) => state === 'passed').length
      // A skipped test is a failure here: a missing tool must never turn a run green.
      failed += tests.filter((state) => state !== 'passed').length
      failed += module.errors().length
      for (const suite of module.children.allSuites()) failed += suite.errors().length
    }
    for (const file of this.#disturbed) writeSync(STDOUT, `\n${file} did not run alone\n`)
    // A set exit code beats the runner's own success, and a bad exit never says "0 failed".
    if (failed > 0) process.exitCode = 1
    process.once('exit', (code) => {
      writeSync(STDOUT, `\n${passed} passed, ${code !== 0 && failed === 0 ? 1 : failed} failed\n`)
    })
  }
}

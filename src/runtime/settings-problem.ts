// One thing that is wrong with the configuration, told so that it can be mended without the source.
import type { Code } from '../kiosk/codes.ts'

export interface SettingsProblem {
  readonly code: Code
  /** A file, `file:line`, or the name of an environment variable. */
  readonly where: string
  /** Such as `wall.columns[0].lockers[3].channel`; empty when the whole file is meant. */
  readonly path: string
  readonly message: string
  readonly hint: string
}

/** Carries every problem there is, one per line of its message. */
export class SettingsError extends Error {
  readonly problems: readonly SettingsProblem[]

  constructor(problems: readonly SettingsProblem[]) {
    super(problems.map(lineOf).join('\n'))
    this.name = 'SettingsError'
    this.problems = problems
  }
}

function lineOf({ code, where, path, message, hint }: SettingsProblem): string {
  const subject = path === '' ? message : `${path} ${message}`
  // A parser's message may have lines of its own; one problem stays one line.
  return `${code} ${where}: ${subject}; ${hint}`.replaceAll(/\s+/g, ' ')
}

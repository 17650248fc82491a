// The two ways out of a command: data, and words to a person.
import process from 'node:process'

export function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

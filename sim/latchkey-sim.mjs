#!/usr/bin/env node
// The simulator's starter: the guard first, then the part that was asked for.
import process from 'node:process'
import '../src/runtime/node-guard.mjs'

const PARTS = {
  demo: ['./demo/main.ts', 'a whole kiosk to stand in front of'],
  boards: ['./boards/main.ts', 'lock boards of any make on a port: --dialect NAME (--pty | --tcp)'],
  replay: [
    './replay/main.ts',
    'what `latchkey bus trace --record` has written: FILE [--pty | --tcp]',
  ],
  world: ['./world/cli.ts', 'seeded runs: --seed N --count N [--mutant NAME] [--trace]'],
  central: ['./central/main.ts', 'the reference central as a process of its own'],
  command: ['./central/command.ts', 'has that central order something now: open LOCKER --reason …'],
  sign: ['./central/sign.ts', 'signs a message as central does, from stdin'],
}

const [name = '', ...rest] = process.argv.slice(2)
const part = PARTS[name]
if (part === undefined) {
  const lines = Object.entries(PARTS).map(([key, [, what]]) => `  ${key.padEnd(10)}${what}`)
  process.stderr.write(`usage: latchkey-sim PART …\n${lines.join('\n')}\n`)
  process.exit(2)
}
process.argv.splice(2, process.argv.length, ...rest)
await import(part[0])

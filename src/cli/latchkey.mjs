#!/usr/bin/env node
// The command line's starter: the guard first, then everything else.
import process from 'node:process'
import '../runtime/node-guard.mjs'

const { run } = await import('./program.ts')
process.exitCode = await run(process.argv.slice(2))

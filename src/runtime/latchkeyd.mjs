#!/usr/bin/env node
// The daemon's starter: the guard first, then everything else.
import './node-guard.mjs'

await import('./daemon.ts')

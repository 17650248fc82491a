// Loaded first by every program: a Node that is too old is told in one sentence, instead of a
// syntax error or a crash of a native module. It has to run on any Node that knows ES modules, so
// it uses nothing newer and imports nothing else of the project.
import module from 'node:module'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const MAJOR_MIN = 24
const FAILED = 1

const found = process.versions.node
if (Number(found.split('.')[0]) < MAJOR_MIN) {
  process.stderr.write(
    `LK-RUN-01: Latchkey needs Node ${MAJOR_MIN} or newer, but this is Node ${found}` +
      ` (${process.execPath}).\n`,
  )
  process.exit(FAILED)
}

/** A third less time to start; without a place to write it, nothing is lost. */
const CACHE = new URL('../../node_modules/.cache/node', import.meta.url)
module.enableCompileCache(fileURLToPath(CACHE))

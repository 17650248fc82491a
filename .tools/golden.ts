// Writes golden messages of the contract that are not there yet, and never one that is: what was
// released once stays as it is.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GOLDEN, messageDown, messagesUp, namesDown } from '../test/support/golden.ts'

const made = new Map([...messagesUp()].map(([name, text]) => [`up/${name}.json`, text]))
for (const name of namesDown()) made.set(`dn/${name}.json`, await messageDown(name))
for (const [path, text] of made) {
  if (!existsSync(join(GOLDEN, path))) writeFileSync(join(GOLDEN, path), `${text}\n`)
}

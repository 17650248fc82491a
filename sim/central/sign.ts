// Reads a body on standard input and prints the signed message on one line, so that a stock client
// can act as central: node sim/central/sign.ts FOLDER LEAF < body.json | mosquitto_pub -l …

import process from 'node:process'
import { text } from 'node:stream/consumers'
import { checkDown, isDownLeaf } from '../../src/sync/contract/validate.ts'
import { loadCentralKeys } from './keys.ts'
import { signDown } from './sign-down.ts'

const [folder, leaf] = process.argv.slice(2)
if (folder === undefined || leaf === undefined || !isDownLeaf(leaf)) {
  process.stderr.write(
    `usage: node sim/central/sign.ts FOLDER ack|head|delta|snap|cmd < body.json\n`,
  )
  process.exit(2)
}
const body: unknown = JSON.parse(await text(process.stdin))
if (typeof body !== 'object' || body === null) {
  process.stderr.write(`the body is not a JSON object\n`)
  process.exit(2)
}
const stamped = { v: 1, t: Date.now(), ...body }
const checked = checkDown(leaf, stamped)
// Signed all the same: to see how a kiosk refuses it, one needs a bad message that is well signed.
if (!checked.isValid) process.stderr.write(`warning: a kiosk will refuse this: ${checked.detail}\n`)
const keys = await loadCentralKeys(folder)
process.stdout.write(`${await signDown(keys.signing, { leaf, body: stamped })}\n`)

// Has a running central order something now, and shows the answer:
// npm run sim -- command open 07 --reason "caller has no PIN"
import process from 'node:process'
import { parseArgs } from 'node:util'

const USAGE = `usage: latchkey-sim command status | open LOCKER | reissue RECIPIENT
  [--kiosk ID] [--reason TEXT] [--parcel ID] [--operator NAME] [--central http://127.0.0.1:7090]`

interface Flags {
  readonly reason?: string
  readonly parcel?: string
  readonly operator?: string
}

function argsOf(type: string, target: string | undefined, flags: Flags): object | null {
  const { reason, parcel: parcelId, operator } = flags
  if (type === 'status') return {}
  if (target === undefined || reason === undefined) return null
  const why = { reason, ...(operator !== undefined && { operator }) }
  if (type === 'open')
    return { lockerId: target, ...why, ...(parcelId !== undefined && { parcelId }) }
  return type === 'reissue' ? { recipientId: target, ...why } : null
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kiosk: { type: 'string', default: 'demo-24' },
    central: { type: 'string', default: 'http://127.0.0.1:7090' },
    reason: { type: 'string' },
    parcel: { type: 'string' },
    operator: { type: 'string' },
  },
})
const [type = '', target] = positionals
const args = argsOf(type, target, values)
if (args === null) {
  process.stderr.write(`${USAGE}\n`)
  process.exit(2)
}
const reply = await fetch(new URL('/commands', values.central), {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ kioskId: values.kiosk, type, args }),
}).catch(() => {
  process.stderr.write(`no central answers on ${values.central}\n`)
  process.exit(1)
})
const answer = (await reply.json()) as { readonly status?: string }
process.stdout.write(`${JSON.stringify(answer)}\n`)
process.exitCode = answer.status === 'done' ? 0 : 1

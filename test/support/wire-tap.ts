// Listens to everything on a broker with the stock client, and holds it against the schemas as they
// are published: the files of docs/contract, and nothing of the code.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Ajv, type ValidateFunction } from 'ajv'
import type { Mosquitto } from './mosquitto.ts'
import { until } from './until.ts'

const SCHEMAS = fileURLToPath(new URL('../../docs/contract/schemas/', import.meta.url))
const TOPIC = /^lk\/v1\/[A-Za-z0-9_-]{1,64}\/([A-Za-z0-9_-]{1,64})\/(up|dn)\/([a-z]+)$/
const PROBE = 'tap/is-listening'

interface Captured {
  readonly topic: string
  readonly payload: string
}

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false })
const compiled = new Map<string, ValidateFunction>()

function misfitOf(schema: string, value: unknown): readonly string[] {
  const path = join(SCHEMAS, `${schema}.json`)
  if (!existsSync(path)) return [`${schema}: no such schema`]
  const validate = compiled.get(schema) ?? ajv.compile(JSON.parse(readFileSync(path, 'utf8')))
  compiled.set(schema, validate)
  return validate(value) ? [] : [`${schema}: ${ajv.errorsText(validate.errors)}`]
}

function decoded(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
}

// biome-ignore lint/suspicious/noExplicitAny: the schemas say what it is.
function parsed(payload: string): any {
  try {
    return JSON.parse(payload)
  } catch {
    return undefined
  }
}

/** Everything that is wrong with one message. */
export function misfitsOf({ topic, payload }: Captured): readonly string[] {
  const [, kioskId, way, leaf] = TOPIC.exec(topic) ?? []
  if (kioskId === undefined) return [`${topic}: no such topic`]
  const message = parsed(payload)
  if (message === undefined) return [`${topic}: not JSON`]
  const signed = way === 'dn' ? misfitOf('signed', message) : []
  const body = way === 'dn' ? decoded(message.payload) : message
  const header = way === 'dn' ? (decoded(message.protected) as { readonly typ: string }) : null
  return [
    ...signed,
    ...misfitOf(`${way}-${leaf}`, body),
    ...(body.k === kioskId ? [] : [`${topic}: k is ${body.k}`]),
    ...(header === null || header.typ === `lk-dn-${leaf}` ? [] : [`${topic}: ${header.typ}`]),
    ...(leaf === 'ev' ? body.ev.flatMap(misfitsOfFact) : []),
  ]
}

function misfitsOfFact(text: string): readonly string[] {
  const event = JSON.parse(text)
  return [
    ...misfitOf('event', event),
    ...misfitOf(`facts/${String(event.type).replace('/', '.')}`, event.data),
  ]
}

export class WireTap {
  readonly captured: Captured[] = []
  readonly #listener: ChildProcess

  private constructor(broker: Mosquitto) {
    const args = [...broker.clientArgs(), '-q', '1', '-t', '#', '-F', '%t %x']
    const listener = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#listener = listener
    createInterface({ input: listener.stdout }).on('line', (line) => {
      const [topic = '', payload = ''] = line.split(' ')
      this.captured.push({ topic, payload: Buffer.from(payload, 'hex').toString('utf8') })
    })
  }

  /** From here on nothing is missed. */
  static async start(broker: Mosquitto): Promise<WireTap> {
    const tap = new WireTap(broker)
    const isListening = () => tap.captured.some(({ topic }) => topic === PROBE)
    // Retained: it comes with the subscription.
    await broker.publish(PROBE, 'x', ['-r'])
    await until('the tap listens', isListening)
    return tap
  }

  messages(end = ''): readonly Captured[] {
    return this.captured.filter(({ topic }) => topic !== PROBE && topic.endsWith(end))
  }

  /** The types of all facts that came by, each once. */
  factTypes(): ReadonlySet<string> {
    const texts = this.messages('/up/ev').flatMap(({ payload }) => JSON.parse(payload).ev)
    return new Set(texts.map((text) => JSON.parse(text).type))
  }

  /** Everything that does not fit, of all messages, or of those that the filter lets through. */
  misfits(filter: (captured: Captured) => boolean = () => true): readonly string[] {
    return this.messages().filter(filter).flatMap(misfitsOf)
  }

  async stop(): Promise<void> {
    const exited = once(this.#listener, 'exit')
    this.#listener.kill('SIGTERM')
    await exited
  }
}

// What an enemy at the broker, or a broken central, may put on a topic of the kiosk: each kind
// makes one message of a sound one.
import type { JWK } from 'jose'
import { FlattenedSign } from 'jose'
import type { PrivateKey } from '../../../sim/central/keys.ts'
import { signDown } from '../../../sim/central/sign-down.ts'
import type { Random } from '../../../sim/world/random.ts'
import { DOWN_SCHEMAS } from '../../../src/sync/contract/message-schemas.ts'
import { MESSAGE_BYTES_MAX } from '../../../src/sync/contract/open-down.ts'
import { checkDown } from '../../../src/sync/contract/validate.ts'
import type { DownLeaf } from '../../../src/sync/machine/messages.ts'

/** Before it is signed. */
export interface Sound {
  readonly leaf: DownLeaf
  readonly body: Readonly<Record<string, unknown>>
}

export interface Hostile {
  /** Of the topic; often no leaf of the contract. */
  readonly leaf: string
  readonly payload: Uint8Array
}

export interface Arsenal {
  readonly random: Random
  /** Central's own key: a mutated body is signed as rightly as any. */
  readonly central: PrivateKey
  /** A key that no kiosk trusts. */
  readonly stranger: PrivateKey
  /** A sound message of any leaf, for this kiosk. */
  readonly sound: () => Sound
  /** Messages that were delivered before, each under its leaf. */
  readonly delivered: readonly Hostile[]
  readonly centralJwk: JWK
}

type Make = (arsenal: Arsenal) => Promise<Hostile>

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const base64 = (text: string): string => Buffer.from(text).toString('base64url')

/** A value that no field of the contract takes, or none but few. */
function strange(random: Random): unknown {
  return random.pick<unknown>([
    null,
    true,
    -1,
    1.5,
    2 ** 53,
    1e308,
    '',
    ' ',
    '\u0000',
    '../../etc/passwd',
    '*',
    'x'.repeat(1_000),
    '\uD800',
    [],
    {},
    [[]],
    { toString: 1 },
    JSON.parse('{"__proto__": {"isAdmin": true}}'),
  ])
}

/** Somewhere in it one thing is missing, strange, doubled or another type. */
function mutateBody(body: object, random: Random): object {
  const copy = structuredClone(body) as Record<string, unknown>
  let place: Record<string, unknown> | unknown[] = copy
  for (let depth = random.between(0, 4); depth > 0; depth -= 1) {
    const below = Object.values(place).filter((each) => typeof each === 'object' && each !== null)
    if (below.length === 0) break
    place = random.pick(below) as Record<string, unknown> | unknown[]
  }
  const name = random.pick([...Object.keys(place), 'v'])
  const at = place as Record<string, unknown>
  const act = random.between(0, 3)
  if (act === 0) delete at[name]
  else if (act === 1) at[name] = [at[name]]
  else if (act === 2) at[name] = typeof at[name] === 'number' ? String(at[name]) : 7
  else at[name] = strange(random)
  return copy
}

/** Signed by central, and of no use: what a broken central might send. */
const mutated: Make = async ({ random, central, sound }) => {
  for (;;) {
    const { leaf, body } = sound()
    const other = mutateBody(body, random)
    if (!checkDown(leaf, other).isValid) {
      return { leaf, payload: utf8(await signDown(central, { leaf, body: other })) }
    }
  }
}

function header(kid: string, leaf: string, more: object = {}): string {
  return base64(JSON.stringify({ alg: 'EdDSA', kid, typ: `lk-dn-${leaf}`, ...more }))
}

const signedWrong: Make = async ({ random, stranger, central, sound, centralJwk }) => {
  const { leaf, body } = sound()
  const own = await signDown(central, { leaf, body })
  const { payload, signature } = JSON.parse(own)
  const { kid } = central
  const text = await random.pick<() => Promise<string> | string>([
    () => signDown(stranger, { leaf, body }),
    () => signDown({ ...stranger, kid }, { leaf, body }),
    () => signDown({ ...central, kid: 'nobody' }, { leaf, body }),
    () => JSON.stringify({ payload, protected: header(kid, leaf, { alg: 'none' }), signature: '' }),
    () => JSON.stringify({ payload, protected: header(kid, leaf, { alg: 'HS256' }), signature }),
    // The key comes along with the message.
    () => JSON.stringify({ payload, protected: header(kid, leaf, { jwk: centralJwk }), signature }),
    () => JSON.stringify({ payload, protected: header(kid, leaf, { b64: false }), signature }),
    () => JSON.stringify({ ...JSON.parse(own), header: { kid } }),
    () => JSON.stringify({ payload, signature }),
    () => JSON.stringify({ ...JSON.parse(own), signature: signature.slice(0, -4) }),
    () =>
      JSON.stringify({ ...JSON.parse(own), payload: base64(JSON.stringify({ ...body, t: 2 })) }),
    () => JSON.stringify(body),
  ])()
  return { leaf, payload: utf8(text) }
}

/** The last character of a part has bits that mean nothing: with those changed it is the same. */
function decoded(payload: Uint8Array): string | null {
  try {
    const parts = Object.values(JSON.parse(new TextDecoder().decode(payload)))
    return parts.map((part) => Buffer.from(String(part), 'base64url').toString('hex')).join()
  } catch {
    return null
  }
}

const bitChanged: Make = async ({ random, central, sound }) => {
  const message = sound()
  const own = utf8(await signDown(central, message))
  for (;;) {
    const payload = own.slice()
    const at = random.between(0, payload.length - 1)
    payload[at] = (payload[at] ?? 0) ^ (1 << random.between(0, 7))
    if (decoded(payload) !== decoded(own)) return { leaf: message.leaf, payload }
  }
}

const foreign: Make = async ({ random, central, sound }) => {
  const { leaf, body } = sound()
  const k = random.pick(['k2', 'bench-2', 'BENCH-1', 'bench-1x', 'bench'])
  return { leaf, payload: utf8(await signDown(central, { leaf, body: { ...body, k } })) }
}

const LEAVES = Object.keys(DOWN_SCHEMAS)

const otherLeaf: Make = async ({ random, central, sound }) => {
  const { leaf, body } = sound()
  const others = [...LEAVES.filter((each) => each !== leaf), 'open-all', '', '../dn/cmd', 'CMD']
  return { leaf: random.pick(others), payload: utf8(await signDown(central, { leaf, body })) }
}

const replayed: Make = async ({ random, delivered }) => random.pick(delivered)

const DEPTHS = [100, 5_000, 60_000]

const deep: Make = async ({ random, central, sound }) => {
  const { leaf, body } = sound()
  const depth = random.pick(DEPTHS)
  const [left, right] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ] as const)
  const nested = `${left.repeat(depth)}1${right.repeat(depth)}`
  if (random.chance(0.5)) return { leaf, payload: utf8(nested) }
  const text = JSON.stringify({ ...body, k: 'HERE' }).replace('"HERE"', nested)
  const protectedHeader = { alg: 'EdDSA', kid: central.kid, typ: `lk-dn-${leaf}` }
  const jws = await new FlattenedSign(utf8(text))
    .setProtectedHeader(protectedHeader)
    .sign(central.key)
  return { leaf, payload: utf8(JSON.stringify(jws)) }
}

const huge: Make = async ({ random, central, sound }) => {
  const { leaf, body } = sound()
  const bytes = random.pick([
    MESSAGE_BYTES_MAX - 1,
    MESSAGE_BYTES_MAX,
    MESSAGE_BYTES_MAX + 1,
    2 ** 20,
  ])
  const filled = new Uint8Array(bytes).fill(random.pick([0, 0x20, 0x5b, 0x78, 0xff]))
  if (random.chance(0.6)) return { leaf, payload: filled }
  const label = 'x'.repeat(random.pick([150_000, 190_000]))
  const row = { put: { id: 'r', label } }
  const large = leaf === 'delta' ? { ...body, ops: [row] } : { ...body, k: label }
  return { leaf, payload: utf8(await signDown(central, { leaf, body: large })) }
}

const encoded: Make = async ({ random, central, sound }) => {
  const { leaf, body } = sound()
  const text = await signDown(central, { leaf, body })
  const payload = random.pick<() => Uint8Array>([
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from(text).subarray(0, random.between(0, text.length - 1)),
    () => Buffer.concat([Buffer.from(text), Buffer.from([0])]),
    () => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text)]),
    () => Buffer.from(text.replace('"', '“')),
    () => Buffer.from(text.replace('{', '{"\xe9":1,'), 'latin1'),
    () => Buffer.from(Buffer.from(text).toString('base64')),
    () => Buffer.from(text.replaceAll('"', "'")),
    () => Buffer.from(`${text}${text}`),
    () => Buffer.from(JSON.stringify(text)),
    () => new Uint8Array(0),
    () => Uint8Array.from({ length: random.between(1, 400) }, () => random.between(0, 255)),
  ])()
  return { leaf, payload }
}

export const KINDS: Readonly<Record<string, Make>> = {
  'a schema broken': mutated,
  'signed by the wrong key, or wrongly': signedWrong,
  'a bit changed': bitChanged,
  'another kiosk’s': foreign,
  'on another leaf': otherLeaf,
  'a replay': replayed,
  'deep JSON': deep,
  'a quarter of a megabyte, and more': huge,
  'in a wrong encoding': encoded,
}

// The contract's schemas, compiled once. They are the single source of shapes and bounds, for the
// kiosk, for the reference central and for whoever writes a central of their own.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { DownLeaf, UpLeaf } from '../machine/messages.ts'
import common from './schemas/common.json' with { type: 'json' }
import ackSchema from './schemas/dn-ack.json' with { type: 'json' }
import cmdSchema from './schemas/dn-cmd.json' with { type: 'json' }
import confirmSchema from './schemas/dn-confirm.json' with { type: 'json' }
import deltaSchema from './schemas/dn-delta.json' with { type: 'json' }
import headSchema from './schemas/dn-head.json' with { type: 'json' }
import snapSchema from './schemas/dn-snap.json' with { type: 'json' }
import eventSchema from './schemas/event.json' with { type: 'json' }
import sealedPinSchema from './schemas/sealed-pin.json' with { type: 'json' }
import evSchema from './schemas/up-ev.json' with { type: 'json' }
import rejSchema from './schemas/up-rej.json' with { type: 'json' }
import resSchema from './schemas/up-res.json' with { type: 'json' }
import stateSchema from './schemas/up-state.json' with { type: 'json' }
import syncSchema from './schemas/up-sync.json' with { type: 'json' }

export type Checked = { readonly isValid: true } | { readonly isValid: false; detail: string }

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: false })
ajv.addSchema(common)

const DOWN: Readonly<Record<DownLeaf, ValidateFunction>> = {
  ack: ajv.compile(ackSchema),
  confirm: ajv.compile(confirmSchema),
  head: ajv.compile(headSchema),
  delta: ajv.compile(deltaSchema),
  snap: ajv.compile(snapSchema),
  cmd: ajv.compile(cmdSchema),
}

const UP: Readonly<Record<UpLeaf, ValidateFunction>> = {
  state: ajv.compile(stateSchema),
  sync: ajv.compile(syncSchema),
  ev: ajv.compile(evSchema),
  rej: ajv.compile(rejSchema),
  res: ajv.compile(resSchema),
}

const EVENT = ajv.compile(eventSchema)
const SEALED_PIN = ajv.compile(sealedPinSchema)

export function isDownLeaf(leaf: string): leaf is DownLeaf {
  return Object.hasOwn(DOWN, leaf)
}

export function isUpLeaf(leaf: string): leaf is UpLeaf {
  return Object.hasOwn(UP, leaf)
}

export function checkDown(leaf: DownLeaf, body: unknown): Checked {
  return check(DOWN[leaf], body)
}

export function checkUp(leaf: UpLeaf, body: unknown): Checked {
  return check(UP[leaf], body)
}

/** A fact's parsed text. */
export function checkEvent(event: unknown): Checked {
  return check(EVENT, event)
}

/** A sealed PIN's parsed content. */
export function checkSealedPin(content: unknown): Checked {
  return check(SEALED_PIN, content)
}

function check(validate: ValidateFunction, value: unknown): Checked {
  if (validate(value)) return { isValid: true }
  return { isValid: false, detail: describe(validate.errors ?? []) }
}

/** Where and what, never the value: a refusal is published, and a value may be a secret. */
function describe(errors: readonly ErrorObject[]): string {
  const error = errors.find(({ keyword }) => keyword !== 'if') ?? errors[0]
  if (error === undefined) return 'does not fit'
  return `${error.instancePath === '' ? '/' : error.instancePath} ${error.message ?? error.keyword}`
}

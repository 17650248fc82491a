// The schemas of all messages. They are the single source of shapes, bounds and meanings, for the
// kiosk, for the reference central, and for docs/contract, whose schemas are made from them.
import type { DownLeaf, UpLeaf } from '../machine/messages.ts'
import claimAnswer from './schemas/claim-answer.json' with { type: 'json' }
import claimRequest from './schemas/claim-request.json' with { type: 'json' }
import common from './schemas/common.json' with { type: 'json' }
import ack from './schemas/dn-ack.json' with { type: 'json' }
import cmd from './schemas/dn-cmd.json' with { type: 'json' }
import confirm from './schemas/dn-confirm.json' with { type: 'json' }
import crt from './schemas/dn-crt.json' with { type: 'json' }
import ctl from './schemas/dn-ctl.json' with { type: 'json' }
import delta from './schemas/dn-delta.json' with { type: 'json' }
import head from './schemas/dn-head.json' with { type: 'json' }
import snap from './schemas/dn-snap.json' with { type: 'json' }
import event from './schemas/event.json' with { type: 'json' }
import sealedPin from './schemas/sealed-pin.json' with { type: 'json' }
import csr from './schemas/up-csr.json' with { type: 'json' }
import ev from './schemas/up-ev.json' with { type: 'json' }
import rej from './schemas/up-rej.json' with { type: 'json' }
import res from './schemas/up-res.json' with { type: 'json' }
import state from './schemas/up-state.json' with { type: 'json' }
import sync from './schemas/up-sync.json' with { type: 'json' }
import type { Schema } from './shapes.ts'

/** Parts that the others refer to. */
export const COMMON_SCHEMA: Schema = common
export const DOWN_SCHEMAS: Readonly<Record<DownLeaf, Schema>> = {
  ack,
  confirm,
  head,
  delta,
  snap,
  cmd,
  ctl,
  crt,
}
export const UP_SCHEMAS: Readonly<Record<UpLeaf, Schema>> = { state, sync, ev, rej, res, csr }
/** A fact's text. */
export const EVENT_SCHEMA: Schema = event
export const SEALED_PIN_SCHEMA: Schema = sealedPin
/** Of a kiosk that is set up; they travel by HTTPS. */
export const CLAIM_REQUEST_SCHEMA: Schema = claimRequest
export const CLAIM_ANSWER_SCHEMA: Schema = claimAnswer

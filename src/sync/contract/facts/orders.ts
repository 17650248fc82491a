// What facts of central's commands carry.
import type { ActingCommand } from '../../../kiosk/command-facts.ts'
import { orNull, type Shape, text, words } from '../shapes.ts'
import type { FactShapes } from './fields.ts'
import * as field from './fields.ts'

const commandId = text('The `cid` of the command.', field.ID)
const what: Shape<ActingCommand['kind']> = words('What was ordered.', { open: '', reissue: '' })
const reason = text('As the command gave it.', { minLength: 3, maxLength: 200 })

export const ORDER_SHAPES = {
  'command-obeyed': {
    commandId,
    what,
    lockerId: orNull(field.lockerId, 'no locker was to be opened'),
    parcelId: orNull(field.parcelId, 'the opening is for no parcel’s recipient'),
    recipientId: orNull(field.recipientId, 'no PIN was to be made anew'),
    openingId: orNull(field.openingId, 'nothing was opened'),
    by: field.by,
    reason,
  },
  'command-refused': { commandId, what, code: field.code, by: field.by, reason },
} satisfies Partial<FactShapes>

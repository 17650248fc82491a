// Fields that many facts have. Each means the same everywhere.
import type { Code } from '../../../kiosk/codes.ts'
import type { StreamName } from '../../../kiosk/desired.ts'
import type { Actor, Fact, FactKind } from '../../../kiosk/facts.ts'
import type { Outcome } from '../../../kiosk/outcomes.ts'
import {
  type Fields,
  objectOf,
  optional,
  orNull,
  type Shape,
  text,
  whole,
  words,
} from '../shapes.ts'

/** A kind of fact whose data has no shape does not compile. */
export type FactShapes = {
  readonly [K in FactKind]: Fields<Extract<Fact, { readonly kind: K }>['data']>
}

export const ID = { pattern: '^[A-Za-z0-9_-]{1,64}$' }
export const HASH = { pattern: '^[0-9a-f]{64}$' }
export const SEALED = { minLength: 1, maxLength: 2_048 }

export const lockerId = text('The locker, by the label on its door.', ID)
export const boardId = text('The board, as the kiosk’s configuration names it.', ID)
export const channel = whole('Of the board, counted from 1.', 1)
export const parcelId = text('The parcel; the kiosk names one itself that was not announced.', ID)
export const recipientId = text('Whom the parcel is for.', ID)
export const courierId = text('The courier, as in the stream `staff`.', ID)
export const staffId = text('The person, as in the stream `staff`.', ID)
export const openingId = whole('The `seq` of the `opening-authorised` that it belongs to.', 1)
export const size = text('Of the parcel, as the kiosk’s configuration names sizes.', {
  pattern: '^[A-Za-z0-9_-]{1,16}$',
})
export const pulses = whole('Sent to the lock.')
/** A pattern and not the list: the list grows without any change of the facts. */
export const code: Shape<Code> = {
  schema: text('From the list of error codes.', { pattern: '^LK-[A-Z]{2,8}-[0-9]{2}$' }).schema,
  isOptional: false,
}
export const sealedPin = text(
  'A compact JWE of the PIN, for central alone: see `sealed-pin`.',
  SEALED,
)

export const reason = text('In a person’s own words, or in the kiosk’s.', {
  minLength: 1,
  maxLength: 200,
})
export const reasonOrNull = orNull(reason, 'none was given')
export const parcelIdOrNull = orNull(parcelId, 'none')

export function wallMs(meaning: string): Shape<number> {
  return whole(`${meaning} Milliseconds since 1970, UTC.`)
}

export const by = objectOf<Actor>('Who did it.', {
  role: words('', {
    courier: '',
    recipient: '',
    technician: '',
    operator: '',
    'break-glass': 'whoever had a sealed code',
    central: '',
    kiosk: 'by rule, or by its sensors',
  }),
  id: optional(text('Of the person, where it is known.', { minLength: 1, maxLength: 64 })),
})

/** By it shows what central had decided already, and the kiosk had not heard of. */
export const basis = objectOf<Readonly<Record<StreamName, number>>>(
  'The versions of the streams by which the right was judged.',
  {
    parcel: whole(''),
    staff: whole(''),
    directory: whole(''),
    pickup: whole(''),
    return: whole(''),
    locker: whole(''),
    configuration: whole(''),
    firmware: whole(''),
  },
)

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  'no-ack': 'the board refused the pulse, or did not say that it listened, as some never do',
  'bus-down': 'no pulse left, since the line or the board was silent',
  'open-not-detected': 'the board listened, and nobody saw the door move',
  'wrong-door': 'another door opened than the one that was pulsed',
  'already-open': 'the door stood open before any pulse',
  opened: 'seen open, or said to be by the person where no sensor sees',
  'left-open': 'opened, and still open when its time was over',
  forced: 'opened without any opening',
}

/** Those outcomes that a fact can end in. */
export function outcome<O extends Outcome>(...some: readonly O[]): Shape<O> {
  const senses = Object.fromEntries(some.map((word) => [word, OUTCOMES[word]]))
  return words('How it ended.', senses as Readonly<Record<O, string>>)
}

// Contacts bounce for some milliseconds, and loose ones for ever. Unless the board itself waits for
// them, two readings in a row must agree before a change counts, and a contact that goes to and fro
// is `unknown`.
import type { DoorReading } from '../../kiosk/events.ts'
import type { BoardOptions } from '../board-options.ts'

/** What is known of one contact, from one reading to the next. */
interface Contact {
  readonly last: DoorReading['state']
  readonly told: DoorReading['state']
  /** Grows by two with every change and falls by one without. */
  readonly unrest: number
}

/** Five changes with hardly a rest between them: no door does that. */
const UNREST_UNKNOWN = 9
const UNREST_OVER = 4
const UNREST_MAX = 10

export interface Steady {
  readonly contacts: readonly Contact[]
  readonly doors: readonly DoorReading[]
}

/** @param before null for a first reading, which has nothing to be held against */
export function steady(
  before: readonly Contact[] | null,
  read: readonly DoorReading[],
  { isDebounced }: Pick<BoardOptions, 'isDebounced'>,
): Steady {
  const known = isDebounced ? null : before
  const contacts = read.map(({ state }, index) => settle(known?.[index], state))
  const doors = read.map((door, index) => ({ ...door, state: contacts[index]?.told ?? 'unknown' }))
  return { contacts, doors }
}

/** A change waits for the next reading. Of a contact that is unknown none is waited for. */
export function isUnsure(contacts: readonly Contact[] | null): boolean {
  return contacts?.some(({ last, told }) => last !== told && told !== 'unknown') ?? false
}

function settle(before: Contact | undefined, state: DoorReading['state']): Contact {
  if (before === undefined) return { last: state, told: state, unrest: 0 }
  const hasChanged = state !== before.last
  const unrest = hasChanged
    ? Math.min(before.unrest + 2, UNREST_MAX)
    : Math.max(before.unrest - 1, 0)
  const isRestless = unrest >= UNREST_UNKNOWN || (before.told === 'unknown' && unrest > UNREST_OVER)
  if (isRestless) return { last: state, told: 'unknown', unrest }
  return { last: state, told: hasChanged ? before.told : state, unrest }
}

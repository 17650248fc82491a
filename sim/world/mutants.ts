// Bugs put in on purpose. Each was found in a real system; a world that does not catch it is blind,
// and test/sim/world.test.ts says so. Nothing in src knows of them: they replace the parts from
// outside.
import Database from 'better-sqlite3'
import type { LinkFactory } from '../../src/bus/links/link.ts'
import { lockersOf } from '../../src/kiosk/config.ts'
import type { KioskEvent } from '../../src/kiosk/events.ts'
import type { Note } from '../../src/kiosk/facts.ts'
import type { Deadline } from '../../src/kiosk/standstill-ledger.ts'
import { openLedger } from '../../src/store/ledger.ts'
import type { Cable } from './cable.ts'
import { type Parts, SOUND_PARTS } from './parts.ts'

/**
 * One port object for ever, written to whether it is open or not, and reopened: what the driver
 * keeps from the closed time leaves then. The master above it does not hear of the unplugging
 * either.
 */
function ghostLink(cable: Cable): LinkFactory {
  return (_, host) => {
    const port = cable.createPort({
      opened: () => host.opened(),
      heard: (text) => host.frame(text.replace(/\n$/, '')),
      lost: () => reopen(),
    })
    const reopen = (): void => cable.after(500, () => port.open())
    return {
      open: () => port.open(),
      send: (text) => port.write(text),
      close: () => port.close(),
    }
  }
}

/** The ledger as better-sqlite3 opens it when nobody says FULL after the first write. */
const openForgetful: Parts['openLedger'] = (options) => {
  const { prototype } = Database
  const original = prototype.pragma
  prototype.pragma = function pragma(this: Database.Database, source, settings) {
    if (source === 'synchronous = FULL') return undefined
    const value = original.call(this, source, settings)
    return source === 'synchronous' ? 2 : value // and the check after opening is fooled too
  }
  try {
    return openLedger(options)
  } finally {
    prototype.pragma = original
  }
}

/** A ledger that does not keep one kind of note. */
function openWithout(forgotten: Note['kind']): Parts['openLedger'] {
  return (options) => {
    const ledger = openLedger(options)
    return {
      ...ledger,
      apply: (records, now) =>
        ledger.apply(
          records.filter(({ kind }) => kind !== forgotten),
          now,
        ),
    }
  }
}

/** Whatever was under way is pulsed again, to be on the safe side. */
const refire: Parts['atStart'] = (ledger, kiosk) =>
  ledger.liveOpenings().flatMap(({ id: openingId, lockerId }) => {
    const locker = lockersOf(kiosk).find(({ id }) => id === lockerId)
    if (locker === undefined) return []
    const { boardId, channel } = locker
    const order = { openingId, boardId, channel, pulseMs: 500, expiresAtMonoMs: Infinity }
    return [{ kind: 'kiosk', action: { kind: 'unlock', ...order } }]
  })

function counted(opens: number | null): number | null {
  return opens === null ? null : (opens + 1) % 256
}

/** A board that listened is taken for a door that opened. */
function believeAcks(): Parts['hear'] {
  let last: Extract<KioskEvent, { kind: 'board-read' }>['reading'] | null = null
  return (event) => {
    if (event.kind === 'board-read') last = event.reading
    if (event.kind !== 'unlock-ended' || event.outcome !== 'acknowledged' || last === null) {
      return [event]
    }
    const doors = last.doors.map(({ opens }) => ({ state: 'open' as const, opens: counted(opens) }))
    return [event, { kind: 'board-read', reading: { ...last, doors } }]
  }
}

/** A ledger that forgets at each start which sensors lie. */
const openGullible: Parts['openLedger'] = (options) => {
  const ledger = openLedger(options)
  return {
    ...ledger,
    lockers: () => ledger.lockers().map((row) => ({ ...row, distrustedFor: null })),
  }
}

/** A ledger that forgets which outages were counted: what overlaps counts again. */
const openGenerous: Parts['openLedger'] = (options) => {
  const ledger = openLedger(options)
  const forget = (each: Deadline): Deadline => ({ ...each, countedUntilWallMs: null })
  return { ...ledger, deadlines: () => ledger.deadlines().map(forget) }
}

/** A ledger that puts parcels together whoever they are for, and no constraint that objects. */
const openCareless: Parts['openLedger'] = (options) => {
  const { prototype } = Database
  const original = prototype.pragma
  prototype.pragma = function pragma(this: Database.Database, source, settings) {
    return original.call(this, source.replace('foreign_keys = ON', 'foreign_keys = OFF'), settings)
  }
  try {
    const ledger = openLedger(options)
    let recipientId = ''
    return {
      ...ledger,
      livePin(id) {
        recipientId = id
        return ledger.livePin(id)
      },
      waitingParcels: () => ledger.parcelsIn('deposited'),
      parcelsAt: (id) => ledger.parcelsAt(id).map((row) => ({ ...row, recipientId })),
    }
  } finally {
    prototype.pragma = original
  }
}

/** A ledger that does not look whether it is an older copy. */
const openUnaware: Parts['openLedger'] = (options) => ({
  ...openLedger(options),
  restored: () => null,
})

/** A ledger that says that it is an older copy, and believes it all the same. */
const openCredulous: Parts['openLedger'] = (options) => {
  const ledger = openLedger(options)
  return {
    ...ledger,
    hasDoubts: () => false,
    locker(id) {
      const row = ledger.locker(id)
      return row === null ? null : { ...row, isInDoubt: false }
    },
  }
}

/** A ledger whose codes for a return stay good, whatever was handed in with them. */
const openUnspent: Parts['openLedger'] = (options) => {
  const ledger = openLedger(options)
  return {
    ...ledger,
    pin(index) {
      const pin = ledger.pin(index)
      return pin === null || pin.returnId === null ? pin : { ...pin, state: 'live' }
    },
  }
}

export const MUTANTS: Readonly<Record<string, Parts>> = {
  'ghost-unlock': { ...SOUND_PARTS, createLink: ghostLink },
  'normal-commit': { ...SOUND_PARTS, openLedger: openForgetful },
  'guesses-in-memory': { ...SOUND_PARTS, openLedger: openWithout('guesses-counted') },
  'remote-openings-uncounted': {
    ...SOUND_PARTS,
    openLedger: openWithout('remote-opening-counted'),
  },
  'trusts-a-stuck-sensor': { ...SOUND_PARTS, openLedger: openGullible },
  'counts-outages-twice': { ...SOUND_PARTS, openLedger: openGenerous },
  'strangers-together': { ...SOUND_PARTS, openLedger: openCareless },
  'copy-not-noticed': { ...SOUND_PARTS, openLedger: openUnaware },
  'copy-believed': { ...SOUND_PARTS, openLedger: openCredulous },
  'code-good-for-ever': { ...SOUND_PARTS, openLedger: openUnspent },
  'refire-at-start': { ...SOUND_PARTS, atStart: refire },
  'ack-is-open': { ...SOUND_PARTS, hear: believeAcks() },
}

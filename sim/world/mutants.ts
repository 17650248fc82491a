// Bugs put in on purpose. Each was found in a real system; a world that does not catch it is blind,
// and test/sim/world.test.ts says so. Nothing in src knows of them: they replace the parts from
// outside.
import Database from 'better-sqlite3'
import type { LinkFactory } from '../../src/bus/links/link.ts'
import { openLedger } from '../../src/store/ledger.ts'
import type { Cable } from './cable.ts'
import { type Parts, SOUND_PARTS } from './world.ts'

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

export const MUTANTS: Readonly<Record<string, Parts>> = {
  'ghost-unlock': { ...SOUND_PARTS, createLink: ghostLink },
  'normal-commit': { ...SOUND_PARTS, openLedger: openForgetful },
}

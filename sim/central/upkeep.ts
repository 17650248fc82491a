// What kiosks tell of the configuration that central sets and of the versions that it wants: as
// their newest facts have it.
import type Database from 'better-sqlite3'
import type { AppliedConfiguration, ComparedFirmware } from '../../src/kiosk/facts.ts'

export interface Upkeep {
  readonly kioskId: string
  /** Null: nothing was ever set there. */
  readonly configuration: AppliedConfiguration | null
  /** With the kiosk's time of the fact: since then it is so. */
  readonly firmware: readonly (ComparedFirmware & { readonly sinceMs: number })[]
}

export function upkeepOf(db: Database.Database, kioskId: string): Upkeep {
  const bodies = db
    .prepare<[string, string], string>(
      'SELECT body FROM fact WHERE kiosk = ? AND type = ? AND problem IS NULL ORDER BY id',
    )
    .pluck()
  const factsOf = <Data>(type: string) =>
    bodies.all(kioskId, type).map((body) => JSON.parse(body) as { t: number; data: Data })
  const programs = new Map(
    factsOf<ComparedFirmware>('firmware-compared/1').map(({ t, data }) => [
      data.component,
      { ...data, sinceMs: t },
    ]),
  )
  return {
    kioskId,
    configuration: factsOf<AppliedConfiguration>('configuration-applied/1').at(-1)?.data ?? null,
    firmware: [...programs.values()].filter(({ wanted }) => wanted !== null),
  }
}

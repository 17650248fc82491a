// What central wants of the configuration and of the programs, and what was told of both.
import type { Database } from 'better-sqlite3'
import type { DesiredFirmware, DesiredSetting } from '../kiosk/desired.ts'
import type { AppliedConfiguration, ComparedFirmware, Fact } from '../kiosk/facts.ts'

type UpkeepFact = Extract<Fact, { kind: 'configuration-applied' | 'firmware-compared' }>

export function prepareUpkeep(db: Database) {
  const run = (sql: string) => db.prepare(sql)
  const applied = run(`INSERT INTO meta (name, value) VALUES ('configuration', ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
  const compared = run(`INSERT INTO firmware_compared (component, seq, wanted, running)
    VALUES (@component, @seq, @wanted, @running)
    ON CONFLICT (component) DO UPDATE SET seq = excluded.seq, wanted = excluded.wanted,
      running = excluded.running`)
  const forgotten = run('DELETE FROM firmware_compared WHERE component = ?')
  return {
    settings: wishesIn(db, 'settings_wanted', 'value'),
    firmware: wishesIn(db, 'firmware_wanted', 'version'),
    fact({ kind, data }: UpkeepFact, seq: number): void {
      if (kind === 'configuration-applied') applied.run(JSON.stringify(data))
      else if (data.wanted === null) forgotten.run(data.component)
      else compared.run({ ...data, seq, running: JSON.stringify(data.running) })
    },
  }
}

function wishesIn(db: Database, table: string, column: string) {
  const put = db.prepare(`INSERT INTO ${table} (id, ${column}) VALUES (?, ?)
    ON CONFLICT (id) DO UPDATE SET ${column} = excluded.${column}`)
  const drop = db.prepare(`DELETE FROM ${table} WHERE id = ?`)
  const ids = db.prepare<[], string>(`SELECT id FROM ${table}`).pluck()
  return {
    put: (id: string, wanted: string) => void put.run(id, wanted),
    drop: (id: string) => void drop.run(id),
    ids: () => ids.all(),
  }
}

interface ComparedRow extends Omit<ComparedFirmware, 'running'> {
  readonly seq: number
  readonly running: string
}

export function upkeepLookups(db: Database) {
  const settings = db.prepare<[], { readonly id: string; readonly value: string }>(
    'SELECT id, value FROM settings_wanted ORDER BY id',
  )
  const applied = db
    .prepare<[], string>(`SELECT value FROM meta WHERE name = 'configuration'`)
    .pluck()
  const firmware = db.prepare<[number], DesiredFirmware>(
    'SELECT id, version FROM firmware_wanted ORDER BY id LIMIT ? + 0',
  )
  const compared = db.prepare<[], ComparedRow>(
    'SELECT component, wanted, running, seq FROM firmware_compared ORDER BY component',
  )
  return {
    wantedSettings: () =>
      settings.all().map(({ id, value }): DesiredSetting => ({ id, value: JSON.parse(value) })),
    appliedConfiguration(): AppliedConfiguration | null {
      const text = applied.get()
      return text === undefined ? null : JSON.parse(text)
    },
    wantedFirmware: (limit: number) => firmware.all(limit),
    comparedFirmware: () =>
      compared.all().map((row) => ({ ...row, running: JSON.parse(row.running) as string[] })),
  }
}

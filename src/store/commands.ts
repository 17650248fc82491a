// Commands of central and what they have used up: how records change the tables, and what is asked
// of them. A bounded number is kept; the counter in `meta` outlives them all.
import type { Database } from 'better-sqlite3'
import type {
  ActingCommand,
  CommandEnd,
  CommandFactData,
  CommandLedger,
  CommandNoteData,
  CommandRow,
} from '../kiosk/command-facts.ts'
import type { CountedRow } from '../kiosk/counted.ts'
import type { Fact, Note } from '../kiosk/facts.ts'
import type { OutboxLedger } from '../kiosk/ledger.ts'
import { REMOTE_OPENINGS_A_DAY_MAX } from '../kiosk/remote-budget.ts'

/** Answers that are kept. One that is forgotten is refused when it comes again: it is stale. */
export const COMMANDS_KEPT_MAX = 200

export type CommandFact = Extract<Fact, { kind: keyof CommandFactData }>
/** What they change is here alone. */
export function isOrder(fact: Fact): fact is CommandFact {
  return fact.kind === 'command-obeyed' || fact.kind === 'command-refused'
}

type CommandNote = Extract<Note, { kind: keyof CommandNoteData }>

interface CommandColumns {
  readonly commandId: string
  readonly type: ActingCommand['kind']
  readonly target: string
  readonly end: string | null
}

const COMMAND = 'id AS commandId, type, target, end'

export function prepareCommandProjection(db: Database) {
  const take = db.prepare(
    'INSERT INTO commands (id, type, target) VALUES (@commandId, @type, @target)',
  )
  const prune = db.prepare(
    `DELETE FROM commands WHERE place <= (SELECT max(place) FROM commands) - ${COMMANDS_KEPT_MAX}`,
  )
  const count = db.prepare(`INSERT INTO meta (name, value) VALUES ('command-counter', ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
  const begin = db.prepare('UPDATE commands SET opening_id = @openingId WHERE id = @commandId')
  const settle = db.prepare('UPDATE commands SET end = ? WHERE id = ?')
  const open = db.prepare('INSERT INTO remote_openings (boot, mono_ms, wall_ms) VALUES (?, ?, ?)')
  const openPrune = db.prepare(`DELETE FROM remote_openings
    WHERE id <= (SELECT max(id) FROM remote_openings) - ${REMOTE_OPENINGS_A_DAY_MAX}`)

  return {
    fact({ kind, data }: CommandFact): void {
      if (kind === 'command-obeyed') begin.run(data)
    },
    note(note: CommandNote, boot: number): void {
      switch (note.kind) {
        case 'command-taken':
          take.run(note.data)
          count.run(String(note.data.counter))
          prune.run()
          return
        case 'command-settled':
          settle.run(JSON.stringify(note.data.end), note.data.commandId)
          return
        case 'remote-opening-counted':
          open.run(boot, note.data.monoMs, note.data.wallMs)
          openPrune.run()
          return
      }
    },
  }
}

export type CommandProjection = ReturnType<typeof prepareCommandProjection>

export function commandLookups(
  db: Database,
): CommandLedger & Pick<OutboxLedger, 'command' | 'commandCounter'> {
  const byId = db.prepare<[string], CommandColumns>(`SELECT ${COMMAND} FROM commands WHERE id = ?`)
  const newest = db.prepare<[number], CommandColumns>(
    `SELECT ${COMMAND} FROM commands ORDER BY place DESC LIMIT ? + 0`,
  )
  const ofOpening = db
    .prepare<[number], string>('SELECT id FROM commands WHERE opening_id = ? AND end IS NULL')
    .pluck()
  const openings = db.prepare<[number], CountedRow>(
    `SELECT boot, mono_ms AS monoMs, wall_ms AS wallMs FROM remote_openings
     ORDER BY id DESC LIMIT ? + 0`,
  )
  const counter = db
    .prepare<[], string>(`SELECT value FROM meta WHERE name = 'command-counter'`)
    .pluck()
  return {
    commandCounter: () => Number(counter.get() ?? 0),
    command(commandId) {
      const row = byId.get(commandId)
      return row === undefined ? null : toCommand(row)
    },
    commandOfOpening: (openingId) => ofOpening.get(openingId) ?? null,
    newestCommands: (limit) => newest.all(limit).map(toCommand),
    remoteOpenings: (limit) => openings.all(limit),
  }
}

function toCommand({ end, ...row }: CommandColumns): CommandRow {
  return { ...row, end: end === null ? null : (JSON.parse(end) as CommandEnd) }
}

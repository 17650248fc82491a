// Which SQL statements run, in order: what is looked up costs the same only if it is the same.
import Sqlite from 'better-sqlite3'

type Run = (this: Sqlite.Statement, ...args: unknown[]) => unknown

/** @returns the text of every statement that ran while `work` did */
export function statementsOf(work: () => void): readonly string[] {
  const db = new Sqlite(':memory:')
  const prototype = Object.getPrototypeOf(db.prepare('SELECT 1')) as Record<string, Run>
  db.close()
  const seen: string[] = []
  const originals = ['get', 'all', 'run'].map((name) => [name, prototype[name]] as const)
  for (const [name, original] of originals) {
    prototype[name] = function counted(...args) {
      seen.push(this.source.replaceAll(/\s+/g, ' '))
      return original?.apply(this, args)
    }
  }
  try {
    work()
  } finally {
    for (const [name, original] of originals) if (original) prototype[name] = original
  }
  return seen
}

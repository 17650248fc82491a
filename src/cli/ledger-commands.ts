// `latchkey verify` and `latchkey export`: the custody chain as it lies in a file. They read the
// file themselves, because they are for the day on which the daemon is dead; while it lives, they
// read beside it.
import process from 'node:process'
import type { Command } from 'commander'
import type { Verdict } from '../store/verify.ts'
import { EXIT, type ExitCode, Failure } from './exit.ts'
import { print, say } from './terminal.ts'

interface VerifyFlags {
  readonly json?: true
  readonly witness?: string
}

interface ExportFlags {
  readonly json?: true
  readonly from: string
}

const DATA_FOLDER = '/var/lib/latchkey'
const WITNESS = /^([1-9][0-9]{0,15}):([0-9a-f]{64})$/

export function addLedgerCommands(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('verify [file]')
    .description('check the custody chain of a ledger, or of an export')
    .option('--json', 'write JSON, for programs')
    .option('--witness <seq:hash>', 'a fact that central confirms: it must be in the chain')
    .addHelpText('after', '\nExample:\n  latchkey verify /var/lib/latchkey/ledger.db')
    .action(async (file: string | undefined, flags: VerifyFlags) => {
      end(await verify(file ?? defaultLedger(), flags))
    })
  program
    .command('export <file>')
    .description('write the whole custody chain into a new file, a fact a line')
    .option('--json', 'write JSON, for programs')
    .option('--from <ledger>', 'the ledger', defaultLedger())
    .action(async (file: string, flags: ExportFlags) => end(await exportChain(file, flags)))
}

export function defaultLedger(): string {
  return `${process.env['LATCHKEY_DATA_FOLDER'] ?? DATA_FOLDER}/ledger.db`
}

async function verify(file: string, { json, witness }: VerifyFlags): Promise<ExitCode> {
  const known = witness === undefined ? {} : { witness: witnessOf(witness) }
  const { verifyFile } = await import('../store/verify.ts')
  const verdict = await guarded(() => verifyFile(file, { ...known, progress: progressOf('read') }))
  if (json) print([JSON.stringify({ apiVersion: 1, file, ...verdict })])
  if (verdict.kind !== 'sound') throw faultOf(verdict, { isTold: true })
  const { count, head } = verdict
  if (!json) {
    print([`The chain is whole: ${count} facts, the last one is`, `${head.seq}:${head.hash}`])
  }
  return EXIT.ok
}

/** @param story whether the verdict has been written as JSON already */
export function faultOf(
  verdict: Exclude<Verdict, { kind: 'sound' }>,
  story: { readonly isTold: boolean },
): Failure {
  const { code, message } =
    verdict.kind === 'broken'
      ? { code: 'LK-CHAIN-01', message: `Fact ${verdict.fault.seq}: ${verdict.fault.words}.` }
      : { code: 'LK-CHAIN-02', message: `${verdict.words}.` }
  return new Failure({ exit: EXIT.failed, code, message, ...story })
}

function witnessOf(text: string): { readonly seq: number; readonly hash: string } {
  const [, seq, hash] = WITNESS.exec(text) ?? []
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash }
  throw new Failure({
    exit: EXIT.usage,
    code: 'LK-CTL-01',
    message: 'The witness is not NUMBER:HASH.',
    hint: 'Central keeps it; latchkey verify prints the newest one of a ledger.',
  })
}

async function exportChain(file: string, { json, from }: ExportFlags): Promise<ExitCode> {
  const [{ openReading }, { writeExport }] = await Promise.all([
    import('../store/verify.ts'),
    import('../store/export.ts'),
  ])
  const count = await guarded(() => {
    const db = openReading(from)
    try {
      return writeExport(db, file, progressOf('written'))
    } finally {
      db.close()
    }
  })
  print([json ? JSON.stringify({ apiVersion: 1, file, count }) : `${count} facts are in ${file}.`])
  return EXIT.ok
}

/** Only where somebody looks on. */
export function progressOf(done: string): (count: number) => void {
  return (count) => {
    if (process.stderr.isTTY) say(`${count} facts ${done} …`)
  }
}

/** Whatever the store says, as a command ends. */
export async function guarded<T>(work: () => T | Promise<T>): Promise<T> {
  const { StoreError } = await import('../store/database.ts')
  try {
    return await work()
  } catch (error) {
    if (error instanceof StoreError) {
      const isHeld = error.code === 'LK-RUN-02'
      throw new Failure({
        exit: isHeld ? EXIT.refused : EXIT.failed,
        code: error.code,
        message: error.message.slice(error.code.length + 2),
        hint: isHeld ? 'The daemon does not; end the other program.' : null,
      })
    }
    const { code, path } = error as NodeJS.ErrnoException
    if (code === undefined || path === undefined) throw error
    throw new Failure({
      exit: EXIT.failed,
      code: 'LK-CHAIN-03',
      message: `${path} cannot be written (${code}).`,
      hint: code === 'EEXIST' ? 'It is there already; name another file.' : null,
    })
  }
}

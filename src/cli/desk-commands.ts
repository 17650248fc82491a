// `latchkey desk …`: what the operator's desk does for people who stand before a kiosk, with a file
// at hand and no way to reach the kiosk.
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { DeskWish, Fact, ParcelId } from '../kiosk/facts.ts'
import { hasReceipt, isOneAct, type ReceiptFact, readReceipt, receiptOf } from '../kiosk/receipt.ts'
import type { FactText } from '../store/chain.ts'
import { EXIT, type ExitCode, Failure } from './exit.ts'
import { defaultLedger, faultOf, guarded, progressOf } from './ledger-commands.ts'
import { print } from './terminal.ts'

interface ReceiptFlags {
  readonly json?: true
  readonly in: string
}

/** As long as the output of SHA-256. */
const KEY_BYTES_MIN = 32
const ANSWER_HELP = `
Make sure first that the caller has a right to what lies inside: whoever gets the answer gets it.

Example:
  latchkey desk answer 7G0T-X2M9-4KQB --kiosk k1 --locker 07 --key k1.help-key`
const PIN_HELP = `
Make sure first that the caller is the recipient. Tell the answer; tell the PIN when the screen says
that there is a new one. From then on the old PIN opens nothing.

Example:
  latchkey desk pin 7G0T-X2M9-4KQB --kiosk k1 --locker 07 --key k1.help-key`

export function addDeskCommands(program: Command, end: (code: ExitCode) => void): void {
  const desk = program.command('desk').description('the operator’s desk, without a network')
  desk
    .command('receipt <code>')
    .description('find what a custody receipt is for, in a chain that is checked on the way')
    .option('--json', 'write JSON, for programs')
    .option('--in <file>', 'a ledger or an export', defaultLedger())
    .addHelpText('after', '\nExample:\n  latchkey desk receipt 7G0T-X2M9-4KQB --in k1.jsonl')
    .action(async (code: string, flags: ReceiptFlags) => end(await findReceipt(code, flags)))
  const wishes = [
    ['answer', 'open', 'so that it opens one locker', ANSWER_HELP],
    ['pin', 'pin', 'so that the recipient of what lies in one locker has a new PIN', PIN_HELP],
  ] as const
  for (const [name, wants, aim, help] of wishes) {
    desk
      .command(`${name} <challenge>`)
      .description(`answer the challenge that a kiosk shows, ${aim}`)
      .option('--json', 'write JSON, for programs')
      .requiredOption('--kiosk <id>', 'the kiosk that shows it')
      .requiredOption('--locker <label>', 'the locker that it shows')
      .requiredOption('--key <file>', 'the help key of that kiosk')
      .addHelpText('after', help)
      .action(async (challenge: string, flags: AnswerFlags) =>
        end(await answer(challenge, { ...flags, wants })),
      )
  }
}

interface AnswerFlags {
  readonly json?: true
  readonly kiosk: string
  readonly locker: string
  readonly key: string
}

async function answer(
  typed: string,
  { json, wants, ...flags }: AnswerFlags & { readonly wants: DeskWish },
): Promise<ExitCode> {
  const { answerChallenge } = await import('../sync/desk-code.ts')
  const { kiosk: kioskId, locker: lockerId } = flags
  const answered = answerChallenge(keyIn(flags.key), { typed, wants, kioskId, lockerId })
  if (!answered.ok) {
    const isMisspelt = answered.cause === 'misspelt'
    throw new Failure({
      exit: isMisspelt ? EXIT.usage : EXIT.refused,
      code: isMisspelt ? 'LK-DESK-01' : 'LK-DESK-02',
      message: isMisspelt
        ? 'The challenge is misspelt: its last character does not fit the others.'
        : `The challenge is not one of kiosk ${kioskId} for locker ${lockerId} under this key.`,
      hint: isMisspelt
        ? 'Let it be read out again.'
        : 'Ask again for kiosk and locker, and whether the door or a new PIN was asked for.',
    })
  }
  const { answer, pin } = answered
  const spaced = answer.replace(/(....)/, '$1 ')
  if (json) print([JSON.stringify({ apiVersion: 1, answer, ...pin })])
  else if (pin === null) print([spaced])
  else print([`answer       ${spaced}`, `PIN          ${pin.pin}`, `second part  ${pin.reference}`])
  return EXIT.ok
}

function keyIn(file: string): Buffer {
  const refused = (message: string): Failure =>
    new Failure({ exit: EXIT.failed, code: 'LK-CFG-03', message })
  let key: Buffer
  try {
    key = readFileSync(file)
  } catch (error) {
    throw refused(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
  if (key.length < KEY_BYTES_MIN)
    throw refused(`${file} has ${key.length} bytes, too few for a key.`)
  return key
}

interface Found {
  readonly text: FactText
  readonly hash: string
  /** Its own, and those of the facts of the same act, in order; they may follow it. */
  readonly parcelIds: readonly ParcelId[]
}

/** Facts in the order of their numbers; those of one act share one list of parcels. */
class Acts {
  #last: {
    readonly seq: number
    readonly fact: ReceiptFact
    readonly parcelIds: ParcelId[]
  } | null = null

  /** @returns the list of its act, which may still grow */
  take(fact: ReceiptFact, seq: number): readonly ParcelId[] {
    const last = this.#last
    const isSame = last?.seq === seq - 1 && isOneAct(last.fact, fact)
    const parcelIds = isSame ? last.parcelIds : []
    parcelIds.push(fact.data.parcelId)
    this.#last = { seq, fact, parcelIds }
    return parcelIds
  }
}

async function findReceipt(typed: string, { json, in: file }: ReceiptFlags): Promise<ExitCode> {
  const code = readReceipt(typed)
  if (code === null) {
    throw new Failure({
      exit: EXIT.usage,
      code: 'LK-CHAIN-04',
      message: 'The receipt is misspelt: its last character does not fit the others.',
    })
  }
  const found: Found[] = []
  const acts = new Acts()
  const take = (fact: Fact, text: FactText, hash: string): void => {
    if (!hasReceipt(fact)) return
    const parcelIds = acts.take(fact, text.seq)
    if (receiptOf(hash) === code) found.push({ text, hash, parcelIds })
  }
  const { verifyFile } = await import('../store/verify.ts')
  const verdict = await guarded(() => verifyFile(file, { take, progress: progressOf('read') }))
  if (verdict.kind !== 'sound') throw faultOf(verdict, { isTold: false })
  if (found.length === 0) {
    throw new Failure({
      exit: EXIT.failed,
      code: 'LK-CHAIN-05',
      message: `No fact in ${file} has this receipt.`,
      hint: 'The fact may be newer than the file, or older than its beginning.',
    })
  }
  for (const { text, hash, parcelIds } of found) {
    const { seq, type, t, by, data } = text
    const told = { apiVersion: 1, receipt: code, seq, hash, type, t, by, parcelIds, data }
    if (json) print([JSON.stringify(told)])
    else print(pageOf({ ...text, code, hash, parcelIds }))
  }
  return EXIT.ok
}

function pageOf(found: FactText & Omit<Found, 'text'> & { readonly code: string }): string[] {
  const { lockerId } = found.data as { lockerId?: string }
  const { parcelIds } = found
  const when = new Date(found.t).toISOString()
  const doubt = found.clk === 'believed' ? '' : ' (by a clock that the kiosk did not believe)'
  return [
    `receipt   ${found.code}`,
    `fact      ${found.seq}, ${found.type}`,
    `${parcelIds.length === 1 ? 'parcel ' : 'parcels'}   ${parcelIds.join(', ')}`,
    `locker    ${lockerId}`,
    `when      ${when}${doubt}`,
    `by        ${[found.by.role, found.by.id].filter(Boolean).join(' ')}`,
    `hash      ${found.hash}`,
  ]
}

// Commands of central: what is meaningful now or never. One that opens or re-issues must name a
// nonce that this process has just given out, and a counter above the last one, and is taken once;
// whatever a broker keeps, delays, repeats or shows to another kiosk fails at one of these. The
// rules decide whether it may be followed; the answer is stored before it is sent.
import type { CentralCommand, CommandEnd } from '../../kiosk/command-facts.ts'
import type { CommandBody, Refusal } from './messages.ts'
import { drawId } from './random.ts'
import { publish, type Turn } from './state.ts'

type ActingBody = Exclude<CommandBody, { readonly type: 'status' }>

/** @returns why the command is refused, or null */
export function takeCommand(turn: Turn, body: CommandBody): Refusal | null {
  if (!isWithinRate(turn)) {
    const detail = `more than ${turn.config.commandsMax} in a window`
    return { leaf: 'cmd', code: 'LK-CMD-05', detail }
  }
  const { cid } = body
  const known = turn.ledger.command(cid)
  if (known !== null) {
    const { type, end } = known
    answerWith(turn, { cid, type, again: true }, end)
    return null
  }
  if (body.type === 'status') report(turn, cid, { kind: 'status' })
  else takeActing(turn, body)
  return null
}

function takeActing(turn: Turn, body: ActingBody): void {
  const { cid, type, counter } = body
  const isFresh = spendNonce(turn, body)
  if (!isFresh || counter <= turn.ledger.commandCounter()) {
    // Nothing of it is kept: it can never become valid, and replays must not fill the table.
    const told = isFresh
      ? { status: 'refused', code: 'LK-CMD-02' }
      : { status: 'expired', code: 'LK-CMD-01' }
    publish(turn, 'res', { cid, type, ...told })
    return
  }
  const command = commandOf(body)
  const target = command.kind === 'open' ? command.lockerId : command.recipientId
  const data = { commandId: cid, type, target, counter }
  turn.notes.push({ kind: 'command-taken', data })
  publish(turn, 'res', { cid, type, status: 'accepted' })
  report(turn, cid, command)
}

function commandOf({ type, args }: ActingBody): Exclude<CentralCommand, { kind: 'status' }> {
  const { operator = null, reason } = args
  if (type === 'reissue') return { kind: type, recipientId: args.recipientId, operator, reason }
  const { lockerId, parcelId = null } = args
  return { kind: type, lockerId, parcelId, operator, reason }
}

function report(turn: Turn, commandId: string, command: CentralCommand): void {
  const event = { kind: 'command-sent', commandId, command } as const
  turn.actions.push({ kind: 'report', event })
}

/** The rules have dealt with it. */
export function endCommand(turn: Turn, commandId: string, end: CommandEnd): void {
  const known = turn.ledger.command(commandId)
  if (known === null) {
    const counter = turn.ledger.commandCounter()
    const { status, report: result } = end
    const nonce = giveNonce(turn)
    publish(turn, 'res', { cid: commandId, type: 'status', status, nonce, counter, result })
    return
  }
  turn.notes.push({ kind: 'command-settled', data: { commandId, end } })
  answerWith(turn, { cid: commandId, type: known.type }, end)
}

function answerWith(turn: Turn, head: object, end: CommandEnd | null): void {
  if (end === null) {
    publish(turn, 'res', { ...head, status: 'accepted' })
    return
  }
  const { status, code, opening: result, left } = end
  publish(turn, 'res', { ...head, status, ...(code !== null && { code }), result, left })
}

/** Fresh, unguessable, and forgotten with this process. */
function giveNonce(turn: Turn): string {
  const { config, now } = turn
  const drawn = drawId(turn.state.random)
  const { commands } = turn.state
  const given = { nonce: drawn.id, givenAtMonoMs: now.monoMs }
  const nonces = [...commands.nonces, given].slice(-config.noncesMax)
  turn.state = { ...turn.state, random: drawn.random, commands: { ...commands, nonces } }
  return drawn.id
}

/**
 * Each is good for one try. How old it is, the kiosk's own uptime tells: of central's clock only
 * the difference counts, which is how long central wants to wait.
 *
 * @returns whether it was fresh
 */
function spendNonce(turn: Turn, { nonce, iat, exp }: ActingBody): boolean {
  const { config, now } = turn
  const { commands } = turn.state
  const given = commands.nonces.find((each) => each.nonce === nonce)
  if (given === undefined) return false
  const nonces = commands.nonces.filter((each) => each !== given)
  turn.state = { ...turn.state, commands: { ...commands, nonces } }
  return now.monoMs - given.givenAtMonoMs < Math.min(config.nonceLifeMs, exp - iat)
}

function isWithinRate(turn: Turn): boolean {
  const { config, now } = turn
  const { commands } = turn.state
  const isOver = commands.windowEndsMonoMs <= now.monoMs
  const count = isOver ? 1 : commands.count + 1
  const windowEndsMonoMs = isOver ? now.monoMs + config.commandWindowMs : commands.windowEndsMonoMs
  if (count > config.commandsMax) return false
  turn.state = { ...turn.state, commands: { ...commands, count, windowEndsMonoMs } }
  return true
}

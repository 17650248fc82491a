// The answer to a command of central: it goes to the uplink, which stores it and sends it.
import type { CommandEnd } from './command-facts.ts'
import type { Draft } from './draft.ts'
import type { Answer } from './events.ts'
import { remoteBudget } from './remote-budget.ts'

export function endCommand(draft: Draft, commandId: string, end: CommandEnd): void {
  draft.actions.push({ kind: 'end-command', commandId, end })
}

/** How the opening that a command had begun ended. */
export function endOpenCommand(draft: Draft, commandId: string, answer: Answer): void {
  const left = remoteBudget(draft)
  switch (answer.kind) {
    case 'opened': {
      const { openingId, outcome } = answer
      return endCommand(draft, commandId, {
        status: 'done',
        code: null,
        opening: { openingId, outcome },
        left,
      })
    }
    case 'unproven': {
      const { openingId, outcome } = answer
      const opening = { openingId, outcome }
      return endCommand(draft, commandId, { status: 'failed', code: 'LK-DOOR-06', opening, left })
    }
    case 'refused': {
      const { code, outcome } = answer
      const opening = outcome === undefined ? {} : { opening: { openingId: null, outcome } }
      return endCommand(draft, commandId, { status: 'failed', code, ...opening, left })
    }
    default:
      throw new Error(`an opening does not end with ${answer.kind}`)
  }
}

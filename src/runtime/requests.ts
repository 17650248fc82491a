// Questions to the core that wait for their answer: the technician's commands and the status.

import type {
  Answer,
  AuditCommand,
  KioskEvent,
  KioskStatus,
  TechnicianCommand,
} from '../kiosk/events.ts'
import type { UplinkAnswer, UplinkQuestion } from '../kiosk/uplink-report.ts'
import type { UplinkEvent } from '../sync/machine/state.ts'

/** Longer than an opening with all its pulses takes. */
const ANSWER_MAX_MS = 20_000
const REQUESTS_MAX = 100

export interface Requests {
  askStatus(): Promise<KioskStatus>
  askExplanation(name: string): Promise<Answer>
  askAudit(question: {
    readonly technicianId: string
    readonly command: AuditCommand
  }): Promise<Answer>
  ask(question: {
    readonly technicianId: string
    readonly command: TechnicianCommand
  }): Promise<Answer>
  askUplink(question: UplinkQuestion): Promise<UplinkAnswer>
  /** @returns false when nobody waits for it any more */
  answer(requestId: string, answer: Answer | UplinkAnswer): boolean
}

interface Send {
  readonly toKiosk: (event: KioskEvent) => void
  readonly toUplink: (event: UplinkEvent) => void
}

class CoreSilentError extends Error {
  readonly code = 'LK-CTL-04'

  constructor() {
    super('LK-CTL-04: the kiosk gave no answer in time')
  }
}

export function createRequests(send: Send): Requests {
  const waiting = new Map<string, (answer: Answer | UplinkAnswer) => void>()
  let count = 0

  function put(sendAs: (requestId: string) => void): Promise<Answer | UplinkAnswer> {
    if (waiting.size >= REQUESTS_MAX) return Promise.reject(new CoreSilentError())
    count += 1
    const requestId = `request-${count}`
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(requestId)
        reject(new CoreSilentError())
      }, ANSWER_MAX_MS)
      waiting.set(requestId, (answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
      sendAs(requestId)
    })
  }

  /** A question to the rules is answered by them alone. */
  const putToKiosk = (eventOf: (requestId: string) => KioskEvent): Promise<Answer> =>
    put((requestId) => send.toKiosk(eventOf(requestId))) as Promise<Answer>

  return {
    async askStatus() {
      const answer = await putToKiosk((requestId) => ({ kind: 'status-asked', requestId }))
      if (answer.kind !== 'status') throw new CoreSilentError()
      return answer.status
    },
    askExplanation: (name) =>
      putToKiosk((requestId) => ({ kind: 'explain-asked', requestId, name })),
    askAudit: ({ technicianId, command }) =>
      putToKiosk((requestId) => ({ kind: 'audit-asked', requestId, technicianId, command })),
    ask: ({ technicianId, command }) =>
      putToKiosk((requestId) => ({
        kind: 'technician-asked',
        requestId,
        technicianId,
        command,
      })),
    askUplink: (question) =>
      put((requestId) =>
        send.toUplink({ kind: 'asked', requestId, question }),
      ) as Promise<UplinkAnswer>,
    answer(requestId, answer) {
      const resolve = waiting.get(requestId)
      waiting.delete(requestId)
      resolve?.(answer)
      return resolve !== undefined
    },
  }
}

// Questions to the core that wait for their answer: the technician's commands and the status.
import type {
  Answer,
  AuditCommand,
  KioskEvent,
  KioskStatus,
  TechnicianCommand,
} from '../kiosk/events.ts'

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
  /** @returns false when nobody waits for it any more */
  answer(requestId: string, answer: Answer): boolean
}

class CoreSilentError extends Error {
  readonly code = 'LK-CTL-04'

  constructor() {
    super('LK-CTL-04: the kiosk gave no answer in time')
  }
}

export function createRequests(send: (event: KioskEvent) => void): Requests {
  const waiting = new Map<string, (answer: Answer) => void>()
  let count = 0

  function put(eventOf: (requestId: string) => KioskEvent): Promise<Answer> {
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
      send(eventOf(requestId))
    })
  }

  return {
    async askStatus() {
      const answer = await put((requestId) => ({ kind: 'status-asked', requestId }))
      if (answer.kind !== 'status') throw new CoreSilentError()
      return answer.status
    },
    askExplanation: (name) => put((requestId) => ({ kind: 'explain-asked', requestId, name })),
    askAudit: ({ technicianId, command }) =>
      put((requestId) => ({ kind: 'audit-asked', requestId, technicianId, command })),
    ask: ({ technicianId, command }) =>
      put((requestId) => ({ kind: 'technician-asked', requestId, technicianId, command })),
    answer(requestId, answer) {
      const resolve = waiting.get(requestId)
      waiting.delete(requestId)
      resolve?.(answer)
      return resolve !== undefined
    },
  }
}

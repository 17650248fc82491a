// What of the world's comings and goings is worth a line in the log, with the code that the manual
// explains. Each is limited where it arises: boards are probed slowly, refusals are told ten a
// minute.
import { CODES } from '../kiosk/codes.ts'
import type { KioskEvent } from '../kiosk/events.ts'
import { CODE_BY_CAUSE } from '../sync/machine/cause-codes.ts'
import type { LinkEvent } from '../sync/machine/state.ts'
import type { CoreOutput } from './core.ts'
import { event, type Log } from './log.ts'

const RENEWAL_FAILED = CODES['LK-LINK-18']

export interface Journal {
  hear(kioskEvent: KioskEvent): void
  hearLink(linkEvent: LinkEvent): void
  see(output: CoreOutput): void
}

export function createJournal(log: Pick<Log, 'info' | 'warn'>): Journal {
  const online = new Set<string>()
  return {
    hear(kioskEvent) {
      if (kioskEvent.kind === 'screen-changed') {
        if (kioskEvent.isConnected) log.info(event('screen-connected'), 'a page is connected')
        else log.warn(event('screen-gone'), 'no page is connected')
      }
      if (kioskEvent.kind === 'board-lost') {
        const { boardId } = kioskEvent
        online.delete(boardId)
        log.warn(event('board-lost', { boardId, code: 'LK-BUS-01' }), 'a board does not answer')
      }
      if (kioskEvent.kind !== 'board-read' || online.has(kioskEvent.reading.boardId)) return
      const { boardId, boot } = kioskEvent.reading
      online.add(boardId)
      log.info(event('board-returned', { boardId, boot }), 'a board answers')
    },
    hearLink(linkEvent) {
      if (linkEvent.kind === 'link-up') {
        const { protocol } = linkEvent
        log.info(event('uplink-returned', { protocol }), 'the broker is connected')
      }
      if (linkEvent.kind === 'identity-renewed') {
        log.info(event('identity-renewed'), 'central has certified the kiosk’s next key')
      }
      if (linkEvent.kind === 'renewal-failed') {
        const { detail } = linkEvent
        log.warn(event('identity-renewal-failed', { code: 'LK-LINK-18', detail }), RENEWAL_FAILED)
      }
      if (linkEvent.kind !== 'link-down') return
      const { cause, detail } = linkEvent
      const code = CODE_BY_CAUSE[cause]
      log.warn(event('uplink-lost', { code, cause, detail }), CODES[code])
    },
    see(output) {
      if (output.kind !== 'uplink' || output.action.kind !== 'publish') return
      const { leaf, body } = output.action
      if (leaf !== 'rej') return
      const { code, leaf: refused, detail } = JSON.parse(body) as Readonly<Record<string, unknown>>
      log.warn(event('sync-refused', { code, leaf: refused, detail }), 'a message was refused')
    },
  }
}

// The seam between the uplink machine and a broker: the MQTT link in the kiosk, the seeded world's
// own in simulation.
import type { Protocol } from '../machine/config.ts'
import type { UpLeaf } from '../machine/messages.ts'
import type { LinkEvent, Receipt, UplinkAction } from '../machine/state.ts'

export interface ConnectRequest {
  readonly session: string
  /** Index into the configured ones. */
  readonly broker: number
  readonly protocol: Protocol
  readonly wallMs: number
  /** Not believed: no certificate is refused for its dates. */
  readonly isWallBelieved: boolean
  /** Body of the retained `state` that the broker publishes when the connection is lost. */
  readonly will: string
}

export interface Publication {
  readonly leaf: UpLeaf
  readonly body: string
  readonly isRetained: boolean
}

/**
 * A broker connection that the machine directs. No method throws. Every `connect` ends in exactly
 * one `link-down`, however it went; a `disconnect` needs none. Messages arrive one at a time: the
 * next one comes after `acknowledge`.
 */
export interface UplinkLink {
  /** Ends whatever was before and begins anew. */
  connect(request: ConnectRequest): void
  /** Silently without effect while not connected: the outbox is the only queue. */
  publish(publication: Publication): void
  acknowledge(receipt: Receipt): void
  /** Takes the next certificate; what comes of it is told as an event. */
  renew(answer: RenewalAnswer): void
  disconnect(): void
}

/** PEM texts. */
export interface RenewalAnswer {
  readonly re: string
  readonly certificate: string
  /** Null: who certifies the brokers does not change. */
  readonly ca: string | null
}

export type LinkHost = (event: LinkEvent) => void

export type LinkAction = Exclude<UplinkAction, { readonly kind: 'report' | 'tell' }>

export function performOnLink(link: UplinkLink, action: LinkAction): void {
  switch (action.kind) {
    case 'connect':
      link.connect(action)
      return
    case 'publish':
      link.publish(action)
      return
    case 'acknowledge':
      link.acknowledge(action.receipt)
      return
    case 'renew':
      link.renew(action)
      return
    case 'disconnect':
      link.disconnect()
      return
  }
}

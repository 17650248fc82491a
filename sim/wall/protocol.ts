// What goes over the WebSocket between the demo and the page of its wall.
import type { Announcement, DemoCourier, Letter, WallCommand, WallSnapshot } from './host.ts'

export type WallServerMessage =
  | {
      readonly kind: 'world'
      readonly wall: WallSnapshot
      readonly letters: readonly Letter[]
      readonly couriers: readonly DemoCourier[]
      readonly recipients: readonly { readonly id: string; readonly label: string }[]
    }
  | { readonly kind: 'done'; readonly id: string }
  | { readonly kind: 'refused'; readonly id: string; readonly reason: string }
  | { readonly kind: 'error'; readonly code: 'LK-SCR-01' }

export type WallRequest = WallCommand | ({ readonly kind: 'announce' } & Announcement)

export interface WallClientMessage {
  readonly id: string
  readonly request: WallRequest
}

// What travels between kiosk and central, as the machine sees it: after signature and schema. The
// JSON Schemas in ../contract are the authority on shapes and bounds; docs/contract has examples.
import type { Code } from '../../kiosk/codes.ts'
import type { StreamName, StreamRows } from '../../kiosk/desired.ts'

/** The newest version central holds, by stream; a stream it does not name is unknown to it. */
export type Heads = { readonly [S in StreamName]?: number }

/** Of a stream's rows, in hexadecimal digits. */
export type Hashes = { readonly [S in StreamName]?: string }

interface DownHeader {
  readonly v: 1
  /** The kiosk this is for. */
  readonly k: string
  /** Central's wall clock, milliseconds since 1970; for people, never for decisions. */
  readonly t: number
}

/** How central wants the log; what is absent is left to the kiosk. */
interface Pace {
  readonly batchEvents?: number
  readonly windowBatches?: number
  /** No facts for so long. */
  readonly holdMs?: number
  /** Over which time this kiosk and its fleet come back after a loss. */
  readonly spreadMs?: number
}

/** By central's clock, of one message of the kiosk that asked for it. */
export interface CentralTime {
  /** The `id` of that message. */
  readonly re: string
  /** When it came. */
  readonly t1: number
  /** When this answer was made. */
  readonly t2: number
}

/** Central has committed the facts of `epoch` from `since` to `cum`, each as it was sent. */
export interface AckBody extends DownHeader {
  readonly epoch: string
  readonly since: number
  readonly cum: number
  /** SHA-256 of the text of that fact; zeros while there is none. */
  readonly hash: string
  readonly pace?: Pace
  readonly head: Heads
  readonly time?: CentralTime
}

/** After a restore: where parcels lie, by every fact of the epoch before. */
export interface ConfirmBody extends DownHeader {
  /** Which began with the restore. */
  readonly epoch: string
  readonly after: { readonly epoch: string; readonly cum: number }
  readonly parcels: readonly {
    readonly id: string
    readonly lockerId: string
    readonly isPinStale?: boolean
  }[]
}

/** A beacon: it shows a delta that was lost when no later one follows. */
interface HeadBody extends DownHeader {
  readonly head: Heads
  /** Of the rows at these versions; absent: not told. */
  readonly hash?: Hashes
  readonly time?: CentralTime
}

export type RowOp<Row> = { readonly put: Row } | { readonly del: string }

export type DeltaBody = {
  readonly [S in StreamName]: DownHeader & {
    readonly stream: S
    readonly from: number
    readonly to: number
    readonly ops: readonly RowOp<StreamRows[S]>[]
  }
}[StreamName]

export type SnapBody = {
  readonly [S in StreamName]: DownHeader & {
    readonly stream: S
    readonly ver: number
    /** The `id` of the request that this answers. */
    readonly re: string
    /** Which one of how many messages this is; absent: the only one. */
    readonly part?: { readonly i: number; readonly n: number }
    readonly rows: readonly StreamRows[S][]
  }
}[StreamName]

/** The commands that do something name a nonce of the kiosk, and a counter. */
interface ActingHeader {
  readonly nonce: string
  readonly counter: number
}

interface OrderArgs {
  /** Who ordered it at central. */
  readonly operator?: string
  readonly reason: string
}

export type CommandBody = DownHeader & {
  readonly cid: string
  /** By central's clock; only how long it is from the one to the other counts. */
  readonly iat: number
  readonly exp: number
} & (
    | { readonly type: 'status'; readonly args: object }
    | (ActingHeader & {
        readonly type: 'open'
        readonly args: OrderArgs & { readonly lockerId: string; readonly parcelId?: string }
      })
    | (ActingHeader & {
        readonly type: 'reissue'
        readonly args: OrderArgs & { readonly recipientId: string }
      })
  )

/** What central wants of the connection itself. One of the two is there. */
export interface CtlBody extends DownHeader {
  /** Say again who you are and where you stand. */
  readonly rebirth?: true
  /** Of the connection in which this is meant: an old message is for an old one. */
  readonly session?: string
  /** Central was restored and lost facts that it had acknowledged: send them once more. */
  readonly resend?: { readonly epoch: string; readonly from: number }
}

/** What the kiosk shows the broker from now on. */
interface CertificateBody extends DownHeader {
  /** The `id` of the request. */
  readonly re: string
  /** PEM. */
  readonly certificate: string
  /** PEM: who certifies the brokers; absent: as before. */
  readonly ca?: string
}

export type DownMessage =
  | { readonly leaf: 'ack'; readonly body: AckBody }
  | { readonly leaf: 'confirm'; readonly body: ConfirmBody }
  | { readonly leaf: 'head'; readonly body: HeadBody }
  | { readonly leaf: 'delta'; readonly body: DeltaBody }
  | { readonly leaf: 'snap'; readonly body: SnapBody }
  | { readonly leaf: 'cmd'; readonly body: CommandBody }
  | { readonly leaf: 'ctl'; readonly body: CtlBody }
  | { readonly leaf: 'crt'; readonly body: CertificateBody }

export type DownLeaf = DownMessage['leaf']
export type UpLeaf = 'state' | 'sync' | 'ev' | 'rej' | 'res' | 'csr'

export interface Refusal {
  /** As it stood in the topic, which may be no leaf of the contract. */
  readonly leaf: string
  readonly code: Code
  readonly detail: string
}

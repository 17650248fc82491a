// The uplink's limits. Every one is here, so that a fleet, a demo and a test differ only in
// numbers.

export type Protocol = '5' | '3.1.1'

export interface UplinkConfig {
  readonly kioskId: string
  /** How many there are to try in turn. */
  readonly brokers: number
  /** `auto` begins with 5 and falls back when the broker does not speak it. */
  readonly protocol: Protocol | 'auto'
  /** The first delay is spread over this time: the fleet's size over the broker's rate (C1). */
  readonly retrySpreadMs: number
  readonly retryCapMs: number
  /** A connection that lasted this long and heard central ends the back-off (C3). */
  readonly steadyMs: number
  /** Delay after a refusal that a quick retry cannot cure (C4). */
  readonly slowRetryMinMs: number
  readonly slowRetryMaxMs: number
  /** When a connection attempt that the link never ended is given up. */
  readonly connectMaxMs: number
  readonly batchEventsMax: number
  readonly batchBytesMax: number
  /** Batches sent and not confirmed. */
  readonly windowBatches: number
  /** No confirmation in this time: send again from the last confirmed fact (U3). */
  readonly ackTimeoutMs: number
  readonly ackTimeoutCapMs: number
  /** An ack without progress this long after the last batch shows that central missed it. */
  readonly resendMinMs: number
  /** Least time between two requests after a gap; doubles while nothing comes of them. */
  readonly syncMinMs: number
  readonly syncCapMs: number
  /** Mean time between two requests without any cause; each is spread by half of it. */
  readonly syncPeriodMs: number
  /** Central is online while it was heard within this time. */
  readonly onlineMs: number
  /** Refusals reported per window; the rest is counted and reported at its end. */
  readonly refusalsMax: number
  readonly refusalWindowMs: number
  /** A command is taken until so long after its nonce was given out. */
  readonly nonceLifeMs: number
  /** Nonces that can be named at once; the oldest goes first. */
  readonly noncesMax: number
  /** Commands looked at per window; what exceeds that is refused. */
  readonly commandsMax: number
  readonly commandWindowMs: number
}

export const DEFAULT_UPLINK: Omit<UplinkConfig, 'kioskId'> = {
  brokers: 1,
  protocol: 'auto',
  retrySpreadMs: 60_000,
  retryCapMs: 900_000,
  steadyMs: 60_000,
  slowRetryMinMs: 300_000,
  slowRetryMaxMs: 1_800_000,
  connectMaxMs: 60_000,
  batchEventsMax: 50,
  batchBytesMax: 48 * 1024,
  windowBatches: 4,
  ackTimeoutMs: 15_000,
  ackTimeoutCapMs: 300_000,
  resendMinMs: 1_000,
  syncMinMs: 1_000,
  syncCapMs: 300_000,
  syncPeriodMs: 600_000,
  onlineMs: 900_000,
  refusalsMax: 10,
  refusalWindowMs: 60_000,
  nonceLifeMs: 60_000,
  noncesMax: 8,
  commandsMax: 30,
  commandWindowMs: 60_000,
}

/** For a demo and for a bench: one kiosk, a broker next to it, and somebody watching. */
export const PROMPT_UPLINK: Omit<UplinkConfig, 'kioskId'> = {
  ...DEFAULT_UPLINK,
  retrySpreadMs: 400,
  retryCapMs: 3_000,
  steadyMs: 5_000,
  slowRetryMinMs: 2_000,
  slowRetryMaxMs: 4_000,
  connectMaxMs: 10_000,
  ackTimeoutMs: 2_000,
  ackTimeoutCapMs: 8_000,
  resendMinMs: 250,
  syncMinMs: 250,
  syncCapMs: 5_000,
  syncPeriodMs: 30_000,
  onlineMs: 15_000,
  refusalWindowMs: 10_000,
}

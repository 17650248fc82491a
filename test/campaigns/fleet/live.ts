// A fleet for real: one Mosquitto, the reference central, and as many kiosks as the machine bears.
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { DEFAULT_UPLINK } from '../../../src/sync/machine/config.ts'
import { startMosquitto } from '../../support/mosquitto.ts'
import { type FleetVerdict, LiveFleet } from './live-fleet.ts'

const MS_PER_S = 1_000
const PAGE_BYTES = 4_096
const UP_MAX_MS = 600_000
const PROGRESS_MS = 2_000
/** As a kiosk's own, and long enough that nothing is repeated only because the machine is busy. */
const PATIENT = {
  ...DEFAULT_UPLINK,
  protocol: '5',
  ackTimeoutMs: 60_000,
  ackTimeoutCapMs: 120_000,
  connectMaxMs: 120_000,
} as const
const LINK = { brokerKeeps: true, connectTimeoutMs: 60_000, pubackWaitMs: 120_000 } as const

export interface LiveOptions {
  readonly kiosks: number
  readonly factsEach: number
  /** `uplink.reconnectSpreadMs` of every kiosk. */
  readonly spreadMs: number
  readonly onProgress?: (line: string) => void
}

export interface LiveOutcome {
  /** From the first attempt to the last subscription that was granted. */
  readonly connectsPerS: number
  readonly failedAttempts: number
  readonly brokerBytes: { readonly idle: number; readonly perConnection: number }
  /** All kiosks together, from the first fact until the last acknowledgement. */
  readonly factsPerS: number
  readonly verdict: FleetVerdict
}

/** Resident memory, by /proc (Linux). */
function residentBytes(pid: number): number {
  const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
  return Number(pages) * PAGE_BYTES
}

export async function runLiveFleet(options: LiveOptions): Promise<LiveOutcome> {
  const { kiosks, factsEach, spreadMs } = options
  const broker = await startMosquitto()
  const config = { ...PATIENT, retrySpreadMs: spreadMs }
  const fleet = await LiveFleet.open({ kiosks, ports: [broker.port], config, ...LINK })
  const progress = showProgress(fleet, options)
  try {
    const idle = residentBytes(broker.pid())
    const beganMs = performance.now()
    await fleet.startKiosks()
    await fleet.until('every kiosk is up', () => fleet.upCount() === kiosks, UP_MAX_MS)
    const connectsPerS = (kiosks * MS_PER_S) / (performance.now() - beganMs)
    await fleet.until('every kiosk is heard', () => fleet.onlineCount() === kiosks, UP_MAX_MS)
    const perConnection = (residentBytes(broker.pid()) - idle) / kiosks
    const failedAttempts = fleet.kiosks.reduce((sum, kiosk) => sum + kiosk.causes().length, 0)
    const sendingMs = performance.now()
    for (const kiosk of fleet.kiosks) {
      for (let fact = 0; fact < factsEach; fact += 1) {
        kiosk.append('locker-released/1', { lockerId: `A${fact % 24}` })
      }
      // Lets the sockets of the others breathe.
      await pause(0)
    }
    await fleet.until('every fact is acknowledged', () => fleet.waiting() === 0, UP_MAX_MS)
    const factsPerS = (kiosks * factsEach * MS_PER_S) / (performance.now() - sendingMs)
    const brokerBytes = { idle, perConnection }
    return { connectsPerS, failedAttempts, brokerBytes, factsPerS, verdict: fleet.judge() }
  } finally {
    clearInterval(progress)
    await fleet.close()
    await broker.stop()
  }
}

function showProgress(fleet: LiveFleet, { kiosks, onProgress }: LiveOptions): NodeJS.Timeout {
  return setInterval(() => {
    const there = `${fleet.upCount()} of ${kiosks} up, ${fleet.onlineCount()} heard`
    onProgress?.(`${there}, ${fleet.waiting()} facts wait`)
  }, PROGRESS_MS)
}

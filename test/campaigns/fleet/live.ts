// A fleet for real: one Mosquitto, the reference central, and as many kiosks as the machine bears.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DEFAULT_UPLINK } from '../../../src/sync/machine/config.ts'
import { CertificateAuthority } from '../../support/certificates.ts'
import { startMosquitto } from '../../support/mosquitto.ts'
import { type FleetVerdict, LiveFleet } from './live-fleet.ts'

const MS_PER_S = 1_000
const PAGE_BYTES = 4_096
/** USER_HZ, 100 a second on every Linux that we know. */
const MS_PER_TICK = 10
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
  /** True: with certificates of both ends, one for all kiosks; they are judged like their own. */
  readonly isEncrypted: boolean
  readonly onProgress?: (line: string) => void
}

export interface LiveOutcome {
  /** From the first attempt to the last subscription that was granted. */
  readonly connectsPerS: number
  readonly failedAttempts: number
  /** Processor time of the broker for one kiosk, from the handshake to central's first word. */
  readonly brokerMsPerConnect: number
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

/** Processor time, of the process and the system for it. */
function processorMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name before may hold blanks; see proc(5).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
}

export async function runLiveFleet(options: LiveOptions): Promise<LiveOutcome> {
  const { kiosks, factsEach, spreadMs } = options
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-fleet-tls-'))
  const authority = options.isEncrypted ? new CertificateAuthority(folder) : null
  const tls = authority === null ? undefined : { authority, broker: authority.broker() }
  const broker = await startMosquitto([], tls)
  const config = { ...PATIENT, retrySpreadMs: spreadMs }
  const known = authority === null ? {} : { identity: authority.identity('fleet') }
  const fleet = await LiveFleet.open({ kiosks, ports: [broker.port], config, ...known, ...LINK })
  const progress = showProgress(fleet, options)
  try {
    const idle = residentBytes(broker.pid())
    const busyMs = processorMs(broker.pid())
    const beganMs = performance.now()
    await fleet.startKiosks()
    await fleet.until('every kiosk is up', () => fleet.upCount() === kiosks, UP_MAX_MS)
    const connectsPerS = (kiosks * MS_PER_S) / (performance.now() - beganMs)
    await fleet.until('every kiosk is heard', () => fleet.onlineCount() === kiosks, UP_MAX_MS)
    const brokerMsPerConnect = (processorMs(broker.pid()) - busyMs) / kiosks
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
    return {
      ...{ connectsPerS, failedAttempts, brokerMsPerConnect, factsPerS },
      brokerBytes: { idle, perConnection },
      verdict: fleet.judge(),
    }
  } finally {
    clearInterval(progress)
    await fleet.close()
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function showProgress(fleet: LiveFleet, { kiosks, onProgress }: LiveOptions): NodeJS.Timeout {
  return setInterval(() => {
    const there = `${fleet.upCount()} of ${kiosks} up, ${fleet.onlineCount()} heard`
    onProgress?.(`${there}, ${fleet.waiting()} facts wait`)
  }, PROGRESS_MS)
}

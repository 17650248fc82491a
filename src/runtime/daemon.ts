// latchkeyd: puts the parts together and takes them apart again. The I/O thread runs here; the
// rules and the ledger run in a thread of their own. Peers that are missing are waited for, never a
// reason to end: only a bad configuration, a ledger that cannot be opened, a failing disk and a bug
// are.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { lockersOf } from '../kiosk/config.ts'
import { DEFAULT_UPLINK } from '../sync/machine/config.ts'
import type { CoreOutput } from './core.ts'
import { type CoreThreadHost, startCoreThread } from './core-thread.ts'
import type { CoreWorkerData } from './core-worker.ts'
import type { IoThread } from './io-thread.ts'
import { createLog, event, type Log } from './log.ts'
import { loadSecrets } from './secrets.ts'
import { readSettings, type Settings } from './settings.ts'
import { SettingsError } from './settings-problem.ts'

/** sysexits.h EX_SOFTWARE: a bug or a failing disk; the service manager starts the daemon anew. */
const EXIT_FAILED = 70
const EXIT_CONFIG = 2
const PACKAGE = join(import.meta.dirname, '../../package.json')

/** Keeps what the core says until the I/O thread's parts are there to do it. */
class Relay implements CoreThreadHost {
  readonly #log: Log
  readonly #early: CoreOutput[] = []
  #io: IoThread | null = null

  constructor(log: Log) {
    this.#log = log
  }

  readonly perform = (output: CoreOutput): void => {
    if (this.#io === null) this.#early.push(output)
    else this.#io.perform(output)
  }

  readonly failed = (error: Error): void => {
    if (this.#io !== null) this.#io.fail(error)
    this.#log.fatal(event('daemon-failed', { error: error.stack }), error.message)
    process.exit(EXIT_FAILED)
  }

  attach(io: IoThread): void {
    this.#io = io
    for (const output of this.#early.splice(0)) io.perform(output)
  }
}

function coreData(settings: Settings, version: string): CoreWorkerData {
  const { kiosk, uplink, data } = settings
  return {
    ledgerPath: join(data.folder, 'ledger.db'),
    journalPath: data.headFile,
    lockerIds: lockersOf(kiosk).map(({ id }) => id),
    kiosk,
    uplink: {
      ...DEFAULT_UPLINK,
      kioskId: kiosk.kioskId,
      brokers: uplink.brokers.length,
      protocol: uplink.protocol,
      retrySpreadMs: uplink.reconnectSpreadMs,
      retryCapMs: uplink.reconnectMaxMs,
    },
    seed: randomBytes(16).toString('hex'),
    version,
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } }, strict: true })
  const settings = readSettings({ file: values.config, env: process.env })
  const secrets = loadSecrets(settings.secrets)
  const log = createLog({ level: settings.log.level, kioskId: settings.kiosk.kioskId })
  mkdirSync(settings.data.folder, { recursive: true, mode: 0o700 })
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }
  const relay = new Relay(log)
  // The core opens its ledger in its own thread while this one loads everything else.
  const [core, { io, link }] = await Promise.all([
    startCoreThread(coreData(settings, version), relay),
    import('./io-thread.ts').then(({ createIoThread }) =>
      createIoThread({ settings, secrets, log, version }),
    ),
  ])
  log.info(event('ledger-opened'), 'the ledger is open')
  listenForSignals(io)
  await io.start({ core, link })
  relay.attach(io)
}

function listenForSignals(io: IoThread): void {
  let isStopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(EXIT_FAILED)
      isStopping = true
      void io.stop().then(() => process.exit(0))
    })
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(error instanceof SettingsError ? EXIT_CONFIG : EXIT_FAILED)
}

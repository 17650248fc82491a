// The I/O thread of the daemon: buses, screen, control socket and the uplink's link, each a peer
// that may be missing and is waited for. It carries events to the core's thread and performs what
// comes back; it decides nothing.
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { BusRunner } from '../bus/bus-runner.ts'
import { createLink } from '../bus/links/links.ts'
import { type ControlSocket, startControlSocket } from '../diagnostics/control-socket.ts'
import { CODES } from '../kiosk/codes.ts'
import type { KioskAction, KioskEvent } from '../kiosk/events.ts'
import type { PreparedPin } from '../kiosk/pin-facts.ts'
import { policyWarnings, REFERENCE_DIGITS } from '../kiosk/pin-policy.ts'
import { helloOf } from '../screen/protocol.ts'
import { type Screen, startScreen } from '../screen/server.ts'
import { createDownOpener } from '../sync/contract/open-down.ts'
import { createTokenReader, type TokenReader } from '../sync/contract/open-token.ts'
import { type DeskChallenge, type DeskPin, drawChallenge } from '../sync/desk-code.ts'
import { isLocal } from '../sync/links/broker.ts'
import { performOnLink, type UplinkLink } from '../sync/links/link.ts'
import { createMqttLink } from '../sync/links/mqtt-link.ts'
import type { LinkEvent } from '../sync/machine/state.ts'
import { createPinSealer, type PinSealer } from '../sync/seal.ts'
import { busViewOf } from './bus-view.ts'
import { realClock } from './clock.ts'
import type { CoreOutput, OuterAction } from './core.ts'
import type { CoreThread } from './core-thread.ts'
import { type Inputs, startInputs } from './inputs.ts'
import { createJournal, type Journal } from './journal.ts'
import { event, type Log } from './log.ts'
import { createRequests, type Requests } from './requests.ts'
import { createBadgeIndexer, createIndexer, drawPin, type Secrets } from './secrets.ts'
import type { Settings } from './settings.ts'

/** sysexits.h EX_SOFTWARE: a bug or a failing disk; the service manager starts the daemon anew. */
const EXIT_FAILED = 70
const STOP_MAX_MS = 5_000
/** A message of central that is not committed by then ends the connection. */
const COMMIT_WAIT_MS = 10_000
/** The largest batch takes 20 s over a line of 20 kbit/s. */
const PUBACK_WAIT_MS = 120_000
const WEB_ROOT = join(import.meta.dirname, '../../dist/web')

interface Parts {
  readonly settings: Settings
  readonly log: Log
  readonly sealPin: PinSealer
  readonly drawChallenge: (lockerId: string, pinDigits: number | null) => DeskChallenge
  readonly hashDigits: ReturnType<typeof createIndexer>
  readonly hashBadge: ReturnType<typeof createBadgeIndexer>
  readonly readToken: TokenReader
  readonly version: string
}

export class IoThread {
  readonly #parts: Parts
  readonly #buses = new Map<string, BusRunner>()
  readonly #requests: Requests
  readonly #journal: Journal
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 10 })
  #core: CoreThread | null = null
  #screen: Screen | null = null
  #inputs: Inputs | null = null
  #control: ControlSocket | null = null
  #link: UplinkLink | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.#journal = createJournal(parts.log)
    this.#requests = createRequests({
      toKiosk: (kioskEvent) => this.#tell(kioskEvent),
      toUplink: (uplinkEvent) => this.#core?.send({ kind: 'uplink', event: uplinkEvent }),
    })
    this.#loopDelay.enable()
  }

  /** Resolves when the screen and the control socket are there. */
  async start({ core, link }: { core: CoreThread; link: UplinkLink }): Promise<void> {
    const { settings, log, version } = this.#parts
    this.#link = link
    this.#core = core
    for (const config of settings.buses) {
      const runner = new BusRunner({
        config,
        clock: realClock,
        createLink,
        report: (kioskEvent) => {
          this.#journal.hear(kioskEvent)
          this.#tell(kioskEvent)
        },
      })
      for (const board of config.boards) this.#buses.set(board.id, runner)
      runner.start()
    }
    this.#screen = await this.#startScreen()
    this.#inputs = startInputs({ configs: settings.inputs, screen: this.#screen, log })
    this.#control = await startControlSocket({
      path: settings.control.path,
      log,
      version,
      config: settings.kiosk,
      buses: busViewOf(() => this.#runners()),
      inputs: () => this.#inputs?.status() ?? [],
      askStatus: () => this.#requests.askStatus(),
      askExplanation: (name) => this.#requests.askExplanation(name),
      askAudit: (question) => this.#requests.askAudit(question),
      askUplink: (question) => this.#requests.askUplink(question),
      ask: (question) => this.#requests.ask(question),
    })
    if (settings.uplink.brokers.some((each) => !each.isEncrypted && !isLocal(each))) {
      log.warn(event('policy-doubted', { code: 'LK-CFG-05' }), CODES['LK-CFG-05'])
    }
    for (const { code, text } of policyWarnings(settings.kiosk)) {
      log.warn(event('policy-doubted', { code }), text)
    }
    // Loading the programs blocks the loop once; what counts is how it runs from here on.
    this.#loopDelay.reset()
    log.info(event('daemon-started', { version, screen: this.#screen.url }), 'the kiosk is ready')
  }

  #startScreen(): Promise<Screen> {
    const { settings, log, hashDigits, hashBadge, readToken } = this.#parts
    return startScreen({
      ...settings.screen,
      webRoot: WEB_ROOT,
      hello: helloOf(settings.kiosk),
      hashDigits,
      hashBadge,
      readToken,
      onIntent: (intentId, rev, intent) =>
        this.#tell({ kind: 'intent-sent', intentId, rev, intent }),
      onPresence: (isConnected) => {
        const screenEvent = { kind: 'screen-changed', isConnected } as const
        this.#journal.hear(screenEvent)
        this.#tell(screenEvent)
      },
      health: () => this.#health(),
      log,
    })
  }

  #health(): object {
    return {
      status: 'ok',
      uptimeS: Math.round(process.uptime()),
      loopDelayMaxMs: this.#loopDelay.max / 1e6,
      buses: this.#runners().map(({ id, counters }) => ({ id, ...counters })),
      inputs: this.#inputs?.status() ?? [],
    }
  }

  /** One for each bus, in the order of the configuration. */
  #runners(): readonly BusRunner[] {
    return [...new Set(this.#buses.values())]
  }

  #tell(kioskEvent: KioskEvent): void {
    this.#core?.send({ kind: 'kiosk', event: kioskEvent })
  }

  /** The link's events go to the uplink machine in the core. */
  hearLink(linkEvent: LinkEvent): void {
    this.#journal.hearLink(linkEvent)
    this.#core?.send({ kind: 'uplink', event: linkEvent })
  }

  perform(output: CoreOutput): void {
    this.#journal.see(output)
    if (output.kind === 'kiosk') this.#performAction(output.action)
    else if (output.kind === 'tell') this.#requests.answer(output.requestId, output.answer)
    else if (this.#link !== null) performOnLink(this.#link, output.action)
  }

  #performAction(action: OuterAction): void {
    switch (action.kind) {
      case 'unlock':
        this.#buses.get(action.boardId)?.unlock(action)
        return
      case 'signal':
        this.#buses.get(action.boardId)?.signal(action)
        return
      case 'attend':
        for (const runner of this.#runners()) runner.attend(action.isAttended)
        return
      case 'show':
        this.#screen?.show(action.view)
        return
      case 'name-place':
        this.#screen?.rename(action)
        return
      case 'prepare-pin':
        void this.#preparePin(action.parcelId)
        return
      case 'prepare-challenge':
        void this.#prepareChallenge(action)
        return
      case 'answer':
        if (action.answer.kind === 'intent') this.#screen?.answer(action.to, action.answer.result)
        else this.#requests.answer(action.to, action.answer)
        return
    }
  }

  async #prepareChallenge(
    wish: Extract<KioskAction, { kind: 'prepare-challenge' }>,
  ): Promise<void> {
    const { settings, drawChallenge, hashDigits } = this.#parts
    const { wants, lockerId, parcelId } = wish
    const pinDigits = wants === 'pin' ? settings.kiosk.policy.pinDigits : null
    const drawn = drawChallenge(lockerId, pinDigits)
    const { challenge } = drawn
    const answerIndex = hashDigits(drawn.answer).pinIndex
    const isPinWanted = drawn.pin !== null && parcelId !== null
    try {
      const pin = isPinWanted ? await this.#seal(parcelId, drawn.pin) : null
      this.#tell({ kind: 'challenge-prepared', lockerId, wants, challenge, answerIndex, pin })
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async #preparePin(parcelId: string): Promise<void> {
    const pin = drawPin(this.#parts.settings.kiosk.policy.pinDigits)
    const reference = drawPin(REFERENCE_DIGITS)
    try {
      const prepared = await this.#seal(parcelId, { pin, reference })
      this.#tell({ kind: 'pin-prepared', parcelId, ...prepared })
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async #seal(parcelId: string, { pin, reference }: DeskPin): Promise<PreparedPin> {
    const { settings, sealPin, hashDigits } = this.#parts
    const { kioskId } = settings.kiosk
    return {
      index: hashDigits(pin).pinIndex,
      referenceIndex: hashDigits(reference).pinIndex,
      sealedPin: await sealPin({ pin, reference, parcelId, kioskId }),
    }
  }

  /** The outcome of the last step is unknown: the next start reads the doors. */
  fail(error: Error): void {
    this.#parts.log.fatal(event('daemon-failed', { error: error.stack }), error.message)
    process.exit(EXIT_FAILED)
  }

  async stop(): Promise<void> {
    const { log } = this.#parts
    log.info(event('daemon-stopping'), 'stopping')
    setTimeout(() => process.exit(EXIT_FAILED), STOP_MAX_MS).unref()
    for (const runner of this.#runners()) runner.stop()
    this.#inputs?.stop()
    await this.#control?.close()
    await this.#core?.stop()
    await this.#screen?.close()
    this.#link?.disconnect()
    log.info(event('daemon-stopped'), 'stopped')
  }
}

/** The parts of the I/O thread that take their time to load and to get ready. */
export async function createIoThread(parts: {
  readonly settings: Settings
  readonly secrets: Secrets
  readonly log: Log
  readonly version: string
}): Promise<{ readonly io: IoThread; readonly link: UplinkLink }> {
  const { settings, secrets, log, version } = parts
  const { kioskId } = settings.kiosk
  const io = new IoThread({
    settings,
    log,
    version,
    sealPin: await createPinSealer({ keys: [secrets.centralSealKey] }),
    hashDigits: createIndexer({ kioskId, ...secrets }),
    hashBadge: createBadgeIndexer({ kioskId, ...secrets }),
    readToken: createTokenReader({ namespace: settings.namespace, kioskId }, secrets.centralKeys),
    drawChallenge: (lockerId, pinDigits) =>
      drawChallenge(secrets.helpKey, { kioskId, lockerId, pinDigits }),
  })
  const { brokers, identity, serverName } = settings.uplink
  const link = createMqttLink(
    {
      kioskId,
      namespace: settings.namespace,
      brokers,
      identity,
      now: realClock.now,
      serverName,
      keepaliveS: settings.uplink.keepaliveS,
      connectTimeoutMs: settings.uplink.connectTimeoutMs,
      commitWaitMs: COMMIT_WAIT_MS,
      pubackWaitMs: PUBACK_WAIT_MS,
      brokerKeeps: settings.uplink.brokerKeeps === 'yes',
      openDown: await createDownOpener(kioskId, secrets.centralKeys),
    },
    (linkEvent) => io.hearLink(linkEvent),
  )
  return { io, link }
}

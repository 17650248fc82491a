// The scanners and keypads of the kiosk: read here, heard by the screen. Nothing that was scanned
// or typed reaches the log.
import { createSerialLink } from '../bus/links/serial-link.ts'
import { CODES } from '../kiosk/codes.ts'
import type { InputConfig } from '../screen/inputs/config.ts'
import { InputDevice, type InputStatus } from '../screen/inputs/device.ts'
import { createEvdevLink } from '../screen/inputs/evdev-link.ts'
import type { InputLinkFactory } from '../screen/inputs/link.ts'
import type { Screen } from '../screen/server.ts'
import { realClock } from './clock.ts'
import { event, type Log } from './log.ts'

const createLink: InputLinkFactory = (config, host) =>
  config.kind === 'serial' ? createSerialLink(config, host, 'bytes') : createEvdevLink(config, host)

export interface Inputs {
  status(): readonly InputStatus[]
  stop(): void
}

export function startInputs(parts: {
  readonly configs: readonly InputConfig[]
  readonly screen: Pick<Screen, 'scan' | 'press' | 'interrupt'>
  readonly log: Pick<Log, 'info' | 'warn'>
}): Inputs {
  const { configs, screen, log } = parts
  const host = {
    scanned: (code: string) => screen.scan(code),
    pressed: (does: Parameters<Screen['press']>[0]) => screen.press(does),
    interrupted: () => screen.interrupt(),
    changed: ({ id: input, state }: InputStatus, cause: string | null) => {
      if (state === 'online') log.info(event('input-online', { input }), 'an input device is there')
      else {
        const isLost = state === 'lost'
        const code = isLost ? 'LK-INPUT-02' : 'LK-INPUT-01'
        const name = isLost ? 'input-lost' : 'input-missing'
        log.warn(event(name, { input, code, cause }), CODES[code])
      }
    },
  }
  const devices = configs.map(
    (config) => new InputDevice({ config, clock: realClock, createLink, host }),
  )
  for (const device of devices) device.start()
  return {
    status: () => devices.map(({ status }) => status),
    stop: () => {
      for (const device of devices) device.stop()
    },
  }
}

// A real port with us at its other end: what a program writes comes to `send`, what we say it
// reads.
import { plugIn } from './pty.ts'
import { TcpGateway } from './tcp-gateway.ts'

export type LivePort =
  /** `path` is a fixed name for the pseudoterminal. */
  | { readonly kind: 'pty'; readonly path: string }
  /** A transparent RS-485 server on the loopback interface; port 0: any free one. */
  | { readonly kind: 'tcp'; readonly port: number }

export interface Plug {
  /** Null on a pseudoterminal. */
  readonly gateway: TcpGateway | null
  toPort(bytes: Uint8Array): void
  unplug(): Promise<void>
}

export async function plugInto(port: LivePort, send: (bytes: Uint8Array) => void): Promise<Plug> {
  if (port.kind === 'pty') {
    const cable = await plugIn(port.path)
    cable.fromPort.on('data', send)
    return {
      gateway: null,
      toPort: (bytes) => cable.toPort.write(bytes),
      unplug: () => cable.unplug(),
    }
  }
  const gateway = new TcpGateway(send)
  await gateway.listen(port.port)
  return {
    gateway,
    toPort: (bytes) => gateway.send(bytes),
    unplug: () => gateway.kill(),
  }
}

/** As people read it. */
export function nameOf(port: LivePort, { gateway }: Plug): string {
  return port.kind === 'pty' ? port.path : `127.0.0.1:${gateway?.port}`
}

const PORT_MAX = 0xffff

/**
 * What `--pty PATH` or `--tcp PORT` asks for.
 * @throws Error with a sentence for the person who has typed it
 */
export function readPort({ pty, tcp }: PortFlags): LivePort {
  if ((pty === undefined) === (tcp === undefined)) throw new Error('one of --pty and --tcp')
  if (pty !== undefined) return { kind: 'pty', path: pty }
  const port = Number(tcp)
  if (!/^\d+$/.test(tcp ?? '') || port > PORT_MAX) {
    throw new Error(`--tcp is a whole number from 0 to ${PORT_MAX}, not ${tcp}`)
  }
  return { kind: 'tcp', port }
}

export interface PortFlags {
  readonly pty?: string | undefined
  readonly tcp?: string | undefined
}

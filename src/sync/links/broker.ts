// Where a broker is, and whether the way to it is encrypted.

export interface Broker {
  readonly host: string
  readonly port: number
  readonly isEncrypted: boolean
}

/** @param url such as `mqtts://broker.example:8883`; @throws TypeError when it is none */
export function parseBroker(url: string): Broker {
  const { protocol, hostname, port } = new URL(url)
  // An IPv6 address stands in brackets there, and nowhere else.
  const host = hostname.replace(/^\[(.*)\]$/u, '$1')
  return { host, port: Number(port), isEncrypted: protocol === 'mqtts:' }
}

export function urlOf({ host, port, isEncrypted }: Broker): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `${isEncrypted ? 'mqtts' : 'mqtt'}://${name}:${port}`
}

/** What goes there never leaves this machine. */
export function isLocal({ host }: Broker): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

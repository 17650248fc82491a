// The real links, by what a configuration asks for.
import type { LinkFactory } from './link.ts'
import { createSerialLink } from './serial-link.ts'
import { createTcpLink } from './tcp-link.ts'

export const createLink: LinkFactory = (config, host, framing) =>
  config.kind === 'serial'
    ? createSerialLink(config, host, framing)
    : createTcpLink(config, host, framing)

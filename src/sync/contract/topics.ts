// Topic names of the contract: lk/v1/{namespace}/{kiosk}/up|dn/{leaf}. An id holds no dot and no
// space: some brokers drop the whole connection over them.

const TOPIC = /^lk\/v1\/([A-Za-z0-9_-]{1,64})\/([A-Za-z0-9_-]{1,64})\/(up|dn)\/(.*)$/su

export interface Address {
  readonly namespace: string
  readonly kioskId: string
}

export function upTopic({ namespace, kioskId }: Address, leaf: string): string {
  return `lk/v1/${namespace}/${kioskId}/up/${leaf}`
}

export function downTopic({ namespace, kioskId }: Address, leaf: string): string {
  return `lk/v1/${namespace}/${kioskId}/dn/${leaf}`
}

/** The kiosk's one subscription. */
export function downFilter(address: Address): string {
  return downTopic(address, '#')
}

/** Every kiosk's messages, for a central. */
export function upFilter(namespace: string): string {
  return `lk/v1/${namespace}/+/up/+`
}

export interface ParsedTopic extends Address {
  readonly direction: 'up' | 'dn'
  readonly leaf: string
}

export function parseTopic(topic: string): ParsedTopic | null {
  const [, namespace, kioskId, direction, leaf] = TOPIC.exec(topic) ?? []
  if (namespace === undefined || kioskId === undefined || leaf === undefined) return null
  return { namespace, kioskId, direction: direction === 'up' ? 'up' : 'dn', leaf }
}

// A stored fact as whoever reads the outbox gets it.
export interface Told {
  readonly seq: number
  readonly kind: string
  readonly data: Readonly<Record<string, unknown>>
}

export function readFact({ seq, body }: { readonly seq: number; readonly body: string }): Told {
  const { type, data } = JSON.parse(body) as { type: string; data: Told['data'] }
  return { seq, kind: type.replace(/\/\d+$/, ''), data }
}

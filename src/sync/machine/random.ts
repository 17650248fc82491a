// The machine's only randomness: SipHash-2-4 of a counter under a secret seed. A plain generator
// would do for the back-off, but a request's id must not be guessable: up messages are not signed,
// so whoever could foresee an id could have central sign a snapshot for it and play it back later.
// SipHash: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.

export interface Random {
  /** 32 hexadecimal digits. */
  readonly seed: string
  readonly drawn: number
}

const WORD = (1n << 64n) - 1n
const INITIAL = [
  0x736f6d6570736575n,
  0x646f72616e646f6dn,
  0x6c7967656e657261n,
  0x7465646279746573n,
] as const
const COMPRESSION_ROUNDS = 2
const FINAL_ROUNDS = 4
const FRACTION_BITS = 53n

type Words = readonly [bigint, bigint, bigint, bigint]

function rotate(word: bigint, bits: bigint): bigint {
  return ((word << bits) | (word >> (64n - bits))) & WORD
}

function sipRound([a, b, c, d]: Words): Words {
  const a1 = (a + b) & WORD
  const b1 = rotate(b, 13n) ^ a1
  const c1 = (c + d) & WORD
  const d1 = rotate(d, 16n) ^ c1
  const a2 = (rotate(a1, 32n) + d1) & WORD
  const d2 = rotate(d1, 21n) ^ a2
  const c2 = (c1 + b1) & WORD
  const b2 = rotate(b1, 17n) ^ c2
  return [a2, b2, rotate(c2, 32n), d2]
}

function sipRounds(words: Words, count: number): Words {
  return count === 0 ? words : sipRounds(sipRound(words), count - 1)
}

function absorb([a, b, c, d]: Words, block: bigint): Words {
  const [e, f, g, h] = sipRounds([a, b, c, d ^ block], COMPRESSION_ROUNDS)
  return [e ^ block, f, g, h]
}

/** SipHash-2-4 of the eight bytes of `message`, which is read as a little-endian word. */
export function sipHash24(key: { readonly low: bigint; readonly high: bigint }, message: bigint) {
  const start: Words = [
    key.low ^ INITIAL[0],
    key.high ^ INITIAL[1],
    key.low ^ INITIAL[2],
    key.high ^ INITIAL[3],
  ]
  // The last block holds the message's length in its top byte: eight.
  const [a, b, c, d] = absorb(absorb(start, message), 8n << 56n)
  const [e, f, g, h] = sipRounds([a, b, c ^ 0xffn, d], FINAL_ROUNDS)
  return e ^ f ^ g ^ h
}

function draw(random: Random): { readonly word: bigint; readonly random: Random } {
  const key = {
    low: BigInt(`0x${random.seed.slice(0, 16)}`),
    high: BigInt(`0x${random.seed.slice(16, 32)}`),
  }
  const word = sipHash24(key, BigInt(random.drawn))
  return { word, random: { seed: random.seed, drawn: random.drawn + 1 } }
}

/** 32 hexadecimal digits that nobody without the seed can foresee. */
export function drawId(random: Random): { readonly id: string; readonly random: Random } {
  const first = draw(random)
  const second = draw(first.random)
  const id = [first.word, second.word].map((word) => word.toString(16).padStart(16, '0')).join('')
  return { id, random: second.random }
}

/** Uniform in [0, below), whole milliseconds. */
export function drawMs(
  random: Random,
  belowMs: number,
): { readonly ms: number; readonly random: Random } {
  const drawn = draw(random)
  const fraction = Number(drawn.word >> (64n - FRACTION_BITS)) / 2 ** Number(FRACTION_BITS)
  return { ms: Math.floor(fraction * belowMs), random: drawn.random }
}

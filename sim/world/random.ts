// Seeded randomness. Every part of the world draws from a stream of its own name, so that a change
// in one part does not shift what the others see.

export interface Random {
  /** 0 ≤ x < 1 */
  next(): number
  /** Whole numbers from min to max, both included. */
  between(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  fork(name: string): Random
}

/** FNV-1a over the name; good enough to tell streams apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

export function createRandom(seed: string): Random {
  let state = hashOf(seed)
  // Mulberry32 (public domain): small, fast, and the same on every machine.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  next()
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[between(0, items.length - 1)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  }
}

/** 32 hexadecimal digits. */
export function hexOf(random: Random): string {
  return Array.from({ length: 32 }, () => random.between(0, 15).toString(16)).join('')
}

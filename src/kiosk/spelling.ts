// Codes that people read out and type: Crockford's base 32, in groups of four, the last character a
// check. Any one wrong character and any two neighbours that changed places are noticed.

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const BITS = 5
const GROUP = 4
/** x⁵ + x² + 1, whose powers of x run through all of GF(32) but 0. */
const POLYNOMIAL = 0b100101
const OVERFLOW = 0b100000

/** The check is what brings the sum to 0; doubling in GF(32) gives every place its own weight. */
function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => {
    const doubled = (sum ^ value) << 1
    return doubled & OVERFLOW ? doubled ^ POLYNOMIAL : doubled
  }, 0)
}

/** @param hex as many bits as the characters take, or more: the first ones count */
export function spell(hex: string, { characters }: { readonly characters: number }): string {
  const bits = characters * BITS
  const digits = Math.ceil(bits / 4)
  if (hex.length < digits) throw new RangeError(`${characters} characters need ${digits} digits`)
  const value = BigInt(`0x${hex.slice(0, digits)}`) >> BigInt(digits * 4 - bits)
  const values = Array.from({ length: characters }, (_, place) =>
    Number((value >> BigInt((characters - 1 - place) * BITS)) & 31n),
  )
  const all = [...values, sumOf(values)]
  const text = all.map((each) => ALPHABET[each]).join('')
  return text.match(new RegExp(`.{1,${GROUP}}`, 'g'))?.join('-') ?? ''
}

/** The bits of what was spelt, without the check. */
export function bitsOf(spelt: string): bigint {
  const values = [...spelt.replaceAll('-', '')].map((character) => ALPHABET.indexOf(character))
  return values.slice(0, -1).reduce((bits, value) => (bits << 5n) | BigInt(value), 0n)
}

/**
 * What a person typed, as `spell` writes it: any case, dashes and spaces anywhere, O for 0 and I or
 * L for 1.
 *
 * @returns null when it is misspelt
 */
export function readSpelt(typed: string, { characters }: { readonly characters: number }) {
  const plain = typed
    .toUpperCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  const values = [...plain].map((character) => ALPHABET.indexOf(character))
  if (values.length !== characters + 1 || values.includes(-1) || sumOf(values) !== 0) return null
  return plain.match(new RegExp(`.{1,${GROUP}}`, 'g'))?.join('-') ?? null
}

// A token drawn as a QR code, read back by a decoder.
import decodeQR from 'qr/decode.js'
import { expect, test } from 'vitest'
import { tokenGif, tokenModules, tokenSvg } from '../../../sim/central/token-picture.ts'
import { goldenText } from '../../support/golden.ts'

const TOKEN = goldenText('token/pickup.txt').trim()
const SCALE = 8
/** Version 9 at level M, and four modules of margin on each side. */
const MODULES = 53 + 2 * 4

/** As a camera has it: grey all around, four bytes to a dot. */
function photographed(): { width: number; height: number; data: Uint8Array } {
  const modules = tokenModules(TOKEN)
  const size = modules.length * SCALE
  const data = new Uint8Array(4 * size * size).fill(255)
  for (let at = 0; at < size * size; at += 1) {
    const isDark = modules[Math.floor(at / size / SCALE)]?.[Math.floor((at % size) / SCALE)]
    if (isDark) data.fill(0, 4 * at, 4 * at + 3)
  }
  return { width: size, height: size, data }
}

test('a decoder reads the token, at the size that the contract names', () => {
  expect(tokenModules(TOKEN)).toHaveLength(MODULES)
  expect(decodeQR(photographed())).toBe(TOKEN)
})

test('it is a picture for a page, and one for a mail', () => {
  expect(tokenSvg(TOKEN)).toMatch(/^<svg .*<\/svg>$/s)
  const gif = tokenGif(TOKEN)
  expect(gif.subarray(0, 6).toString()).toMatch(/^GIF8[79]a$/)
  expect([gif.readUInt16LE(6), gif.readUInt16LE(8)]).toEqual([MODULES * 6, MODULES * 6])
})

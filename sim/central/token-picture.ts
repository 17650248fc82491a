// A token as somebody shows it to a scanner: a QR code, for a page and for a mail.
import encodeQR from 'qr'

/** Letters only; read from a wet or scratched telephone, too. */
const OPTIONS = { ecc: 'medium', encoding: 'alphanumeric', border: 4 } as const
/** Dots to a module in a mail: a finger's breadth for the whole on a telephone. */
const MAIL_SCALE = 6

export function tokenModules(token: string): readonly (readonly boolean[])[] {
  return encodeQR(token, 'raw', OPTIONS)
}

/** For a page, as large as its place. */
export function tokenSvg(token: string): string {
  return encodeQR(token, 'svg', { ...OPTIONS, optimize: true })
}

export function tokenGif(token: string): Buffer {
  return Buffer.from(encodeQR(token, 'gif', { ...OPTIONS, scale: MAIL_SCALE }))
}

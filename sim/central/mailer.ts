// Real mail, for recipients whose address central knows: each letter is sent at least once, and a
// second copy bears the same Message-ID. Addresses never travel to a kiosk.
import type Database from 'better-sqlite3'
import { createTransport, type SendMailOptions } from 'nodemailer'
import type { Letter } from './fact-store.ts'
import { tokenGif } from './token-picture.ts'

export const MAIL_SCHEMA = `
  CREATE TABLE IF NOT EXISTS address (
    kiosk TEXT NOT NULL, recipient TEXT NOT NULL, mail TEXT NOT NULL,
    PRIMARY KEY (kiosk, recipient)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS mail (
    letter INTEGER PRIMARY KEY, sent INTEGER NOT NULL, tries INTEGER NOT NULL, problem TEXT
  ) STRICT;
`

export interface MailOptions {
  /** smtp://host:port or smtps://user:password@host:port */
  readonly url: string
  /** Who it is from, as the recipient reads it. */
  readonly from: string
}

/** How a letter's mail stands; a letter without an address is no mail. */
export interface Mail {
  readonly letter: number
  readonly to: string
  readonly isSent: boolean
  readonly tries: number
  readonly problem: string | null
}

interface Due extends Omit<Letter, 'kioskId'> {
  readonly kioskId: string
  readonly to: string
}

const LOOK_MS = 1_000
/** After a refusal: longer each time, and never given up. */
const RETRY_MS = 2_000
const RETRY_MAX_MS = 600_000
const BATCH = 20
const CONNECT_MAX_MS = 10_000

const SUBJECTS: Readonly<Record<Letter['kind'], string>> = {
  deposited: 'Your parcel is waiting for you',
  reissued: 'Your new PIN',
  collected: 'Your parcel was collected',
  reminder: 'Your parcel is still waiting',
  extended: 'You have more time for your parcel',
  moved: 'You have more time for your parcel',
  expired: 'Your PIN has ended',
  missing: 'About your parcel',
  'return-code': 'Your code for handing in a parcel',
  'handed-in': 'Your parcel was handed in',
}

export class Mailer {
  readonly #db: Database.Database
  readonly #options: MailOptions | null
  readonly #timer: NodeJS.Timeout | null
  #isAtWork = false
  #waitUntilMs = 0
  #waitMs = RETRY_MS

  /** @param options null: letters are kept, and none is sent */
  constructor(db: Database.Database, options: MailOptions | null) {
    this.#db = db
    this.#options = options
    this.#timer = options === null ? null : setInterval(() => void this.#work(), LOOK_MS)
  }

  setAddress({ kioskId, id, mail }: { kioskId: string; id: string; mail: string }): void {
    this.#db
      .prepare(
        `INSERT INTO address (kiosk, recipient, mail) VALUES (?, ?, ?)
         ON CONFLICT (kiosk, recipient) DO UPDATE SET mail = excluded.mail`,
      )
      .run(kioskId, id, mail)
  }

  list(): readonly Mail[] {
    return this.#db
      .prepare<[], Omit<Mail, 'isSent'> & { isSent: number }>(
        `SELECT letter.id AS letter, address.mail AS "to", coalesce(mail.sent, 0) AS isSent,
           coalesce(mail.tries, 0) AS tries, mail.problem
         FROM letter JOIN address USING (kiosk, recipient) LEFT JOIN mail ON mail.letter = letter.id
         ORDER BY letter.id`,
      )
      .all()
      .map((row) => ({ ...row, isSent: row.isSent === 1 }))
  }

  async #work(): Promise<void> {
    if (this.#isAtWork || this.#options === null || performance.now() < this.#waitUntilMs) return
    this.#isAtWork = true
    const transport = createTransport({
      url: this.#options.url,
      connectionTimeout: CONNECT_MAX_MS,
      greetingTimeout: CONNECT_MAX_MS,
    })
    try {
      for (const letter of this.#due()) await this.#send(letter, transport)
      this.#waitMs = RETRY_MS
    } catch {
      this.#waitUntilMs = performance.now() + this.#waitMs
      this.#waitMs = Math.min(RETRY_MAX_MS, 2 * this.#waitMs)
    } finally {
      transport.close()
      this.#isAtWork = false
    }
  }

  #due(): readonly Due[] {
    return this.#db
      .prepare<[number], Due>(
        `SELECT letter.id, kiosk AS kioskId, kind, parcel AS parcelId, recipient AS recipientId,
           text, token, at AS atWallMs, address.mail AS "to"
         FROM letter JOIN address USING (kiosk, recipient) LEFT JOIN mail ON mail.letter = letter.id
         WHERE coalesce(mail.sent, 0) = 0 ORDER BY coalesce(mail.tries, 0), letter.id LIMIT ?`,
      )
      .all(BATCH)
  }

  /** @throws when the server does not take it: next time those come first that had fewer tries */
  async #send(
    { id, kind, kioskId, text, token, to }: Due,
    transport: ReturnType<typeof createTransport>,
  ): Promise<void> {
    const note = this.#db.prepare(
      `INSERT INTO mail (letter, sent, tries, problem) VALUES (?, ?, 1, ?)
       ON CONFLICT (letter) DO UPDATE
         SET sent = excluded.sent, tries = tries + 1, problem = excluded.problem`,
    )
    try {
      await transport.sendMail({
        from: this.#options?.from,
        to,
        subject: SUBJECTS[kind],
        ...contentOf(text, token),
        messageId: `<${kioskId}.${id}@latchkey.invalid>`,
      })
      note.run(id, 1, null)
    } catch (error) {
      // The server's words may quote the letter.
      const { code, responseCode } = error as { code?: string; responseCode?: number }
      note.run(id, 0, [code, responseCode].filter(Boolean).join(' ') || 'failed')
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    while (this.#isAtWork) await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** With a token: as a picture for the scanner, and as letters for whoever sees no pictures. */
function contentOf(text: string, token: string | null): SendMailOptions {
  if (token === null) return { text: `${text}\n` }
  const picture = { filename: 'for-the-scanner.gif', contentType: 'image/gif' }
  return {
    text: `${text}\n\nOr show the picture to the scanner, which says:\n${token}\n`,
    attachments: [{ ...picture, content: tokenGif(token) }],
  }
}

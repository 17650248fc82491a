// What the page of the simulated wall sees and does: the hands of a person, and central's post.
import type { Central } from '../central/central.ts'
import type { Site } from '../live/site.ts'
import type { LiveWall } from '../live/wall.ts'
import type {
  Announcement,
  Letter,
  PostHost,
  WallCommand,
  WallHost,
  WallResult,
} from '../wall/host.ts'

const POLL_MS = 300
const OK: WallResult = { ok: true }

export const COURIER = { id: 'courier-1', label: 'Courier', code: '20202020' }
const FLATS = ['Flat 1', 'Flat 2', 'Flat 3', 'Flat 4', 'Flat 5', 'Flat 6', 'Flat 7', 'Flat 8']
export const RECIPIENTS = FLATS.map((label, index) => ({ id: `flat-${index + 1}`, label }))

export function wallHost(wall: LiveWall, site: Site, screenUrl: () => string): WallHost {
  const { kiosk } = site.settings
  const { cabinet } = wall
  return {
    snapshot: () => ({
      kioskId: kiosk.kioskId,
      siteName: kiosk.siteName,
      screenUrl: screenUrl(),
      sizes: kiosk.sizes,
      columns: kiosk.columns.map(({ lockers }) => ({
        lockers: lockers.map(({ id, size, bottomMm }) => {
          const { door, contents, isJammed } = cabinet.at(id)
          return { id, size, bottomMm, door, contents, isBlocked: isJammed }
        }),
      })),
    }),
    act: (command) => act(wall, command),
    onChange: (changed) => wall.onChange(changed),
  }
}

function act(wall: LiveWall, command: WallCommand): WallResult {
  const compartment = wall.cabinet.compartments.get(command.lockerId)
  if (compartment === undefined) return refuse('There is no such locker.')
  switch (command.kind) {
    case 'put-in':
      if (compartment.door === 'closed') return refuse('The door is closed.')
      compartment.contents = [...compartment.contents, command.label]
      break
    case 'take-out':
      if (compartment.door === 'closed') return refuse('The door is closed.')
      compartment.contents = []
      break
    case 'close':
      wall.cabinet.close(compartment)
      return OK
    case 'force-open':
      wall.cabinet.force(compartment)
      return OK
    case 'block':
    case 'unblock':
      compartment.isJammed = command.kind === 'block'
      break
  }
  wall.changed()
  return OK
}

function refuse(reason: string): WallResult {
  return { ok: false, reason }
}

interface DemoPost extends PostHost {
  /** Before central is closed: it is not asked any more. */
  close(): void
}

/** @param central null: the reference central is not running, somebody else plays it */
export function postHost(central: Central | null, site: Site): DemoPost {
  const { kioskId } = site.settings.kiosk
  const polls: NodeJS.Timeout[] = []
  const label = (id: string): string => RECIPIENTS.find((known) => known.id === id)?.label ?? id
  return {
    letters: () =>
      (central?.letters() ?? []).toReversed().map(
        (letter): Letter => ({
          id: String(letter.id),
          recipient: label(letter.recipientId),
          text: letter.text,
          atWallMs: letter.atWallMs,
        }),
      ),
    couriers: () => [{ label: COURIER.label, accessCode: COURIER.code }],
    recipients: () => RECIPIENTS,
    announce: (announcement) => announce(central, kioskId, announcement),
    onChange: (changed) => {
      let seen = 0
      // Central has no events; a demo may ask it often.
      const poll = setInterval(() => {
        const count = central?.letters().length ?? 0
        if (count === seen) return
        seen = count
        changed()
      }, POLL_MS)
      polls.push(poll.unref())
    },
    close: () => polls.forEach(clearInterval),
  }
}

function announce(central: Central | null, kioskId: string, parcel: Announcement): WallResult {
  if (central === null) return refuse('The reference central is not running.')
  const { way, tracking, size, recipientId } = parcel
  const row = { kioskId, id: `parcel-${tracking}`, tracking, size, recipientId }
  if (way === 'return') central.expectReturn({ ...row, expiresAtMs: null })
  else central.announce(row)
  return OK
}

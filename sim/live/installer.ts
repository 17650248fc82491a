// What an installer does on the first day: looks into every new locker and tells the kiosk that it
// is empty. Over the control socket, like every technician.
import { request } from 'node:http'
import type { Site } from './site.ts'

const TRY_AGAIN_MS = 100
const TRIES_MAX = 200

/** @throws when a locker is refused for another reason than that its door has not been read yet */
export async function declareEmpty(site: Site): Promise<void> {
  const { kiosk, control } = site.settings
  const ids = kiosk.columns.flatMap(({ lockers }) => lockers.map(({ id }) => id))
  for (const id of ids) {
    for (let tries = 0; ; tries += 1) {
      const { status, body } = await post(control.path, `/v1/lockers/${id}/inspect`, {
        found: 'empty',
        reason: 'new wall, looked into',
      })
      if (status === 200 || body.includes('LK-LOCKER-01')) break
      // The door has not been read yet.
      if (!body.includes('LK-DOOR-02') || tries >= TRIES_MAX) throw new Error(`${id}: ${body}`)
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS))
    }
  }
}

function post(
  socketPath: string,
  path: string,
  body: object,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': text.length }
    const sent = request({ socketPath, path, method: 'POST', headers }, (response) => {
      let received = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        received += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: received }))
    })
    sent.once('error', reject)
    sent.end(text)
  })
}

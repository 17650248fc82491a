// Makes room for a Unix socket: a dead daemon's leftover goes, a living daemon's socket stays.
import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { dirname } from 'node:path'

const FOLDER_MODE = 0o750

/** @throws Error when somebody listens there, or when the path is something else than a socket */
export async function clearSocketPlace(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE })
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket()) throw new Error(`${path} is not a socket; it is left alone`)
  if (await isListening(path)) throw new Error(`LK-RUN-02: another daemon listens on ${path}`)
  rmSync(path, { force: true })
}

async function isListening(path: string): Promise<boolean> {
  const socket = createConnection(path)
  try {
    return await new Promise((settle, reject) => {
      socket.once('connect', () => settle(true))
      socket.once('error', (error: NodeJS.ErrnoException) => {
        // Only this proves that nobody is there; a living daemon must not lose its socket.
        if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') settle(false)
        else reject(error)
      })
    })
  } finally {
    socket.destroy()
  }
}

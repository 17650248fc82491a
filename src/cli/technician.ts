// Who asks, as far as the system tells; the socket's mode is what decides who may.
import process from 'node:process'

export function technician(): { readonly technicianId?: string } {
  const name = process.env['SUDO_USER'] ?? process.env['USER'] ?? ''
  return /^[A-Za-z0-9._@-]{1,64}$/.test(name) ? { technicianId: name } : {}
}

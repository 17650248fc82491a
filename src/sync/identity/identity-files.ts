// What the kiosk shows the broker, and by what it knows the broker: PEM files, read anew at every
// attempt, so that a renewed certificate needs no restart.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'

const PEM_BYTES_MAX = 65_536
const OTHERS_READ = 0o004

export interface IdentityFiles {
  /** Null: the roots that come with Node. */
  readonly caFile: string | null
  /** Both or none. */
  readonly certificateFile: string | null
  readonly keyFile: string | null
}

/** PEM texts. */
export interface Identity {
  readonly ca: string | null
  readonly certificate: string | null
  readonly key: string | null
}

/** What is wrong with which file, and how to mend it; it never quotes the file. */
export class IdentityError extends Error {}

/** @throws IdentityError */
export function readIdentity({ caFile, certificateFile, keyFile }: IdentityFiles): Identity {
  const identity = {
    ca: caFile === null ? null : readPem(caFile),
    certificate: certificateFile === null ? null : readPem(certificateFile),
    key: keyFile === null ? null : readKeyPem(keyFile),
  }
  if (caFile !== null) parsed(caFile, () => new X509Certificate(identity.ca ?? ''))
  if (certificateFile === null || keyFile === null) return identity
  const certificate = parsed(certificateFile, () => new X509Certificate(identity.certificate ?? ''))
  const key = parsed(keyFile, () => createPrivateKey(identity.key ?? ''))
  if (!certificate.checkPrivateKey(key)) {
    throw new IdentityError(`${keyFile} is not the key of ${certificateFile}`)
  }
  return identity
}

function readKeyPem(file: string): string {
  const pem = readPem(file)
  if ((statSync(file).mode & OTHERS_READ) !== 0) {
    throw new IdentityError(`${file} is readable for everybody; chmod 0400 ${file}`)
  }
  return pem
}

function readPem(file: string): string {
  try {
    const { size } = statSync(file)
    if (size <= PEM_BYTES_MAX) return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code
    throw new IdentityError(`${file} cannot be read (${reason})`)
  }
  throw new IdentityError(`${file} has more than ${PEM_BYTES_MAX} bytes`)
}

/** OpenSSL's own words would quote nothing, and help nobody. */
function parsed<T>(file: string, parse: () => T): T {
  try {
    return parse()
  } catch {
    throw new IdentityError(`${file} is not the PEM that it should be`)
  }
}

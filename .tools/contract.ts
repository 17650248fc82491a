// Writes what docs/contract has for programs and for looking up: the schemas, the AsyncAPI document
// and the reference page.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asyncApiPage } from './contract-asyncapi.ts'
import { referencePage } from './contract-reference.ts'
import { publishedSchemas } from './contract-schemas.ts'

const FOLDER = fileURLToPath(new URL('../docs/contract/', import.meta.url))

/** By path below docs/contract. */
export function contractFiles(): ReadonlyMap<string, string> {
  const schemas = [...publishedSchemas()].map(
    ([name, schema]) => [`schemas/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`] as const,
  )
  return new Map([...schemas, ['asyncapi.yaml', asyncApiPage()], ['reference.md', referencePage()]])
}

const PAGES = ['asyncapi.yaml', 'reference.md']

/** What lies there now, of what is made. */
export function filesThere(): ReadonlyMap<string, string> {
  const all = readdirSync(join(FOLDER, 'schemas'), { recursive: true, encoding: 'utf8' })
  const schemas = all.filter((name) => name.endsWith('.json')).map((name) => `schemas/${name}`)
  const paths = [...schemas, ...PAGES]
  return new Map(paths.map((path) => [path, readFileSync(join(FOLDER, path), 'utf8')]))
}

if (import.meta.main) {
  rmSync(join(FOLDER, 'schemas'), { recursive: true, force: true })
  for (const [path, text] of contractFiles()) {
    mkdirSync(dirname(join(FOLDER, path)), { recursive: true })
    writeFileSync(join(FOLDER, path), text)
  }
}

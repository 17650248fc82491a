// What docs/contract has for programs: made from the code's own schemas, and never behind them.
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { contractFiles, filesThere } from '../../../.tools/contract.ts'
import { KINDS, publishedSchemas } from '../../../.tools/contract-schemas.ts'
import { misfitOfOwnFact } from '../../../src/sync/contract/check-fact.ts'
import { objectSchema, text, words } from '../../../src/sync/contract/shapes.ts'

describe('the published contract', () => {
  test('is what the code’s schemas give: npm run docs:contract', () => {
    const made = contractFiles()
    const there = filesThere()
    expect([...there.keys()].sort()).toEqual([...made.keys()].sort())
    for (const [path, content] of made) expect(there.get(path), path).toBe(content)
  })

  test('has a schema for every kind of fact, each with fields that say what they mean', () => {
    expect(KINDS.length).toBeGreaterThan(50)
    const schemas = publishedSchemas()
    for (const kind of KINDS) {
      const { required, properties } = schemas.get(`facts/${kind}.1`) ?? {}
      expect(Object.keys(properties ?? {}), kind).toEqual(required)
      for (const field of Object.values(properties ?? {})) {
        expect((field as { description?: string }).description).toMatch(/\.$/)
      }
    }
  })

  test('stands in each file alone, and compiles without anything of ours', () => {
    for (const [path, content] of filesThere()) {
      if (!path.endsWith('.json')) continue
      expect(content).not.toContain('$ref')
      const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false })
      expect(ajv.compile(JSON.parse(content))).toBeTypeOf('function')
    }
  })
})

describe('a fact’s data', () => {
  const left = { openingId: 3, lockerId: 'A3', outcome: 'left-open' }
  const ajv = new Ajv()
  const isFine = ajv.compile(publishedSchemas().get('facts/door-left-open.1') ?? {})

  test('may gain fields, for whoever reads it', () => {
    expect(isFine({ ...left, colour: 'red' })).toBe(true)
    expect(isFine({ ...left, outcome: 'ajar' })).toBe(false)
    expect(isFine({ openingId: 3, lockerId: 'A3' })).toBe(false)
  })

  test('has no field beside those that are told, as the kiosk writes it', () => {
    expect(misfitOfOwnFact('door-left-open', left)).toBe(null)
    expect(misfitOfOwnFact('door-left-open', { ...left, colour: 'red' })).toMatch(/additional/)
    const why = { needs: [], reasons: ['fits'], passed: [{ size: 'S', reach: 'far', why: 'x' }] }
    const started = {
      ...{ parcelId: 'p1', lockerId: 'A3', courierId: 'c1', recipientId: 'r1' },
      ...{ size: 'M', isAnnounced: true, isTogether: false, why },
    }
    expect(misfitOfOwnFact('deposit-started', started)).toMatch(/passed\/0\/why/)
  })

  test('has a shape that the compiler holds against its type', () => {
    interface Data {
      readonly name: string
      readonly state: 'on' | 'off'
    }
    const name = text('A name.', { minLength: 1, maxLength: 8 })
    const state = words('A state.', { on: '', off: '' })
    const fits = objectSchema<Data>({ name, state })
    expect(fits['required']).toEqual(['name', 'state'])
    // @ts-expect-error a field is missing
    objectSchema<Data>({ name })
    // @ts-expect-error a field is too much
    objectSchema<Data>({ name, state, more: name })
    // @ts-expect-error a word is missing
    objectSchema<Data>({ name, state: words('A state.', { on: '' }) })
    // @ts-expect-error a word is too much
    objectSchema<Data>({ name, state: words('A state.', { on: '', off: '', ajar: '' }) })
    // @ts-expect-error optional, and it must be there
    objectSchema<Data>({ name: { ...name, isOptional: true }, state })
  })
})

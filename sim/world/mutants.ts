// Bugs put in on purpose. Each one is a bug that was found in real systems; a simulator that does not
// catch it is blind, and the test that runs these says so.
import { openLedger } from '../../src/store/ledger.ts'
import { type Parts, SOUND_PARTS } from './world.ts'

export const MUTANTS: Readonly<Record<string, Parts>> = {}
void openLedger
void SOUND_PARTS

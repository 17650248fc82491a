// What facts of configuration and programs carry.
import { listOf, objectOf, orNull, scalar, text, whole } from '../shapes.ts'
import type { FactShapes } from './fields.ts'
import * as field from './fields.ts'

const key = text('As in the stream `configuration`.', field.ID)
const version = text('As the component tells it.', { minLength: 1, maxLength: 64 })

export const UPKEEP_SHAPES = {
  'configuration-applied': {
    version: whole('Of the stream `configuration`.'),
    values: listOf(
      'All that holds of central’s values; every other key is as the kiosk’s file says.',
      objectOf('', { key, value: scalar('As central set it.', 200) }),
    ),
    refused: listOf(
      'What does not hold, by key; at most 20.',
      objectOf('', { key, code: field.code }),
    ),
    furtherRefused: whole('How many more do not hold.'),
  },
  'firmware-compared': {
    component: text('As in the stream `firmware`.', field.ID),
    wanted: orNull(version, 'the row was deleted'),
    running: listOf(
      'What runs, each version once; empty: nothing here has this name, or it does not tell.',
      version,
    ),
  },
} satisfies Partial<FactShapes>

// The shape of every fact's data: what stands in `data` of its text in up/ev.
import type { FactKind } from '../../kiosk/facts.ts'
import { AUDIT_SHAPES } from './facts/audits.ts'
import { DOOR_SHAPES } from './facts/doors.ts'
import type { FactShapes } from './facts/fields.ts'
import { ORDER_SHAPES } from './facts/orders.ts'
import { OUTAGE_SHAPES } from './facts/outages.ts'
import { PARCEL_SHAPES } from './facts/parcels.ts'
import { PEOPLE_SHAPES } from './facts/people.ts'
import { RETURN_SHAPES } from './facts/returns.ts'
import { UPKEEP_SHAPES } from './facts/upkeep.ts'
import { type Fields, objectSchema, type Schema } from './shapes.ts'

const FACT_SHAPES: FactShapes = {
  ...AUDIT_SHAPES,
  ...DOOR_SHAPES,
  ...OUTAGE_SHAPES,
  ...ORDER_SHAPES,
  ...PARCEL_SHAPES,
  ...PEOPLE_SHAPES,
  ...RETURN_SHAPES,
  ...UPKEEP_SHAPES,
}

/** By kind. */
export const FACT_DATA_SCHEMAS = Object.fromEntries(
  Object.entries<Fields<unknown>>(FACT_SHAPES).map(([kind, fields]) => [
    kind,
    objectSchema(fields),
  ]),
) as Readonly<Record<FactKind, Schema>>

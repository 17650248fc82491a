// What a technician finds in the log, in `latchkey sync status` and in the manual for each way in
// which a connection ends.
import type { Code } from '../../kiosk/codes.ts'
import type { LinkCause } from './state.ts'

export const CODE_BY_CAUSE: Readonly<Record<LinkCause, Code>> = {
  unreachable: 'LK-LINK-01',
  timeout: 'LK-LINK-02',
  closed: 'LK-LINK-03',
  'closed-early': 'LK-LINK-03',
  'protocol-refused': 'LK-LINK-04',
  refused: 'LK-LINK-05',
  'subscription-refused': 'LK-LINK-06',
  'publication-refused': 'LK-LINK-06',
  'taken-over': 'LK-LINK-07',
  'core-stalled': 'LK-LINK-08',
  'tls-refused': 'LK-LINK-09',
  'broker-unknown': 'LK-LINK-10',
  'broker-misnamed': 'LK-LINK-11',
  'broker-expired': 'LK-LINK-12',
  'broker-too-new': 'LK-LINK-13',
  'identity-refused': 'LK-LINK-14',
  'identity-expired': 'LK-LINK-15',
  'identity-unusable': 'LK-LINK-16',
  'renewal-refused': 'LK-LINK-17',
}

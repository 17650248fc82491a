// How each kind of fact is filed: by whom it was caused, how much it matters, and what it says. One
// table for the manual, the contract and every view of the audit trail.
import type { FactKind } from './facts.ts'

/**
 * - `user`: somebody at the screen did it
 * - `admin`: a technician or an operator did it
 * - `security`: somebody may have tried what is not theirs
 * - `system`: the kiosk did it by rule
 * - `error`: something did not work as it should
 */
type AuditCategory = 'user' | 'admin' | 'security' | 'system' | 'error'
type AuditSeverity = 'low' | 'medium' | 'high' | 'critical'

interface AuditClass {
  readonly category: AuditCategory
  readonly severity: AuditSeverity
  /** One sentence for people. */
  readonly meaning: string
}

function filed(category: AuditCategory, severity: AuditSeverity, meaning: string): AuditClass {
  return { category, severity, meaning }
}

/** A kind that is not filed does not compile. */
export const AUDIT: Readonly<Record<FactKind, AuditClass>> = {
  'kiosk-started': filed('system', 'medium', 'The kiosk started.'),
  'courier-signed-in': filed('user', 'low', 'A courier signed in.'),
  'courier-signed-out': filed('user', 'low', 'A courier signed out, or was by idleness.'),
  'entry-refused': filed('security', 'medium', 'A PIN or an access code was refused.'),
  'guessing-suspected': filed('security', 'high', 'Many wrong entries within an hour.'),
  'pin-revoked': filed('admin', 'medium', 'A PIN is dead; a new one is being made.'),
  'pin-reissued': filed('system', 'medium', 'A new PIN was made.'),
  'pin-reissue-refused': filed('system', 'medium', 'A new PIN was not made.'),
  'pin-extended': filed('admin', 'medium', 'A PIN was given another end.'),
  'pin-expired': filed('system', 'medium', 'A PIN has come to its end.'),
  'staff-signed-in': filed('admin', 'medium', 'A technician or an operator signed in.'),
  'staff-signed-out': filed('admin', 'low', 'A technician or an operator signed out.'),
  'break-glass-used': filed('security', 'critical', 'A sealed code was used, and is burned.'),
  'pickup-token-used': filed('user', 'low', 'A recipient used a token of central, once.'),
  'courier-token-used': filed('user', 'low', 'A courier signed in with a token, once.'),
  'token-refused': filed('security', 'medium', 'A token of central was refused.'),
  'session-revoked': filed('security', 'high', 'Central took the rights of a running session.'),
  'opening-authorised': filed('user', 'low', 'Somebody was allowed to open a door.'),
  'opening-failed': filed('error', 'high', 'The door did not open.'),
  'opening-unproven': filed('error', 'medium', 'Whether the door opened is not known.'),
  'door-opened': filed('user', 'low', 'The door was seen to open.'),
  'door-closed': filed('user', 'low', 'The door was seen to close.'),
  'door-left-open': filed('error', 'medium', 'The door stayed open.'),
  'door-forced': filed('security', 'critical', 'A door opened that nobody was allowed to open.'),
  'door-crossed': filed('error', 'critical', 'Another door opened than the one unlocked.'),
  'door-distrusted': filed('error', 'high', 'The sensor of a door is believed no more.'),
  'door-trusted': filed('system', 'medium', 'The sensor of a door is believed again.'),
  'contents-contradicted': filed('error', 'medium', 'The sensor inside and a person disagree.'),
  'contents-distrusted': filed('error', 'high', 'The sensor inside is believed no more.'),
  'contents-trusted': filed('admin', 'medium', 'The sensor inside is believed again.'),
  'locker-withdrawn': filed('admin', 'high', 'A locker was taken out of service.'),
  'locker-returned': filed('admin', 'medium', 'A locker is back in service.'),
  'locker-inspected': filed('admin', 'medium', 'Somebody looked inside and said what is there.'),
  'locker-disputed': filed('security', 'high', 'The contents are not what the ledger says.'),
  'audit-started': filed('admin', 'medium', 'A guided audit of the lockers began.'),
  'locker-audited': filed('admin', 'medium', 'Somebody looked into a locker at an audit.'),
  'audit-ended': filed('admin', 'medium', 'A guided audit is over, with what it found.'),
  'parcel-missed': filed('security', 'high', 'A parcel is not where the ledger had it.'),
  'locker-released': filed('system', 'low', 'A locker is proven empty after a pickup.'),
  'locker-doubted': filed('system', 'medium', 'A locker is not proven empty any more.'),
  'deposit-started': filed('user', 'low', 'A parcel was given its locker.'),
  'deposit-cancelled': filed('user', 'medium', 'The courier took the deposit back.'),
  'parcel-not-deposited': filed('user', 'medium', 'The courier took the parcel along again.'),
  'deposit-interrupted': filed('error', 'medium', 'A deposit broke off; somebody has to look.'),
  'parcel-deposited': filed('user', 'low', 'A parcel lies in its locker, and has its PIN.'),
  'parcel-collected': filed('user', 'low', 'A parcel was collected.'),
  'parcel-complained': filed('user', 'high', 'A recipient says that something is wrong.'),
  'reach-refused': filed('user', 'medium', 'A recipient cannot get at the door.'),
  'desk-answered': filed('admin', 'high', 'The desk’s answer to a challenge was taken.'),
  'command-obeyed': filed('admin', 'high', 'Central ordered something, and it was begun.'),
  'command-refused': filed('security', 'medium', 'An order of central was not followed.'),
  'history-cut': filed('system', 'medium', 'Old facts were cut off behind a stored link.'),
  'configuration-applied': filed('admin', 'medium', 'Central has set the configuration.'),
  'firmware-compared': filed('system', 'medium', 'What central wants to run, and what runs.'),
  'personal-data-erased': filed('system', 'medium', 'Rows that name persons were erased.'),
  'cabinet-opened': filed('security', 'high', 'The cabinet of the kiosk was opened.'),
  'cabinet-closed': filed('system', 'medium', 'The cabinet of the kiosk was closed.'),
  'mains-lost': filed('error', 'high', 'The mains are gone.'),
  'mains-returned': filed('system', 'medium', 'The mains are back.'),
  'ledger-restored': filed('security', 'critical', 'The ledger is an older copy of itself.'),
  'parcels-confirmed': filed('system', 'medium', 'Central knows that these parcels lie there.'),
  'standstill-began': filed('error', 'high', 'Nobody can collect; deadlines stand still.'),
  'standstill-ended': filed('system', 'medium', 'Parcels can be collected again.'),
  'deadlines-moved': filed('system', 'medium', 'Deadlines moved by the time they stood.'),
  'reminder-due': filed('system', 'low', 'A recipient should be reminded of a parcel.'),
  'parcel-retrieved': filed('user', 'medium', 'A courier took a parcel out.'),
  'return-expected': filed('system', 'low', 'A return may be handed in; its code is made.'),
  'return-withdrawn': filed('admin', 'medium', 'Central took a return back; its code is dead.'),
  'return-expired': filed('system', 'medium', 'The code of a return has come to its end.'),
  'hand-in-started': filed('user', 'low', 'A return was given its locker.'),
  'hand-in-resumed': filed('user', 'low', 'A hand-in goes on behind its door.'),
  'hand-in-cancelled': filed('user', 'medium', 'A recipient did not hand the parcel in after all.'),
  'hand-in-interrupted': filed('error', 'medium', 'A hand-in broke off; its locker is held.'),
  'parcel-handed-in': filed('user', 'low', 'A recipient handed a parcel in.'),
  'parcel-not-handed-in': filed('user', 'medium', 'There was no room for a return.'),
  'parcel-recalled': filed('admin', 'high', 'A parcel is for a courier to take back.'),
}

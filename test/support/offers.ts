// What each example of a screen offers, and what the rules are told when it is pressed.
import { LANGUAGES } from '../../src/screen/languages.ts'

/** Label, action, and the value that goes with it. */
type Offer = readonly [string, string, string?]

export const OFFERS: readonly (readonly [string, readonly Offer[]])[] = [
  [
    'welcome',
    [
      ...LANGUAGES.map(({ code, name }): Offer => [name, 'language', code]),
      ['Help', 'help'],
      ['Courier', 'courier'],
      ['Large text', 'ease', 'large'],
      ['High contrast', 'ease', 'contrast'],
      ['More time', 'ease', 'slow'],
    ],
  ],
  ['help', [['Back', 'back']]],
  ['reference', [['Back', 'back']]],
  [
    'desk',
    [
      ['Back', 'back'],
      ['New PIN instead', 'desk-pin'],
    ],
  ],
  ['pickup-open', [['Something is wrong', 'problem']]],
  ['pickup-open-problem', []],
  [
    'pickup-reach',
    [
      ['Open it, I can reach it', 'open-high'],
      ['Leave it shut', 'leave-closed'],
      ['Back', 'back'],
    ],
  ],
  [
    'pickup-problem',
    [
      ['The locker was empty', 'report', 'missing'],
      ['It is not my parcel', 'report', 'wrong'],
      ['The parcel is damaged', 'report', 'damaged'],
      ['Back', 'back'],
    ],
  ],
  [
    'pickup-used',
    [
      ['Something is wrong', 'problem'],
      ['I am done', 'back'],
    ],
  ],
  ['pickup-which-door', [['Back', 'back']]],
  ['pickup-reported', [['My next parcel', 'back']]],
  [
    'pickup-stuck',
    [
      ['Try again', 'retry'],
      ['It is open', 'said-open'],
      ['Help', 'help'],
      ['Back', 'back'],
    ],
  ],
  [
    'pickup-done',
    [
      ['Open door 14 again', 'reopen'],
      ['Something is wrong', 'problem'],
      ['I am done', 'back'],
    ],
  ],
  [
    'pickup-stuck-more',
    [
      ['Try again', 'retry'],
      ['It is open', 'said-open'],
      ['Help', 'help'],
      ['My next parcel', 'skip'],
      ['Back', 'back'],
    ],
  ],
  [
    'pickup-done-final',
    [
      ['Something is wrong', 'problem'],
      ['I am done', 'back'],
    ],
  ],
  ['hand-in-size', [['Back', 'back']]],
  ['hand-in-opening', [['Cancel', 'cancel']]],
  [
    'hand-in-open',
    [
      ['Bigger locker', 'bigger'],
      ['Smaller locker', 'smaller'],
      ['Cancel', 'cancel'],
    ],
  ],
  ['hand-in-open-again', [['The door is shut', 'said-shut']]],
  ['hand-in-undone', []],
  [
    'hand-in-stuck',
    [
      ['Try again', 'retry'],
      ['It is open', 'said-open'],
      ['Cancel', 'cancel'],
    ],
  ],
  [
    'hand-in-question',
    [
      ['Yes, it is inside', 'found-parcel'],
      ['No, I have it with me', 'found-empty'],
      ['Open door 7 again', 'retry'],
    ],
  ],
  [
    'hand-in-done',
    [
      ['Open door 7 again', 'reopen'],
      ['I am done', 'back'],
    ],
  ],
  ['courier-code', [['Back', 'back']]],
  [
    'courier-menu',
    [
      ['Next page', 'page', '1'],
      ['Door 3', 'check', '3'],
      ['Door 19', 'check', '19'],
      ['Take 2 back', 'retrieve'],
      ['Door 7 again', 'reopen'],
      ['Not on the list', 'walk-in'],
      ['Sign out', 'sign-out'],
    ],
  ],
  [
    'walk-in-recipient',
    [
      ['Previous page', 'page', '0'],
      ['Next page', 'page', '2'],
      ['Back', 'back'],
    ],
  ],
  ['walk-in-size', [['Back', 'back']]],
  ['deposit-opening', [['Cancel', 'cancel']]],
  [
    'deposit-open',
    [
      ['Bigger locker', 'bigger'],
      ['Smaller locker', 'smaller'],
      ['Cancel', 'cancel'],
    ],
  ],
  [
    'deposit-stuck',
    [
      ['Try again', 'retry'],
      ['It is open', 'said-open'],
      ['Cancel', 'cancel'],
    ],
  ],
  [
    'deposit-open-long',
    [
      ['The door is shut', 'said-shut'],
      ['Cancel', 'cancel'],
    ],
  ],
  [
    'deposit-question',
    [
      ['Inside, and shut', 'found-parcel'],
      ['Not inside, and shut', 'found-empty'],
    ],
  ],
  [
    'deposit-question-empty',
    [
      ['It is inside', 'found-parcel'],
      ['It is not inside', 'found-empty'],
      ['Open door 7 again', 'retry'],
    ],
  ],
  ['pickup-open-long', [['The door is shut', 'said-shut']]],
  ['pickup-blind', [['The door is shut', 'said-shut']]],
  ['deposit-finishing', []],
  [
    'cancel-open',
    [
      ['Too big', 'reason', 'too-big'],
      ['Damaged', 'reason', 'damaged'],
      ['No room', 'reason', 'bank-full'],
      ['Wrong address', 'reason', 'wrong-address'],
      ['Refused', 'reason', 'refused'],
    ],
  ],
  ['retrieval-opening', []],
  ['retrieval-open', []],
  [
    'retrieval-stuck',
    [
      ['Try again', 'retry'],
      ['It is open', 'said-open'],
      ['The next one', 'skip'],
      ['Back', 'back'],
    ],
  ],
  [
    'retrieval-question',
    [
      ['I have taken it out', 'took-out'],
      ['It is still inside', 'found-parcel'],
      ['It was not there', 'found-empty'],
    ],
  ],
  ['cancel-open-told', []],
  ['cancel-open-replaced', []],
  [
    'check-offer',
    [
      ['Open door 7', 'check', '7'],
      ['Back', 'back'],
    ],
  ],
  ['check-open', []],
  [
    'check-stuck',
    [
      ['Try again', 'retry'],
      ['It is open', 'said-open'],
      ['Back', 'back'],
    ],
  ],
  [
    'check-question',
    [
      ['It is empty', 'found-empty'],
      ['A parcel is inside', 'found-parcel'],
      ['Open door 7 again', 'check', '7'],
      ['Back', 'back'],
    ],
  ],
]

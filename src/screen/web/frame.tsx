// The frame of every screen: notice on top, one heading that gets the focus, the content, and a bar
// whose places never change.
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { ActionName, Notice } from '../../kiosk/view.ts'
import {
  BackIcon,
  CheckIcon,
  CourierIcon,
  HelpIcon,
  InfoIcon,
  PhoneIcon,
  WarningIcon,
} from './icons.tsx'
import type { Press, Shown } from './session.ts'
import { countText, type TextKey, text } from './text.ts'

export interface ScreenProps {
  readonly shown: Shown
  readonly press: Press
}

type LeftAction = 'back' | 'cancel' | 'pause'
type RightAction = 'help' | 'courier' | 'desk-pin' | 'sign-out'

interface FrameProps extends ScreenProps {
  readonly name: string
  readonly left?: LeftAction
  readonly right?: readonly RightAction[]
  readonly children: ComponentChildren
}

export function Frame({ shown, press, name, left, right = [], children }: FrameProps) {
  return (
    <div class="frame">
      <main class={`screen ${name}`}>
        <NoticeBox notice={shown.view.notice} />
        {shown.view.receipt !== null && (
          <p class="receipt">
            {countText('receipt', shown.view.receipt.parcels, { code: shown.view.receipt.code })}
          </p>
        )}
        <div class="content">{children}</div>
      </main>
      <Bar shown={shown} press={press} left={left} right={right} />
    </div>
  )
}

/**
 * Takes the focus before a screen is painted, so that a screen reader and the Tab key begin there.
 */
export function Title({ children }: { readonly children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => heading.current?.focus(), [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  )
}

interface BarProps extends ScreenProps {
  readonly left: LeftAction | undefined
  readonly right: readonly RightAction[]
}

function Bar({ shown, press, left, right }: BarProps) {
  const { kioskId, helpPhone } = shown.hello
  const kiosk = text(shown.view.isOnline ? 'bar.kiosk' : 'bar.offline', { kiosk: kioskId })
  return (
    <footer class="bar">
      <div class="bar-left">
        {left !== undefined && (
          <ActionButton action={left} icon={<BackIcon />} press={press} look="plain" />
        )}
      </div>
      <p class="bar-phone">
        <PhoneIcon />
        <span>
          <span class="bar-number">
            <span class="bar-label">{text('bar.phone')}</span> <strong>{helpPhone}</strong>
          </span>
          <span class="bar-kiosk">{kiosk}</span>
        </span>
      </p>
      <div class="bar-right">
        {right.map((action) => (
          <ActionButton
            key={action}
            action={action}
            icon={RIGHT_ICONS[action]}
            press={press}
            look="plain"
          />
        ))}
      </div>
    </footer>
  )
}

const RIGHT_ICONS: Readonly<Record<RightAction, ComponentChildren>> = {
  help: <HelpIcon />,
  courier: <CourierIcon />,
  'desk-pin': <PhoneIcon />,
  'sign-out': <BackIcon />,
}

interface ButtonProps {
  readonly action: ActionName
  readonly press: Press
  readonly icon?: ComponentChildren
  readonly look: 'primary' | 'plain'
  readonly label?: string
  readonly value?: string
}

/** A large button of the screen itself. */
export function ActionButton({ action, press, icon, look, label, value }: ButtonProps) {
  return (
    <button type="button" class={`button is-${look}`} onClick={() => press(action, value)}>
      {icon}
      <span>{label ?? text(`action.${action}` as TextKey)}</span>
    </button>
  )
}

/** Good news wait for a pause of the screen reader, bad news do not. */
const GOOD: ReadonlySet<Notice['key']> = new Set([
  'deposited',
  'cancelled',
  'others-stay',
  'locker-free',
])

function NoticeBox({ notice }: { readonly notice: Notice | null }) {
  // Both boxes are always there: a screen reader announces what changes, not what appears.
  const isGood = notice !== null && GOOD.has(notice.key)
  return (
    <div class="notices">
      <div role="status">{isGood && <NoticeText notice={notice} />}</div>
      <div role="alert">{notice !== null && !isGood && <NoticeText notice={notice} />}</div>
    </div>
  )
}

function NoticeText({ notice }: { readonly notice: Notice }) {
  const isGood = GOOD.has(notice.key)
  const icon = isGood ? <CheckIcon /> : notice.code === null ? <InfoIcon /> : <WarningIcon />
  return (
    <p class={isGood ? 'notice is-good' : 'notice'}>
      {icon}
      <span>{text(`notice.${notice.key}`, notice.params)}</span>
      {notice.code !== null && (
        <span class="notice-code">{text('notice.code', { code: notice.code })}</span>
      )}
    </p>
  )
}

// Drawn here, always beside a word or under an accessible name.
import type { ComponentChildren } from 'preact'

interface IconProps {
  readonly children: ComponentChildren
  /** It points where the text goes, or comes from. */
  readonly isDirected?: boolean
}

function Icon({ children, isDirected = false }: IconProps) {
  return (
    <svg
      class={isDirected ? 'icon is-directed' : 'icon'}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  )
}

export const BackIcon = () => (
  <Icon isDirected={true}>
    <path d="M14 5l-7 7 7 7M7 12h12" />
  </Icon>
)

export const NextIcon = () => (
  <Icon isDirected={true}>
    <path d="M9 5l7 7-7 7" />
  </Icon>
)

export const PreviousIcon = () => (
  <Icon isDirected={true}>
    <path d="M15 5l-7 7 7 7" />
  </Icon>
)

export const HelpIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="9" />
    <path d="M9.3 9.4a2.8 2.8 0 1 1 4.3 2.4c-1 .7-1.6 1.1-1.6 2.2M12 17v.2" />
  </Icon>
)

export const CourierIcon = () => (
  <Icon>
    <path d="M3 7l9-4 9 4v10l-9 4-9-4zM3 7l9 4 9-4M12 11v10M7.5 5l9 4" />
  </Icon>
)

/** A receiver, lying on its back. */
const PHONE =
  'M6 3h3.5l1.5 5-2.5 1.8a12 12 0 0 0 5.7 5.7L16 13l5 1.5V18' +
  'a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3z'

export const PhoneIcon = () => (
  <Icon>
    <path d={PHONE} />
  </Icon>
)

export const DeleteIcon = () => (
  <Icon>
    <path d="M9 5h11a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H9l-6-7zM12 9.5l5 5M17 9.5l-5 5" />
  </Icon>
)

export const CheckIcon = () => (
  <Icon>
    <path d="M4.5 12.5l5 5L19.5 7" />
  </Icon>
)

export const WarningIcon = () => (
  <Icon>
    <path d="M12 3.5L22 20.5H2zM12 10v5M12 17.6v.3" />
  </Icon>
)

export const InfoIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 11v6M12 7.3v.3" />
  </Icon>
)

export const LargeIcon = () => (
  <Icon>
    <path d="M2 19l5-13 5 13M4 14h6M14 19l3.5-9 3.5 9M15.3 16h4.4" />
  </Icon>
)

export const ContrastIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 3a9 9 0 0 1 0 18z" fill="currentcolor" />
  </Icon>
)

export const SlowIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5l3.5 2" />
  </Icon>
)

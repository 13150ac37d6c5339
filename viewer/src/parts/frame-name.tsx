import { printable } from '../../../src/printable.js'
import {
  ANONYMOUS,
  AWAIT,
  accountOfKind,
  awaitedBy,
  type FrameKind,
  frameKind,
} from '../../../src/profile/frames.js'
import type { Frame } from '../../../src/profile/profile.js'
import { inkOf } from './account-colours.js'

/** `[await] timer 20 ms`: the mark in its colour, what was waited for in plain ink. */
export function FrameName({ frame }: { readonly frame: Frame }) {
  const awaited = awaitedBy(frame)
  if (awaited) {
    return (
      <span class="name">
        <b class="mark" style={{ color: inkOf('await') }}>
          {AWAIT}
        </b>{' '}
        <bdi>{printable(awaited)}</bdi>
      </span>
    )
  }
  return (
    <span class="name" style={nameStyle(frameKind(frame))}>
      <bdi>{printable(frame.name) || ANONYMOUS}</bdi>
    </span>
  )
}

/** What stands for an account's time is written in the account's colour. */
export function nameStyle(kind: FrameKind) {
  const account = accountOfKind(kind)
  return account === 'cpu' || account === 'await' ? undefined : { color: inkOf(account) }
}

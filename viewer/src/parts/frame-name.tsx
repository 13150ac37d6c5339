import { ANONYMOUS, AWAIT } from '../../../src/profile/frames.js'
import { printable } from '../../../src/profile/printable.js'
import type { Frame } from '../../../src/profile/profile.js'

/** `[await] timer 20 ms`: the mark in its colour, what was waited for in plain ink. */
export function FrameName({ frame }: { readonly frame: Frame }) {
  if (frame.file === '' && frame.name.startsWith(`${AWAIT} `)) {
    return (
      <span class="name">
        <b class="mark">{AWAIT}</b> <bdi>{printable(frame.name.slice(AWAIT.length + 1))}</bdi>
      </span>
    )
  }
  return (
    <span class="name">
      <bdi>{printable(frame.name) || ANONYMOUS}</bdi>
    </span>
  )
}

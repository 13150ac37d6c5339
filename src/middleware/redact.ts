import { UNKNOWN } from '../profile/frames.js'
import type { Frame } from '../profile/profile.js'
import type { Window } from '../sampler/window.js'

/** The window with every new frame renamed by the app's `redact`, once a frame, before it leaves the thread. */
export function redactWindow(window: Window, redact: ((frame: Frame) => Frame) | null): Window {
  if (redact === null) return window
  const apply = (frame: Frame): Frame => {
    if (frame.file === '') return frame
    try {
      const { name, file, line, column } = redact({ ...frame })
      return { name: String(name), file: String(file), line: Number(line), column: Number(column) }
    } catch {
      return { name: UNKNOWN, file: '', line: 0, column: 0 }
    }
  }
  const { table } = window
  return {
    ...window,
    table: {
      ...table,
      frames: table.frames.map(apply),
      corrected: table.corrected.map(([id, frame]) => [id, apply(frame)] as const),
    },
  }
}

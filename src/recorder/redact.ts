import { UNKNOWN } from '../profile/frames.js'
import type { Frame } from '../profile/profile.js'
import type { StackTableDelta } from '../sampler/window.js'

export type Redact = (frame: Frame) => Frame

/** Every new frame renamed by the app's `redact`, once a frame, before it leaves the thread. */
export function redactStacks(
  table: StackTableDelta,
  redactors: ReadonlySet<Redact>,
): { readonly table: StackTableDelta; readonly redacted: boolean } {
  if (redactors.size === 0) return { table, redacted: false }
  const redact = (frame: Frame) => redactFrame(frame, redactors)
  const frames = table.frames.map(redact)
  const corrected = table.corrected.map(([id, frame]) => [id, redact(frame)] as const)
  return { table: { ...table, frames, corrected }, redacted: true }
}

// --- internal ---

function redactFrame(frame: Frame, redactors: ReadonlySet<Redact>): Frame {
  if (frame.file === '') return frame
  // What was compiled says what the app may hide.
  const { generated: _, ...written } = frame
  let redacted: Frame = written
  try {
    for (const redact of redactors) {
      const { name, file, line, column } = redact(redacted)
      redacted = {
        name: String(name),
        file: String(file),
        line: position(line),
        column: position(column),
      }
    }
    return redacted
  } catch {
    return { name: UNKNOWN, file: '', line: 0, column: 0 }
  }
}

function position(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0
}

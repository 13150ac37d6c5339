import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { hasLeft, whenLeaving } from '../visit.js'

/** Listeners of diagnostics channels, by the channels' names. */
export interface Channels {
  enable(): void
  disable(): void
}

/** A listener that throws would end the process: what these throw is left out. */
export function listenersOf(
  listeners: Readonly<Record<string, (message: never) => void>>,
): Channels {
  const quiet = Object.entries(listeners).map(
    ([channel, listener]) => [channel, quietly(listener)] as const,
  )
  let forget = () => {}
  const disable = () => {
    forget()
    for (const [channel, listener] of quiet) unsubscribe(channel, listener)
  }
  return {
    enable() {
      if (hasLeft()) return
      forget = whenLeaving(disable)
      for (const [channel, listener] of quiet) subscribe(channel, listener)
    },
    disable,
  }
}

// --- internal ---

function quietly(listener: (message: never) => void): (message: unknown) => void {
  return (message) => {
    try {
      listener(message as never)
    } catch {
      // Another shape than we know.
    }
  }
}

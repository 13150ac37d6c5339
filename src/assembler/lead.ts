import type { Window } from '../sampler/window.js'
import type { Gap } from './slice.js'

/**
 * What came before a window's first sample: since when its CPU time counts, and what of it is told
 * by the windows before, ms.
 */
export interface Lead {
  readonly since: number
  readonly cpu: number
}

export interface LedWindow extends Window {
  readonly lead: Lead
}

/** Where the window follows on another, its first gap begins at the last sample of that one. */
export function withLead(window: Window, before: LedWindow | undefined): LedWindow {
  return { ...window, lead: leadOf(window, before) }
}

/** From the last sample to the window's end. */
export function tailOf(window: LedWindow): Gap {
  const { since, cpu } = leadOf({ from: window.to }, window)
  return { from: since, to: window.to, cpu }
}

// --- internal ---

function leadOf({ from }: Pick<Window, 'from'>, before: LedWindow | undefined): Lead {
  if (before?.to !== from || Number.isNaN(before.tailCpu)) return { since: from, cpu: 0 }
  const last = before.sampleTime.at(-1)
  if (last !== undefined) return { since: last, cpu: before.tailCpu }
  return { since: before.lead.since, cpu: before.lead.cpu + before.tailCpu }
}

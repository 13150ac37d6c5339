/**
 * Node's timers as they were when this was loaded: an import would become whatever a test lays over
 * them later, as soon as anybody requires `timers`.
 */
import timers from 'node:timers'

export const {
  clearImmediate,
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} = timers

/** Is it what Node's event loop runs? Fake timers make something else, and may never run it. */
export function isImmediate(made: unknown): made is NodeJS.Immediate {
  return typeof made === 'object' && made !== null && '_onImmediate' in made
}

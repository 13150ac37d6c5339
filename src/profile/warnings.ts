import type { Warning } from './profile.js'

/** Every code that this version writes: its meaning stays, its text may change. */
export const WARNING_CODES = {
  'late-start': 'the sampler had just been started: loops that ran before are not seen',
  restarted: "the engine's profiler had to be started again: loops that ran before are not seen",
  unsampled:
    'for a time nothing was sampled: the profiler had failed, was stuck, or another one ran',
  forgotten: 'the beginning is not known any more',
  'no-cpu-time': 'cpu may hold time off the CPU: the system does not tell a thread’s CPU time',
  'no-awaits': 'awaits were not followed',
  'cut-stacks': 'more different stacks ran than are kept: the deepest calls of some are not known',
  'quick-awaits': 'some quick awaits were not looked at',
  'missed-events':
    'hooks of profview failed, at the end of the stack for one: some of it is unknown',
  'no-end': 'the end of the response could not be watched',
  'cut-off': 'it was longer than `limits.durationMs`',
  'over-limit': 'the loop was blocked when `limits.durationMs` was over: it is longer than that',
  'process-ended': 'the process ended before it did',
  unfinished: 'its process was killed, or had not ended: what came last is missing',
  'not-asked': 'the thread hung where it could not be asked what it does',
  'before-process': 'time passed between the proxy that sent it and this process',
  'version-1': 'a text of version 1, which had no codes',
  profile: 'what a command had to say of a profile that it wrote as a dump',
} as const

export type WarningCode = keyof typeof WARNING_CODES

export const PROCESS_ENDED = warning('process-ended', 'the process ended before the response')
/** The same of a job. */
export const PROCESS_ENDED_FIRST = warning('process-ended', 'the process ended before it did')

/** It goes on in a process that we have left. */
export const LEFT = warning('cut-off', 'profview left the process before it ended')

/** The one way to make a warning, so that each code is in the table. */
export function warning(code: WarningCode, text: string): Warning {
  return { code, text }
}

/** A dump's warnings and what else is to be said of its profile, each text once. */
export function withTexts(warnings: readonly Warning[], texts: readonly string[]): Warning[] {
  const known = new Set(warnings.map(({ text }) => text))
  const fresh = [...new Set(texts)].filter((text) => !known.has(text))
  return [...warnings, ...fresh.map((text) => warning('profile', text))]
}

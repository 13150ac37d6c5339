import { ProfviewError } from '../errors.js'
import type { Profile } from '../profile/profile.js'
import { clearInterval, setInterval } from '../sampler/node-timers.js'
import { newId, type Recorder } from './recorder.js'
import { resolveOptions } from './resolve-options.js'
import { threadRecorder } from './thread-recorder.js'
import type { WriterAnswer } from './writer/messages.js'

export interface FunctionOptions {
  /** For people; default: the function's name. */
  readonly name?: string
  /** Between two samples, ms. Default 1; 5 in production. The first of a thread's holds for all. */
  readonly interval?: number
  /** Follow each await. Default true. */
  readonly awaits?: boolean
}

/**
 * Runs a sync or async function under the profiler: a script, a test, a job.
 *
 *     const { value, profile } = await profile(() => importUsers('users.csv'))
 *
 * Rejects with what the function throws, and with NO_PROFILER where there is no sampler.
 */
export async function profile<T>(
  fn: () => T | Promise<T>,
  options: FunctionOptions = {},
): Promise<{ value: T; profile: Profile }> {
  const { name = fn.name, ...rest } = options
  const settings = resolveOptions(rest)
  const recorder = threadRecorder(settings)
  if (!recorder?.sampler.isRunning)
    throw new ProfviewError('NO_PROFILER', 'this thread cannot be profiled')
  let answered: (answer: WriterAnswer) => void = () => {}
  const answer = new Promise<WriterAnswer>((resolve) => {
    answered = resolve
  })
  // What the profile is waited for with must not let the process end meanwhile.
  const alive = setInterval(() => {}, 1000)
  try {
    const value = await record(recorder, fn, name, settings.awaits ?? true, answered)
    return { value, profile: profileOf(await answer) }
  } finally {
    clearInterval(alive)
  }
}

// --- internal ---

async function record<T>(
  recorder: Recorder,
  fn: () => T | Promise<T>,
  name: string,
  awaits: boolean,
  answered: (answer: WriterAnswer) => void,
): Promise<T> {
  const recording = recorder.begin(
    {
      id: newId(),
      kind: 'function',
      name: name === '' ? null : name,
      kept: 'call',
      request: () => null,
      labels: {},
      startedAt: new Date(),
      warnings: [],
      store: null,
      answered,
    },
    () => name,
    awaits ? 'awaits' : 'labels',
  )
  try {
    return await recorder.sampler.run(recording, fn)
  } finally {
    recorder.sampler.end(recording)
  }
}

function profileOf(answer: WriterAnswer): Profile {
  if ('profile' in answer) return answer.profile
  throw new ProfviewError('NO_PROFILER', 'error' in answer ? answer.error : 'no profile came back')
}

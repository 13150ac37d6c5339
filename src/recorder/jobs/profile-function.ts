import type { Profile } from '../../profile/profile.js'
import { clearInterval, setInterval } from '../../sampler/node-timers.js'
import { inTime, LATE } from '../in-time.js'
import { type FunctionOptions, resolveJob } from './job-options.js'
import { beginJob } from './jobs.js'

/**
 * Runs a sync or async function under the profiler: a script, a test, a job.
 *
 *     const { value, profile } = await profile(() => importUsers('users.csv'))
 *     await profile(() => importUsers(job.data), { name: job.name, slow: 500 }) // leaves a dump
 *
 * Options are checked first: a bad one rejects with BAD_OPTION. From then on `fn` runs, whatever
 * happens to its profile, and what it returns or throws is what comes. `profile` is null where
 * nothing was recorded: PROFVIEW is off, `share` or `slow` did not choose the call, a limit is
 * reached, the native part is missing.
 */
export async function profile<T>(
  fn: () => T | Promise<T>,
  options: FunctionOptions = {},
): Promise<{ value: T; profile: Profile | null }> {
  const job = resolveJob(fn, options)
  const running = beginJob(job)
  if (running === null) return { value: await fn(), profile: null }
  let profile: Promise<Profile | null> | null = null
  let value: T
  try {
    value = await running.run(fn)
  } finally {
    profile = running.end()
  }
  const patienceMs = job.isKept ? PATIENCE_MS : null
  return { value, profile: profile === null ? null : await arrived(profile, patienceMs) }
}

// --- internal ---

/** A job goes on without its profile, if its disk takes so long, ms. */
const PATIENCE_MS = 10_000

async function arrived(
  profile: Promise<Profile | null>,
  patienceMs: number | null,
): Promise<Profile | null> {
  // What is waited for must not let the process end meanwhile.
  const alive = setInterval(() => {}, 1000)
  try {
    if (patienceMs === null) return await profile
    const answer = await inTime(profile, patienceMs)
    return answer === LATE ? null : (answer as Profile | null)
  } finally {
    clearInterval(alive)
  }
}

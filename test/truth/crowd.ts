/** A workload alone and in a crowd, the first in its process that is profiled and a later one. */
import { untruths } from './judge.js'
import { type AppSettings, type Asked, type Recorded, recordedOf, startProgram } from './truth.js'

/** What was recorded, and what of it is not true. */
export interface Judged {
  readonly recorded: Recorded
  readonly untruths: readonly string[]
}

/** The first time and a later one. */
export async function alone(settings: AppSettings, workload: string): Promise<Judged[]> {
  return judged(settings, workload, [])
}

/** Among sixteen neighbours: most are at work when the request comes, four come later. */
export async function inACrowd(settings: AppSettings, workload: string): Promise<Judged[]> {
  const neighbours = Array.from({ length: 16 }, (_, i) => {
    const by = i % 2 === 0 || !settings.postgres ? 'timer' : 'pool'
    return { path: `/crowd?id=crowd_${i}&every=${50 + 3 * i}&by=${by}`, at: i < 12 ? 0 : 90 + i }
  })
  return judged({ express: true, ...settings }, workload, neighbours)
}

// --- internal ---

/** Ms after the neighbours. */
const AT = 75

async function judged(
  settings: AppSettings,
  workload: string,
  neighbours: readonly Asked[],
): Promise<Judged[]> {
  const program = await startProgram(settings)
  if (settings.postgres) await program.ask({ path: '/prepare' })
  // Its code has run, its connections are open.
  await program.ask({ path: `/${workload}` }, { path: '/crowd?rounds=1' })
  const all: Judged[] = []
  for (const id of ['own_first', 'own_later']) {
    const at = neighbours.length > 0 ? AT : 0
    await program.ask({ path: `/${workload}?id=${id}&profile=1`, at }, ...neighbours)
    const [recorded] = await recordedOf(program, id)
    all.push({ recorded: recorded!, untruths: untruths(recorded!) })
  }
  return all
}

/** Importing and mounting, and starting the sampler: whole processes of an app with one route. */
import { fileURLToPath } from 'node:url'
import { runNode, withDirectory } from '../support/programs.mjs'
import { more, turnAbout } from '../support/turn-about.mjs'

const APP = fileURLToPath(new URL('../support/mounting.mjs', import.meta.url))

export async function* mount() {
  const runs = await withDirectory((dir) => {
    const run = (how) => runNode([APP, how], { PROFVIEW_DIR: dir })
    return turnAbout({ none: 'none', mounted: 'trigger', armed: 'start' }, 17, run)
  })
  const of = (key, some, others) =>
    more(
      runs[some].map((run) => run[key]),
      runs[others].map((run) => run[key]),
    )
  yield { row: 'import and mount: CPU time', unit: 'ms', ...of('cpuMs', 'mounted', 'none') }
  yield { row: 'import and mount: memory', unit: 'MB', ...of('megabytes', 'mounted', 'none') }
  yield { row: 'starting the sampler: CPU time', unit: 'ms', ...of('cpuMs', 'armed', 'mounted') }
  yield { row: 'starting the sampler: memory', unit: 'MB', ...of('megabytes', 'armed', 'mounted') }
}

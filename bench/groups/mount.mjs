/** Importing and mounting, the sampler started or not: whole processes of an app with one route. */
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
  yield { row: 'import and mount, armed: CPU time', unit: 'ms', ...of('cpuMs', 'armed', 'none') }
  yield { row: 'import and mount, armed: memory', unit: 'MB', ...of('megabytes', 'armed', 'none') }
  const unarmed = 'import and mount, `arm: trigger`'
  yield { row: `${unarmed}: CPU time`, unit: 'ms', ...of('cpuMs', 'mounted', 'none') }
  yield { row: `${unarmed}: memory`, unit: 'MB', ...of('megabytes', 'mounted', 'none') }
}

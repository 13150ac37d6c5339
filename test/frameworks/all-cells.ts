import { afterAll, beforeAll, describe, test } from 'vitest'
import { CHECKS } from './cells.js'
import { Running } from './running.js'
import { type App, CELLS } from './table.mjs'

/** Tests: every app is asked for every cell. */
export function allCellsOf(apps: readonly App[]): void {
  describe.each(apps.map((app) => [app.name, app] as const))('%s', (_name, app) => {
    let mounted: Running
    let bare: Running

    beforeAll(async () => {
      ;[mounted, bare] = await Promise.all([Running.start(app, 'app'), Running.start(app, 'none')])
    })
    afterAll(() => Promise.all([mounted?.stop(), bare?.stop()]))

    const cells = CELLS.filter(({ name }) => app.without?.[name] === undefined)
    test.each(cells.map(({ name }) => name))('%s', (name) => CHECKS[name]!({ app, mounted, bare }))
  })
}

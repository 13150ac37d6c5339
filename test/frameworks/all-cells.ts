import { afterAll, beforeAll, describe, test } from 'vitest'
import { CHECKS } from './cells.js'
import { type Mount, Running } from './running.js'
import { type App, CELLS, MOUNTS } from './table.mjs'

/** Tests: every app is asked for every cell, however it is mounted; one cell after another. */
export function allCellsOf(apps: readonly App[]): void {
  describe.each(apps.map((app) => [app.name, app] as const))('%s', (_name, app) => {
    const { mounts = MOUNTS } = app
    const running = new Map<string, Running>()

    beforeAll(async () => {
      const start = async (mount: Mount) => {
        running.set(mount, await Running.start(app, mount))
      }
      await Promise.all([...mounts, 'none' as const].map(start))
    })
    afterAll(() => Promise.all([...running.values()].map((each) => each.stop())))

    const cells = CELLS.filter(({ name }) => app.without?.[name] === undefined)
    describe.concurrent.each(mounts)('%s', (mount) => {
      test.sequential.each(cells.map(({ name }) => name))('%s', (name) =>
        CHECKS[name]!({ app, mounted: running.get(mount)!, bare: running.get('none')! }),
      )
    })
  })
}

import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const shared = {
  setupFiles: 'test/support/setup.ts',
  // A profiler belongs to its process.
  pool: 'forks' as const,
  // They wait for half of their time.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  // Guards, far from what a test takes: on a busy machine everything takes longer.
  testTimeout: 60_000,
  hookTimeout: 120_000,
}

/** What needs several runs, or a quiet machine, to be judged: `npm run test:truth`. */
const LONG =
  'test/truth/{databases,driver-errors,drivers,modes,named-waits,off-cpu,other-databases,queued,stalls-table}.test.ts'

/** They take a minute where most take a second: begun last they would be waited for alone. */
const LONGEST =
  /(soak.faults|recorder.(builtin-faults|capture|hangs|killed|trace-labels)|package)\.test/

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.test(moduleId)
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    globalSetup: 'test/support/build.ts',
    projects: [
      {
        test: {
          ...shared,
          name: 'all',
          globalSetup: 'test/support/build-page.ts',
          // How long a page may take to follow a key, on a busy machine.
          expect: { poll: { timeout: 30_000 } },
          include: ['test/**/*.test.ts'],
          exclude: ['test/{sampler,truth,frameworks}/**'],
        },
      },
      {
        // What is measured against the clock has the machine to itself.
        test: {
          ...shared,
          name: 'measured',
          include: ['test/{sampler,truth}/**/*.test.ts'],
          exclude: [LONG],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'truth',
          include: [LONG],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Apps of every framework, which are installed for that: `npm run test:frameworks`.
        test: {
          ...shared,
          name: 'frameworks',
          globalSetup: 'test/frameworks/install.mjs',
          include: ['test/frameworks/*.test.ts'],
          // Most of the time dumps are waited for.
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})

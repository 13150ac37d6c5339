import { defineConfig } from 'vitest/config'

const shared = {
  globalSetup: 'test/support/build.ts',
  setupFiles: 'test/support/setup.ts',
  // A profiler belongs to its process.
  pool: 'forks' as const,
  maxWorkers: '100%',
  testTimeout: 30_000,
  hookTimeout: 60_000,
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'all',
          globalSetup: ['test/support/build.ts', 'test/support/build-bundles.ts'],
          // How long a page may take to follow a key, on a busy machine.
          expect: { poll: { timeout: 10_000 } },
          include: ['test/**/*.test.ts'],
          exclude: ['test/sampler/**'],
          // In CI, what a busy machine upset gets a second chance; elsewhere nothing is hidden.
          retry: process.env.CI ? 1 : 0,
        },
      },
      {
        // What is measured against the clock has the machine to itself, and a second chance where
        // others disturb it.
        test: {
          ...shared,
          name: 'measured',
          include: ['test/sampler/**/*.test.ts'],
          fileParallelism: false,
          retry: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})

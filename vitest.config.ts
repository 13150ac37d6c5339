import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/build.ts',
    setupFiles: 'test/support/setup.ts',
    // A profiler belongs to its process.
    pool: 'forks',
    testTimeout: 30_000,
  },
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the page of these sources was built to. */
    readonly builtPage: string
  }
}

/**
 * Builds the page once for all tests, aside: that in `dist` may be packed or served.
 */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  const { build } = await import('vite')
  const outDir = mkdtempSync(join(tmpdir(), 'profview-page-'))
  await build({
    configFile: 'viewer/vite.config.ts',
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  })
  provide('builtPage', outDir)
  return () => rmSync(outDir, { recursive: true, force: true })
}

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Builds the library and the command line once, so that the tests run what users run. */
export async function setup(): Promise<void> {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  removeWhatIsOld()
  const { createBuilder } = await import('vite')
  await (await createBuilder({ configFile: 'vite.config.ts', logLevel: 'warn' })).buildApp()
}

/** What was built of a file that has moved since would be packed, and could still be imported. */
function removeWhatIsOld(): void {
  for (const name of readdirSync(join(ROOT, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const [, stem] = /^(?!(?:viewer|bundle)[\\/])(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(name) ?? []
    const isOld = stem !== undefined && !existsSync(join(ROOT, 'src', `${stem}.ts`))
    if (isOld || name.endsWith('.js.map')) rmSync(join(ROOT, 'dist', name), { force: true })
  }
}

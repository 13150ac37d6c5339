/** A build of the page with nothing in it, for tests of the server that need no browser. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Makes it below `dir`, under a name that is no dump. */
export function emptyPage(dir: string): string {
  const page = join(dir, '.page')
  mkdirSync(join(page, 'assets'), { recursive: true })
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(page, 'assets', 'page.js'), 'void 0')
  writeFileSync(join(page, 'assets', 'page.js.map'), '{}')
  return page
}

/** speedscope's own importer: its page in Chromium, as its package has it. */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, extname, join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Recording } from './recordings.js'

export interface Speedscope {
  /** What the page exports of a file that was given to it: its own format, as text. */
  exportOf(page: Page, recording: Recording): Promise<string>
  close(): void
}

export async function serveSpeedscope(): Promise<Speedscope> {
  const manifest = createRequire(import.meta.url).resolve('speedscope/package.json')
  const home = join(dirname(manifest), 'dist/release')
  const files = new Set(readdirSync(home))
  const server = createServer((req, res) => {
    const name = req.url === '/' ? 'index.html' : req.url!.slice(1)
    if (!files.has(name)) return res.writeHead(204).end()
    res.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream')
    return res.end(readFileSync(join(home, name)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    async exportOf(page, { name, bytes }) {
      await page.goto(url)
      const file = { name, mimeType: TYPES['.json']!, buffer: Buffer.from(bytes) }
      await page.locator('input[type=file]').setInputFiles(file)
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByText('Export').click(),
      ])
      return readFileSync(await download.path(), 'utf8')
    },
    close: () => server.close(),
  }
}

// --- internal ---

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
}

/** A real Chromium and a freshly built page, once for each test file. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import {
  type Browser,
  type BrowserContextOptions,
  type Locator,
  type Page,
  chromium as playwright,
} from 'playwright-core'
import { build } from 'vite'

export interface TestBrowser {
  /** Where the page was built to: `startViewer({ page })`. */
  readonly page: string
  open(options?: BrowserContextOptions): Promise<WatchedPage>
  close(): Promise<void>
}

/** A page that keeps a record of what must not happen. */
export interface WatchedPage {
  readonly page: Page
  /** Errors of scripts and the console, and requests that left the origin of the first one. */
  readonly complaints: string[]
}

export async function launchBrowser(): Promise<TestBrowser> {
  const built = mkdtempSync(join(tmpdir(), 'profview-page-'))
  await build({
    configFile: 'viewer/vite.config.ts',
    logLevel: 'warn',
    build: { outDir: built, emptyOutDir: true },
  })
  const browser = await playwright.launch({
    executablePath: await executable(),
    // What the package suggests switches off the web's security, which is what we test.
    args: [
      '--no-sandbox',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  })
  return {
    page: built,
    open: (options) => openPage(browser, options),
    async close() {
      await browser.close()
      rmSync(built, { recursive: true, force: true })
    },
  }
}

/** The text as the reader sees it. */
export function textOf(locator: Locator): Promise<string> {
  // Not textContent: what is hidden must not count.
  return locator.innerText()
}

// --- internal ---

/** Unpacked once for all runs. Test files run side by side, so each unpacks aside and renames. */
async function executable(): Promise<string> {
  const home = join(import.meta.dirname, '../../node_modules/.cache/profview-chromium')
  if (!existsSync(home)) {
    mkdirSync(join(home, '..'), { recursive: true })
    const aside = mkdtempSync(`${home}-`)
    await unpackTo(aside)
    try {
      renameSync(aside, home)
    } catch {
      rmSync(aside, { recursive: true, force: true })
    }
  }
  return join(home, 'chromium')
}

/** The package unpacks to the temporary directory and nowhere else. */
async function unpackTo(directory: string): Promise<void> {
  const before = process.env.TMPDIR
  process.env.TMPDIR = directory
  try {
    await chromium.executablePath()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}

async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
  const complaints: string[] = []
  let origin = ''
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol === 'data:' || url.protocol === 'blob:') return
    origin ||= url.origin
    if (url.origin !== origin) complaints.push(`request: ${request.url()}`)
  })
  return { page, complaints }
}

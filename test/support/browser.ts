/** A real Chromium for the tests of a file, and the viewer server that it looks at. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import {
  type Browser,
  type BrowserContextOptions,
  type Locator,
  type Page,
  chromium as playwright,
} from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest'
import { startViewer, type ViewerServerOptions } from '../../src/server/server.js'
import { temporaryDirectory } from './shop.js'

export interface TestBrowser {
  /** The page that was opened last. */
  readonly now: Page
  /** Opens a page that is closed at the end of the test. */
  open(options?: BrowserContextOptions): Promise<Page>
}

/**
 * What a page complains of fails the test that opened it: errors, and requests that left the origin
 * of the first one.
 */
export function useBrowser(): TestBrowser {
  let browser: Browser | undefined
  let opened: Page[] = []
  let complaints: string[] = []
  afterEach(async () => {
    await Promise.all(opened.map((page) => page.context().close()))
    const all = complaints
    opened = []
    complaints = []
    expect(all).toEqual([])
  })
  afterAll(() => browser?.close())
  return {
    get now() {
      return opened.at(-1)!
    },
    async open(options = {}) {
      browser ??= await launch()
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
      page.setDefaultTimeout(PATIENCE_MS)
      watch(page, complaints)
      opened.push(page)
      return page
    },
  }
}

export interface TestViewer {
  readonly dir: string
  /** Of the page, with its secret and the place where it opens. */
  readonly url: string
  /** The same page at another place: `#/requests`. */
  at(place: string): string
}

/** A viewer of what `fill` puts into a directory, for all tests of a file. */
export function useViewer(
  fill: (dir: string) => Omit<ViewerServerOptions, 'port' | 'page'>,
): TestViewer {
  const { dir, remove } = temporaryDirectory()
  let url = ''
  let close: () => Promise<void> = async () => {}
  beforeAll(async () => {
    const viewer = await startViewer({ ...fill(dir), port: 0, page: builtPage() })
    url = viewer.url
    close = () => viewer.close()
  })
  afterAll(async () => {
    await close()
    remove()
  })
  return {
    dir,
    get url() {
      return url
    },
    at: (place) => url.replace(/#.*|$/, place),
  }
}

/** Where the page was built to: `startViewer({ page })`. */
export function builtPage(): string {
  return inject('builtPage')
}

/** The text as the reader sees it. */
export function textOf(locator: Locator): Promise<string> {
  // Not textContent: what is hidden must not count.
  return locator.innerText()
}

// --- internal ---

/** A guard, for a busy machine: what is waited for mostly comes at once. */
const PATIENCE_MS = 50_000

async function launch(): Promise<Browser> {
  return playwright.launch({
    executablePath: await executable(),
    // What the package suggests switches off the web's security, which is what we test.
    args: [
      '--no-sandbox',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  })
}

function watch(page: Page, complaints: string[]): void {
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
}

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

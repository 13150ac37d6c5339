/** The Chromium that `npm ci` brings. */
import chromium from '@sparticuz/chromium'
import { chromium as playwright } from 'playwright-core'

export async function openBrowser() {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  })
}

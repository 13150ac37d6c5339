import type { ReadableFormat } from '../format.js'
import { sniffJson } from '../shared/json-sniff.js'
import { readChromeTrace } from './read.js'
import { isListOfEvents } from './scan.js'

/**
 * Chrome's traces: the Performance panel of DevTools, `Tracing` of Puppeteer and Playwright,
 * Electron, webpack's ProfilingPlugin, Hermes. Read for the CPU profiles that are in them.
 */
export const chromeTrace: ReadableFormat = {
  name: 'chrome-trace',
  extensions: [],
  sharedExtensions: ['.json'],
  detect(bytes) {
    const found = sniffJson(bytes)
    return found === 'chrome-trace' || (found === null && isListOfEvents(bytes)) ? 'yes' : 'no'
  },
  read: readChromeTrace,
  readSource: readChromeTrace,
}

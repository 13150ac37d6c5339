import { writeFirefox } from './firefox-write.js'
import type { WritableFormat } from './format.js'

/** The Firefox Profiler's processed profile, for https://profiler.firefox.com. */
export const firefox: WritableFormat = {
  name: 'firefox',
  extensions: ['.firefox.json'],
  write: writeFirefox,
}

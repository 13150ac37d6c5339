import type { WritableFormat } from '../format.js'
import { writeFirefox } from './write.js'

/** The Firefox Profiler's processed profile, for https://profiler.firefox.com. */
export const firefox: WritableFormat<'firefox'> = {
  name: 'firefox',
  extensions: ['.firefox.json'],
  write: writeFirefox,
}

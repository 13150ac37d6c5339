import type { Format } from '../format.js'
import { detectJson } from '../shared/json-sniff.js'
import { readSpeedscope } from './read.js'
import { writeSpeedscope } from './write.js'

const EXTENSIONS = ['.speedscope.json']

/**
 * speedscope's own format, https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources
 */
export const speedscope: Format<'speedscope'> = {
  name: 'speedscope',
  extensions: EXTENSIONS,
  sharedExtensions: ['.json'],
  detect: (bytes, fileName) => detectJson(bytes, fileName, 'speedscope', EXTENSIONS),
  read: readSpeedscope,
  readSource: readSpeedscope,
  write: writeSpeedscope,
}

import { type Format, hasExtension } from '../format.js'
import { isLegacy, looksLikePprof, readPprof } from './read.js'
import { writePprof } from './write.js'

const EXTENSIONS = ['.pb.gz', '.pb', '.pprof']

/** pprof's profile.proto. Compression is the business of whoever opens and stores files. */
export const pprof: Format<'pprof'> = {
  name: 'pprof',
  extensions: EXTENSIONS,
  sharedExtensions: ['.prof'],
  detect(bytes, fileName) {
    if (looksLikePprof(bytes) || isLegacy(bytes)) return 'yes'
    return hasExtension(fileName, EXTENSIONS) ? 'maybe' : 'no'
  },
  read: readPprof,
  write: writePprof,
}

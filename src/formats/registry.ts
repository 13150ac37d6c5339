/** Every format profview knows, in the order in which they are asked. */
import { ProfviewError } from '../errors.js'
import { checkProfile } from '../profile/check.js'
import type { Profile } from '../profile/profile.js'
import { collapsed } from './collapsed/collapsed.js'
import { cpuprofile } from './cpuprofile/cpuprofile.js'
import { ListReader } from './cpuprofile/lists.js'
import { readCpuprofile } from './cpuprofile/read.js'
import { firefox } from './firefox/firefox.js'
import { type Format, type FormatName, hasExtension, type WritableFormat } from './format.js'
import { pprof } from './pprof/pprof.js'
import { toUtf8 } from './shared/text.js'
import { speedscope } from './speedscope/speedscope.js'

export type { FormatName } from './format.js'

const FORMATS: readonly Format[] = [cpuprofile, speedscope, pprof, collapsed]
const WRITABLE: readonly WritableFormat[] = [...FORMATS, firefox]

/**
 * Reads a profile in any known format, told apart by content first and by the name second. The
 * bytes are already gunzipped. Throws `UNKNOWN_FORMAT` if no reader knows them, `BAD_INPUT` with
 * the place if one does and they are broken, `NEWER_VERSION` for a dump of a later profview.
 */
export function readProfile(bytes: Uint8Array, fileName: string): Profile {
  if (bytes.length === 0) throw new ProfviewError('BAD_INPUT', 'the file is empty')
  refuseCompressed(bytes)
  const text = toUtf8(bytes)
  const format = detectFormat(text, fileName)
  return checkProfile(format.read(text, fileName))
}

/**
 * Reads a `.cpuprofile` of so many bytes in pieces, without ever holding it as a whole; null for
 * whatever has to be read as a whole, also to say what is wrong with it.
 */
export function readProfilePieces(
  pieces: Iterable<Uint8Array>,
  size: number,
  fileName: string,
): Profile | null {
  const reader = new ListReader(size)
  let isFirst = true
  for (const piece of pieces) {
    if (isFirst && cpuprofile.detect(piece, fileName) !== 'yes') return null
    isFirst = false
    if (!reader.push(piece)) return null
  }
  const { bytes, lists } = reader.finish()
  try {
    return checkProfile(readCpuprofile(bytes, fileName, lists))
  } catch (error) {
    if (error instanceof ProfviewError) return null
    throw error
  }
}

/** The file's bytes, not compressed; the same profile always gives the same bytes. */
export function writeProfile(profile: Profile, format: FormatName): Uint8Array {
  return formatNamed(format).write(profile)
}

/** The format that a file of this name should have, null if the name does not say. */
export function formatOfFileName(fileName: string): FormatName | null {
  return WRITABLE.find(({ extensions }) => hasExtension(fileName, extensions))?.name ?? null
}

/** Does the name say that the file is a profile which can be read? */
export function isReadableName(fileName: string): boolean {
  return FORMATS.some(({ extensions }) => hasExtension(fileName, extensions))
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

// --- internal ---

function detectFormat(bytes: Uint8Array, fileName: string): Format {
  let candidate: Format | null = null
  for (const format of FORMATS) {
    const detection = format.detect(bytes, fileName)
    if (detection === 'yes') return format
    if (detection === 'maybe') candidate ??= format
  }
  if (candidate !== null) return candidate
  const known = FORMATS.map(({ name }) => name).join(', ')
  throw new ProfviewError('UNKNOWN_FORMAT', `not a profile: none of ${known}`)
}

function formatNamed(name: FormatName): WritableFormat {
  const format = WRITABLE.find((candidate) => candidate.name === name)
  if (format === undefined) throw new ProfviewError('UNKNOWN_FORMAT', `no format is called ${name}`)
  return format
}

function refuseCompressed(bytes: Uint8Array): void {
  if (isGzip(bytes)) throw new ProfviewError('BAD_INPUT', 'compressed with gzip more than once')
  if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd) {
    throw new ProfviewError('BAD_INPUT', 'compressed with zstd; unpack it first: zstd -d <file>')
  }
}

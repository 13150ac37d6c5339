/** Every format profview knows: a format is a folder, and stands here in one list or in both. */
import { ProfviewError } from '../errors.js'
import { checkProfile } from '../profile/check.js'
import type { Profile } from '../profile/profile.js'
import { chromeTrace } from './chrome-trace/chrome-trace.js'
import { collapsed } from './collapsed/collapsed.js'
import { cpuprofile } from './cpuprofile/cpuprofile.js'
import { firefox } from './firefox/firefox.js'
import {
  type Detection,
  hasExtensionOrPacked,
  type ReadableFormat,
  type ReadWishes,
} from './format.js'
import { pprof } from './pprof/pprof.js'
import type { ByteSource } from './shared/byte-window.js'
import { foreignKind } from './shared/foreign.js'
import { jsonFormatOf, sniffJson } from './shared/json-sniff.js'
import { toUtf8 } from './shared/text.js'
import { speedscope } from './speedscope/speedscope.js'

/** In the order in which they are asked whether a file is theirs. */
export const READABLE: readonly ReadableFormat[] = [
  cpuprofile,
  speedscope,
  chromeTrace,
  pprof,
  collapsed,
]

/** In the order in which people are told of them. */
export const WRITABLE = [cpuprofile, pprof, speedscope, collapsed, firefox] as const

/** Of a format that can be written. */
export type FormatName = (typeof WRITABLE)[number]['name']

/**
 * Reads a profile in any known format, told apart by content first and by the name second. The
 * bytes are already gunzipped. Throws `UNKNOWN_FORMAT` if no reader knows them, `BAD_INPUT` with
 * the place if one does and they are broken, `NEWER_VERSION` for a dump of a later profview.
 */
export function decodeProfile(
  bytes: Uint8Array,
  fileName: string,
  wishes: ReadWishes = {},
): Profile {
  if (bytes.length === 0) throw new ProfviewError('BAD_INPUT', 'the file is empty')
  const text = toUtf8(bytes)
  refuseForeign(text, fileName)
  const format = detectFormat(text, fileName)
  return checkProfile(format.read(text, fileName, wishes))
}

/**
 * The same without ever holding the file as a whole; null for a format that has to be held, and for
 * what may be of one.
 */
export function decodeSource(
  source: ByteSource,
  fileName: string,
  wishes: ReadWishes = {},
): Profile | null {
  const format = detectSource(source, fileName)
  const profile = format?.readSource?.(source, fileName, wishes)
  return profile ? checkProfile(profile) : null
}

/** The file's bytes, not compressed; the same profile always gives the same bytes. */
export function encodeProfile(profile: Profile, format: FormatName): Uint8Array {
  const { write } = WRITABLE.find(({ name }) => name === format) ?? noFormat(format)
  return write(profile)
}

/** The format that a file of this name should have, compressed or not; null if it does not say. */
export function formatOfFileName(fileName: string): FormatName | null {
  return WRITABLE.find(({ extensions }) => hasExtensionOrPacked(fileName, extensions))?.name ?? null
}

/** Does the name say that the file is a profile which can be read, compressed or not? */
export function detectName(fileName: string): Detection {
  const ends = (extensions: readonly string[]) => hasExtensionOrPacked(fileName, extensions)
  if (READABLE.some(({ extensions }) => ends(extensions))) return 'yes'
  if (WRITABLE.some(({ extensions }) => ends(extensions))) return 'no'
  return READABLE.some(({ sharedExtensions }) => ends(sharedExtensions)) ? 'maybe' : 'no'
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

// --- internal ---

/** Of a file, enough to know its format. */
const HEAD = 64 * 1024

/** By the head of the file, or where that does not say, by as much of it as it takes. */
function detectSource(source: ByteSource, fileName: string): ReadableFormat | null {
  const bytes = new Uint8Array(HEAD)
  const head = bytes.subarray(0, source.read(bytes, 0))
  // Its content is looked at when it has been unpacked.
  if (isGzip(head)) return null
  refuseForeign(head, fileName)
  const format = READABLE.find((each) => each.detect(head, fileName) === 'yes')
  if (format) return format
  const isHeld = READABLE.some((each) => !each.readSource && each.detect(head, fileName) !== 'no')
  if (isHeld || sniffJson(head) === null) return null
  const named = READABLE.find((each) => each.detect(head, fileName) === 'maybe')
  try {
    const found = jsonFormatOf(source)
    return READABLE.find(({ name }) => name === found) ?? named ?? unknownFormat()
  } catch (error) {
    if (named) throw error
    unknownFormat()
  }
}

function detectFormat(bytes: Uint8Array, fileName: string): ReadableFormat {
  let candidate: ReadableFormat | null = null
  for (const format of READABLE) {
    const detection = format.detect(bytes, fileName)
    if (detection === 'yes') return format
    if (detection === 'maybe') candidate ??= format
  }
  return candidate ?? unknownFormat()
}

function unknownFormat(): never {
  const known = READABLE.map(({ name }) => name).join(', ')
  throw new ProfviewError('UNKNOWN_FORMAT', `not a profile: none of ${known}`)
}

function noFormat(name: string): never {
  throw new ProfviewError('UNKNOWN_FORMAT', `no format is called ${name}`)
}

/** What it is, in words, where somebody may take it for a profile. */
function refuseForeign(bytes: Uint8Array, fileName: string): void {
  if (isGzip(bytes)) throw new ProfviewError('BAD_INPUT', 'compressed with gzip more than once')
  const kind = foreignKind(bytes, fileName)
  if (kind === null) return
  // It may be one, where it can be looked into.
  if (/^compressed/.test(kind)) throw new ProfviewError('BAD_INPUT', kind)
  throw new ProfviewError('UNKNOWN_FORMAT', `not a CPU profile, but ${kind}`)
}

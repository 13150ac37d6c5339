/**
 * What is often taken for a profile, or is one that somebody else has to read: what it is, and what
 * to do. Told by the first bytes of a file.
 */
import { hasExtension } from '../format.js'
import { decodeUtf8 } from './text.js'

/** `a zip archive; unpack it first: unzip <file>`; null for anything else. Never throws. */
export function foreignKind(bytes: Uint8Array, fileName: string): string | null {
  const packed = PACKED.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte))
  if (packed) return packed.is
  const head = decodeUtf8(bytes.subarray(0, HEAD))
  const is = TEXTS.find(({ looks }) => looks.test(head))?.is
  if (is !== undefined) return is
  // It has no mark of its own.
  const isBrotli = hasExtension(fileName, ['.br']) && !/^[\s\x20-\x7e]*$/.test(head.slice(0, 64))
  return isBrotli ? 'compressed with brotli; unpack it first: brotli -d <file>' : null
}

// --- internal ---

/** Of a file, enough to tell. */
const HEAD = 16 * 1024

/** By their first bytes. */
const PACKED: readonly { magic: readonly number[]; is: string }[] = [
  { magic: codes('PK\x03\x04'), is: 'a zip archive; unpack it first: unzip <file>' },
  { magic: codes('PK\x05\x06'), is: 'an empty zip archive' },
  { magic: codes('BZh'), is: 'compressed with bzip2; unpack it first: bunzip2 <file>' },
  { magic: codes('\xfd7zXZ\0'), is: 'compressed with xz; unpack it first: unxz <file>' },
  { magic: codes('\x28\xb5\x2f\xfd'), is: 'compressed with zstd; unpack it first: zstd -d <file>' },
  { magic: codes('7z\xbc\xaf\x27\x1c'), is: 'a 7z archive; unpack it first: 7z x <file>' },
  {
    magic: codes('PERFILE2'),
    is: 'perf.data of Linux perf; fold it: perf script | stackcollapse-perf.pl',
  },
  { magic: codes('FLR\0'), is: 'a recording of Java’s Flight Recorder' },
  { magic: codes('Nettrace'), is: 'a trace of .NET; dotnet-trace convert --format speedscope' },
  { magic: codes('SQLite format 3'), is: 'an SQLite database' },
]

/** By how they begin, or by what is soon in them. */
const TEXTS: readonly { looks: RegExp; is: string }[] = [
  {
    looks: /^\s*\{\s*"snapshot"\s*:/,
    is: 'a heap snapshot: it says what memory held, not where time went',
  },
  {
    looks: /^\s*\{\s*"head"\s*:\s*\{[\s\S]*?"selfSize"\s*:/,
    is: 'a heap profile: it says who allocated memory, not where time went',
  },
  {
    looks: /^\s*\{[\s\S]{0,4000}"preprocessedProfileVersion"\s*:/,
    is: 'a profile of Firefox; open it at https://profiler.firefox.com',
  },
  {
    looks: /^v8-version,\d+,/,
    is: 'a log of node --prof; record with node --cpu-prof instead',
  },
  {
    looks: /^\s*\{\s*"code"\s*:\s*\[\s*\{\s*"name"\s*:\s*"[^"]*"\s*,\s*"type"\s*:/,
    is: 'what node --prof-process --preprocess makes of a log; record with node --cpu-prof instead',
  },
  {
    looks: /^\s*\[\s*(\[\s*\]\s*,\s*)*\[\s*\{\s*"name"\s*:\s*"[^"]*"\s*,\s*"type"\s*:\s*"[A-Z_]+"/,
    is: 'ticks of 0x; record with node --cpu-prof instead',
  },
  {
    looks: /^(heap profile|goroutine profile|threadcreate profile|--- \w+):|^goroutine \d+ \[/,
    is: 'text of Go’s pprof for people; ask for it without ?debug=',
  },
  {
    looks: /^go 1\.\d+ trace\0/,
    is: 'a trace of Go’s scheduler, for go tool trace; record with runtime/pprof instead',
  },
  {
    looks: /^(# callgrind format|version: 1\r?\ncreator: |creator: .*\r?\n)/,
    is: 'a profile of Callgrind or Xdebug',
  },
  {
    looks:
      /^(#.*\r?\n|[^\S\n]*\n)*\S.*?\s\d+(\/\d+)?\s+(\[\d+\]\s+)?\d+\.\d+:\s.*\r?\n\s+[0-9a-f]{4,} /,
    is: 'what perf script prints; fold it first: stackcollapse-perf.pl <file>',
  },
  {
    looks: /^(?:.*\r?\n){0,5}?.*"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+ HTTP\/\d/,
    is: 'an access log',
  },
]

function codes(text: string): number[] {
  return [...text].map((char) => char.charCodeAt(0))
}

import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EncodedSourceMap, SectionedSourceMap } from '@jridgewell/trace-mapping'
import { readInput } from '../store/read-input.js'

/** A decoded map. Lines and columns count from 0; a segment is as the format has it. */
export interface DecodedMap {
  readonly segments: readonly (readonly Segment[])[]
  /** Absolute paths where they are files; '' where the map does not say. */
  readonly sources: readonly string[]
  /** The texts that the map brings along. */
  readonly contents: readonly (string | null)[]
  readonly names: readonly string[]
}

export type Segment = readonly number[]

/** Of a path that somebody else has named. */
export type MayRead = (path: string) => boolean

/**
 * The map that a compiled text names in its last line, as data or as a file; null if it names none,
 * or one that is no map or does not fit the text. Never throws.
 */
export function readSourceMap(
  path: string,
  lines: readonly string[],
  mayRead: MayRead,
): DecodedMap | null {
  const url = mapUrlOf(lines)
  if (url === '') return null
  try {
    const { text, directory } = readMap(url, dirname(path), mayRead)
    return decode(JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, '')), directory, lines)
  } catch {
    // Whatever is wrong with somebody else's file: without its map the recorded places are shown.
    return null
  }
}

// --- internal ---

const require = createRequire(import.meta.url)

/** Most functions have no map. */
function tracing(): typeof import('@jridgewell/trace-mapping') {
  return require('@jridgewell/trace-mapping')
}

const LARGEST_MAP = 64 * 1024 * 1024
const MOST_SECTIONS = 10_000
const MOST_LINE = 0x7fffffff
const MENTION = 'sourceMappingURL='
const COMMENT = /\/[/*][#@]\s*$/

/** It stands in the last line that is not empty; comments may follow. */
function mapUrlOf(lines: readonly string[]): string {
  for (let i = lines.length - 1, left = 10; i >= 0 && left > 0; i--) {
    const line = lines[i]!
    const start = line.lastIndexOf(MENTION)
    if (start !== -1) {
      const url = line
        .slice(start + MENTION.length)
        .replace(/\*\/\s*$/, '')
        .trim()
      return COMMENT.test(line.slice(Math.max(0, start - 10), start)) && !/\s/.test(url) ? url : ''
    }
    if (line.trim() === '') continue
    if (!line.trimStart().startsWith('//')) return ''
    left--
  }
  return ''
}

function readMap(url: string, directory: string, mayRead: MayRead) {
  if (url.startsWith('data:')) {
    const comma = url.indexOf(',')
    const data = url.slice(comma + 1)
    const isBase64 = url.slice(0, comma).endsWith(';base64')
    return { text: isBase64 ? fromBase64(data) : decodeURIComponent(data), directory }
  }
  const file = url.startsWith('file:')
    ? fileURLToPath(url)
    : resolve(directory, decodeURIComponent(url.replace(/[?#].*$/, '')))
  if (!mayRead(file)) throw new Error('not below a root')
  const text = new TextDecoder().decode(readInput(file, LARGEST_MAP))
  return { text, directory: dirname(file) }
}

function fromBase64(data: string): string {
  return new TextDecoder().decode(Buffer.from(data, 'base64'))
}

interface RawMap {
  readonly sections?: unknown
  readonly mappings?: unknown
  readonly sources?: unknown
  readonly sourcesContent?: unknown
  readonly sourceRoot?: unknown
  readonly names?: unknown
}

/** Throws where the map is not one, or not of this text. */
function decode(raw: RawMap, directory: string, lines: readonly string[]): DecodedMap {
  const sources: string[] = []
  const contents: (string | null)[] = []
  /** With numbers for the sources, so that nobody but us resolves them. */
  const numbered = (map: RawMap): EncodedSourceMap => {
    if (map.sections !== undefined) throw new Error('a map of maps of maps')
    const root = typeof map.sourceRoot === 'string' ? map.sourceRoot : ''
    const texts = Array.isArray(map.sourcesContent) ? map.sourcesContent : []
    const first = sources.length
    for (const [i, source] of list(map.sources).entries()) {
      sources.push(typeof source === 'string' ? resolveSource(source, root, directory) : '')
      contents.push(typeof texts[i] === 'string' ? texts[i] : null)
    }
    const names = list(map.names ?? [])
    const mappings = map.mappings
    if (typeof mappings !== 'string' || !names.every((name) => typeof name === 'string')) {
      throw new Error('not a map')
    }
    requireNumbers(mappings)
    requireFewLines(mappings, lines.length)
    const numbers = sources.slice(first).map((_, i) => String(first + i))
    return { version: 3, names: names as string[], mappings, sources: numbers }
  }
  const { decodedMappings, FlattenMap, TraceMap } = tracing()
  const trace =
    raw.sections === undefined
      ? new TraceMap(numbered(raw))
      : new FlattenMap({ version: 3, sections: sectionsOf(raw.sections, lines.length, numbered) })
  const segments = decodedMappings(trace)
  requireFit(segments, lines, sources.length, trace.names.length)
  const order = trace.resolvedSources.map(Number)
  return {
    segments,
    sources: order.map((number) => sources[number] ?? ''),
    contents: order.map((number) => contents[number] ?? null),
    names: trace.names,
  }
}

function sectionsOf(
  sections: unknown,
  lineCount: number,
  numbered: (map: RawMap) => EncodedSourceMap,
): SectionedSourceMap['sections'] {
  const all = list(sections) as { offset?: { line?: unknown; column?: unknown }; map?: RawMap }[]
  if (all.length > MOST_SECTIONS) throw new Error('too many sections')
  let last = -1
  return all.map(({ offset, map }) => {
    const { line, column } = offset ?? {}
    if (!isIndex(line, lineCount) || !isIndex(column, MOST_LINE) || line < last || !map) {
      throw new Error('not a section')
    }
    last = line
    return { offset: { line, column }, map: numbered(map) }
  })
}

/** The decoder takes anything. A digit that says that another follows is one of these. */
function requireNumbers(mappings: string): void {
  const isWrong = /[^A-Za-z\d+/,;]|[g-z\d+/]{7}|[g-z\d+/](?:[,;]|$)/.test(mappings)
  if (isWrong) throw new Error('not numbers')
}

/** Before they are decoded: each line costs memory. */
function requireFewLines(mappings: string, lineCount: number): void {
  let count = 0
  for (let i = mappings.indexOf(';'); i !== -1; i = mappings.indexOf(';', i + 1)) {
    if (++count > lineCount) throw new Error('more lines than the text')
  }
}

/** A map whose positions are not in the text is the map of another text. */
function requireFit(
  segments: readonly (readonly Segment[])[],
  lines: readonly string[],
  sourceCount: number,
  nameCount: number,
): void {
  for (let i = 0; i < segments.length; i++) {
    const length = lines[i]?.length ?? -1
    for (const [column, source, line, sourceColumn, name] of segments[i]!) {
      const fits =
        isIndex(column, length + 1) &&
        (source === undefined ||
          (isIndex(source, sourceCount) &&
            isIndex(line, MOST_LINE) &&
            isIndex(sourceColumn, MOST_LINE))) &&
        (name === undefined || isIndex(name, nameCount))
      if (!fits) throw new Error('not a map of this text')
    }
  }
}

function isIndex(value: unknown, length: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < length
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('not a list')
  return value
}

function resolveSource(source: string, root: string, directory: string): string {
  const isWhole = source.startsWith('/') || SCHEME.test(source)
  const full = root === '' || isWhole ? source : `${root.replace(/\/$/, '')}/${source}`
  if (full.startsWith('file:')) return fileURLToPath(full)
  return SCHEME.test(full) ? full : resolve(directory, full)
}

/** Longer than the letter of a drive. */
const SCHEME = /^[A-Za-z][A-Za-z\d+.-]+:/

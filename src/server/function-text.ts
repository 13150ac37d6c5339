import { pathToFileURL } from 'node:url'
import { printable } from '../printable.js'
import type { Frame } from '../profile/profile.js'
import { hashOf, pathOfFile, readSourceFile, type SourceFile } from '../sourcemap/source-file.js'
import type { RecordingFacts } from '../sourcemap/source-maps.js'
import { pathBelow } from '../sourcemap/source-root.js'
import type { NoSource, SourceAnswer, SourceText } from '../viewer-api/wire.js'
import type { Selected, SelectionReader } from './selection.js'

/**
 * The text around a function that a selection names. Profiles may come from anybody and name any
 * file, so a text is shown only if a frame of the selection begins at the place that was asked for,
 * and if it is
 *
 * - a regular file below `root`, links followed, that is named like the text of a program, up to
 *   4 MB;
 * - or came with the source map of such a file, which was applied to the frame;
 * - and if it is the text that ran, as far as that can be known: by the hash in the dump, else
 *   because it was not written since; an original that was written after it was compiled is another
 *   text.
 *
 * Throws what reading the selection throws.
 */
export function readFunctionText(
  selections: SelectionReader,
  query: URLSearchParams,
  root: string,
): SourceAnswer {
  const file = query.get('file') ?? ''
  const line = Number(query.get('line'))
  const selected = selections.read(query)
  const frame = selected.profile.frames.find((each) => each.file === file && each.line === line)
  if (!frame || file === '' || !(line > 0)) return no('these profiles name no function there')
  const found = frame.generated
    ? originalText(selections, selected, frame, frame.generated, root)
    : ownText(selected, file, root)
  return 'reason' in found ? found : around(frame, found, root)
}

// --- internal ---

const LARGEST = 4 * 1024 * 1024
const LINES_BEFORE = 4
const LINES_BEHIND = 40
const LONGEST_LINE = 400

interface Found {
  readonly text: string
  readonly verified: SourceText['verified']
}

type FileFound = SourceFile & { readonly verified: SourceText['verified'] }

/** The text of a file that runs as it was written. */
function ownText(selected: Selected, file: string, root: string): Found | NoSource {
  const source = readBelow(root, file, LARGEST)
  if ('reason' in source) return source
  const verified = verify(file, source, selected.recorded)
  return verified ? { text: decode(source), verified } : changed(file)
}

/** The text that was compiled: from the map, or from the file that it names. */
function originalText(
  selections: SelectionReader,
  selected: Selected,
  frame: Frame,
  generated: Frame,
  root: string,
): Found | NoSource {
  const compiled = compiledFile(selected, generated.file, root)
  if ('reason' in compiled) return compiled
  if (frame.file === generated.file) {
    return { text: decode(compiled), verified: compiled.verified }
  }
  const map = selections.maps.of(generated.file, null)
  const brought = map && map !== 'changed' ? map.contentOf(frame.file) : null
  if (brought !== null) return { text: brought, verified: compiled.verified }
  const source = readBelow(root, frame.file, LARGEST)
  if ('reason' in source) return source
  if (source.mtimeMs > compiled.mtimeMs)
    return no(`${frame.file} was written after it was compiled`)
  return { text: decode(source), verified: 'mtime' }
}

function compiledFile(selected: Selected, file: string, root: string): FileFound | NoSource {
  const source = readBelow(root, file)
  if ('reason' in source) return source
  const verified = verify(file, source, selected.recorded)
  return verified ? { ...source, verified } : changed(file)
}

/** How far the text is known to be the one of all recordings; null if it is another. */
function verify(
  file: string,
  source: SourceFile,
  recorded: readonly RecordingFacts[],
): SourceText['verified'] | null {
  const hashes = recorded.flatMap(({ files }) => files?.get(file) ?? [])
  const hash = hashes.length > 0 ? hashOf(source.bytes) : ''
  if (hashes.some((known) => known !== hash)) return null
  const others = recorded.filter(({ files }) => files === null)
  if (others.some(({ atMs }) => !(source.mtimeMs <= atMs))) return null
  if (others.length > 0) return 'mtime'
  return hashes.length > 0 ? 'hash' : null
}

function readBelow(root: string, file: string, limit?: number): SourceFile | NoSource {
  const path = pathOfFile(file)
  if (path === '') return no(`${file} is no file of this machine`)
  const real = pathBelow(root, path)
  if (real === '') return no(`${file} is not there, or not below ${root}`)
  return readSourceFile(real, limit) ?? no(`${file} is no source text, or too large to show`)
}

function around(frame: Frame, { text, verified }: Found, root: string): SourceAnswer {
  const { file, line, column, generated } = frame
  const all = text.split(/\r?\n/)
  if (line > all.length) return no(`${file} has only ${all.length} lines`)
  const startLine = Math.max(1, line - LINES_BEFORE)
  const lines = all.slice(startLine - 1, line + LINES_BEHIND)
  const place = generated && {
    file: generated.file,
    line: generated.line,
    column: generated.column,
  }
  return {
    file,
    line,
    column,
    startLine,
    lines: lines.map((each, i) => cut(each, startLine + i === line ? column : 1)),
    verified,
    editor: editorLink(frame, root),
    generated: place ?? null,
  }
}

/** Code without line breaks: the piece from the function on. */
function cut(line: string, column: number): string {
  if (line.length <= LONGEST_LINE) return line
  const start = column > LONGEST_LINE / 2 ? column - 1 : 0
  const end = start + LONGEST_LINE
  return `${start > 0 ? '…' : ''}${line.slice(start, end)}${end < line.length ? '…' : ''}`
}

function editorLink({ file, line, column }: Frame, root: string): string {
  const path = pathOfFile(file)
  if (path === '' || pathBelow(root, path) === '') return ''
  return `vscode://file${pathToFileURL(path).pathname}:${line}:${Math.max(1, column)}`
}

function decode({ bytes }: SourceFile): string {
  return new TextDecoder().decode(bytes)
}

function changed(file: string): NoSource {
  return no(`${file} has changed since the recording`)
}

function no(reason: string): NoSource {
  return { reason: printable(reason) }
}

import type { Mapping, SourceMap } from '../../src/sourcemap/map.js'

/**
 * A source map by hand. A line of mappings is `column:line:column(name)`, several apart by a space:
 * where a piece begins in the compiled line, where it comes from, and the original name of what
 * stands there.
 */
export function mapOf(text: {
  readonly file: string
  readonly lines: readonly string[]
  readonly mappings: readonly string[]
  readonly source: string
  readonly sourceLines?: readonly string[]
}): SourceMap {
  const rows = text.mappings.map((line) =>
    line
      .split(' ')
      .filter((part) => part !== '')
      .map((part): Mapping => {
        const [, at, source, column, name] = /^(\d+):(\d+):(\d+)(?:\((.*)\))?$/.exec(part)!
        return {
          generatedColumn: Number(at),
          file: text.source,
          line: Number(source),
          column: Number(column),
          name: name ?? '',
        }
      })
      .sort((a, b) => a.generatedColumn - b.generatedColumn),
  )
  const row = (line: number) => rows[line - 1] ?? []
  return {
    lines: text.lines,
    sources: [text.source],
    mappingAt: (line, column) =>
      row(line).findLast(({ generatedColumn }) => generatedColumn <= column) ?? null,
    mappingFrom: (line, column) =>
      row(line).find(({ generatedColumn }) => generatedColumn >= column) ?? null,
    placesOf: (isMeant) =>
      rows.flatMap((mappings, i) =>
        mappings
          .filter(({ name }) => isMeant(name))
          .map(({ name, generatedColumn }) => ({ name, line: i + 1, column: generatedColumn })),
      ),
    contentOf: () => null,
    sourceLine: (_file, line) => text.sourceLines?.[line - 1] ?? '',
  }
}

import { useEffect, useState } from 'preact/hooks'
import { printable } from '../../../src/printable.js'
import {
  type NoSource,
  type Selection,
  type SourceAnswer,
  type SourceText,
  toSourceQuery,
} from '../../../src/viewer-api/wire.js'
import { dataSource } from '../data/page-source.js'

interface FunctionSourceProps {
  readonly selection: Selection
  readonly file: string
  readonly line: number
}

/** The text of a function, or why there is none. */
export function FunctionSource({ selection, file, line }: FunctionSourceProps) {
  const [answer, setAnswer] = useState<SourceAnswer | null>(null)
  const query = toSourceQuery(selection, { file, line })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `query` is all of it
  useEffect(() => {
    const stop = new AbortController()
    setAnswer(null)
    dataSource.text(selection, { file, line }, stop.signal).then(setAnswer, (reason: Error) => {
      if (!stop.signal.aborted) setAnswer({ reason: reason.message })
    })
    return () => stop.abort()
  }, [query])
  return (
    <section class="function-source" aria-label="Source">
      <h3>Source</h3>
      {!answer ? (
        <p class="quiet">Reading…</p>
      ) : isMissing(answer) ? (
        <p class="quiet">{printable(answer.reason)}</p>
      ) : (
        <Text text={answer} />
      )}
    </section>
  )
}

// --- internal ---

function isMissing(answer: SourceAnswer): answer is NoSource {
  return 'reason' in answer
}

function Text({ text }: { readonly text: SourceText }) {
  const { line, startLine, lines, verified, editor, generated } = text
  return (
    <>
      <p class="source-facts">
        {editor !== '' && <a href={editor}>Open in the editor</a>}
        <span class="quiet">
          {verified === 'hash'
            ? 'the text that ran'
            : 'not verified; the file was not written since'}
        </span>
        {generated && (
          <span class="quiet">
            compiled: {printable(generated.file)}:{generated.line}
          </span>
        )}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled with the keyboard, too */}
      <pre class="source-text" tabIndex={0}>
        {lines.map((each, i) => (
          <span
            key={startLine + i}
            class="source-line"
            aria-current={startLine + i === line ? 'location' : undefined}
          >
            <span class="line-number">{startLine + i}</span>
            <code>
              {each
                .split('\t')
                .map((part) => printable(part))
                .join('\t')}
            </code>
          </span>
        ))}
      </pre>
    </>
  )
}

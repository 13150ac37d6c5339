import { printable, printableJson, printableLine } from '../printable.js'
import type { Screen } from '../render/style.js'

/** What a command talks to: two streams, the environment and a place. */
export interface Io {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
}

/** The error output: every line of ours goes through here. */
export function errorLine(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`profview: ${printable(text, LONGEST_NOTE)}\n`)
}

/** Lines that commander has put together, of what the environment says too. */
export function helpText(stream: NodeJS.WriteStream, text: string): void {
  stream.write(text.split('\n').map(printableLine).join('\n'))
}

/** Replaces the last line of a terminal, which nothing else has been written to since. */
export function lastLine(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`\r\x1b[K${printable(text)}`)
}

/**
 * The standard output, for texts of any length: waits where the reader is slow and stops where the
 * reader has left (`profview show x | head`), which is no error.
 */
export class Output {
  /** True once nobody reads any more. */
  closed = false
  readonly #stream: NodeJS.WriteStream
  #failure: Error | null = null
  #wake = () => {}

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.closed = true
      if (error.code !== 'EPIPE' && error.code !== 'EOF') this.#failure = error
      this.#wake()
    })
    stream.on('drain', () => this.#wake())
  }

  /** Each line with a line break behind it. Throws as `json` does. */
  async lines(lines: Iterable<string>): Promise<void> {
    await this.#chunks(withBreaks(lines))
  }

  /**
   * JSON in pieces. Throws what kept the stream from being written, unless the reader has just
   * left.
   */
  async json(chunks: Iterable<string>): Promise<void> {
    await this.#chunks(harmless(chunks))
  }

  async #chunks(chunks: Iterable<string>): Promise<void> {
    let text = ''
    for (const chunk of chunks) {
      text += chunk
      if (text.length < PIECE) continue
      await this.#write(text)
      text = ''
      if (this.closed) break
    }
    await this.#write(text)
    if (this.#failure) throw this.#failure
  }

  async #write(text: string): Promise<void> {
    if (this.closed || text === '' || this.#stream.write(text)) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }
}

/**
 * Colour as NO_COLOR and FORCE_COLOR say, or on a terminal; unicode on a terminal that has it; as
 * wide as the terminal.
 */
export function screenFor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Screen {
  const isTerminal = stream.isTTY === true && env.TERM !== 'dumb'
  const forced = env.FORCE_COLOR
  const color = env.NO_COLOR
    ? false
    : forced === undefined
      ? isTerminal
      : !['0', 'false'].includes(forced)
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || 'UTF-8'
  return {
    color,
    unicode: isTerminal && env.TERM !== 'linux' && /utf-?8/i.test(locale),
    width: (stream.isTTY && stream.columns) || 0,
  }
}

// --- internal ---

const PIECE = 64 * 1024
const LONGEST_NOTE = 4096

function* withBreaks(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${printableLine(line)}\n`
}

function* harmless(chunks: Iterable<string>): Generator<string> {
  for (const chunk of chunks) yield printableJson(chunk)
}

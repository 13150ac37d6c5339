/** What a command line asks for, as curl would understand it. */
import { readFileSync } from 'node:fs'
import { METHODS, validateHeaderName, validateHeaderValue } from 'node:http'
import { InvalidArgumentError } from 'commander'
import { ProfviewError } from '../../errors.js'
import { printable } from '../../printable.js'

export type Header = readonly [name: string, value: string]

export interface Asked {
  readonly url: URL
  readonly method: string
  readonly headers: readonly Header[]
  readonly body: Uint8Array | null
}

/** Throws `BAD_OPTION` for what is no address, and `IO` for `-d @file` that cannot be read. */
export function askedFor(
  url: string,
  options: {
    readonly request?: string
    readonly header?: readonly Header[]
    readonly data?: string[]
  },
): Asked {
  const { request, header = [], data } = options
  const body = data === undefined ? null : bodyOf(data)
  const hasType = header.some(([name]) => name.toLowerCase() === 'content-type')
  const type: Header[] = body === null || hasType ? [] : [['content-type', FORM]]
  return {
    url: parseUrl(url),
    method: request ?? (body === null ? 'GET' : 'POST'),
    headers: [...header, ...type],
    body,
  }
}

/** `localhost:3000/x` is taken for http, as curl does. */
export function parseUrl(text: string): URL {
  const hasScheme = /^[^/?#]*:\/\//.test(text)
  const url = URL.canParse(hasScheme ? text : `http://${text}`)
    ? new URL(hasScheme ? text : `http://${text}`)
    : null
  if (text === '' || url === null || !isHttp(url)) {
    const fact = `'${printable(text)}' is no address: http://localhost:3000/users/7 is one`
    throw new ProfviewError('BAD_OPTION', fact, { path: 'url' })
  }
  return url
}

export function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:'
}

export function parseMethod(text: string): string {
  const method = text.toUpperCase()
  if (!METHODS.includes(method) || method === 'CONNECT') {
    throw new InvalidArgumentError('Not a method: POST is one.')
  }
  return method
}

export function parseHeader(text: string, earlier: readonly Header[] = []): Header[] {
  const colon = text.indexOf(':')
  const [name, value] = [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
  try {
    if (colon < 1) throw new Error('no colon')
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch {
    throw new InvalidArgumentError("Not a header: 'Accept: text/html' is one.")
  }
  return [...earlier, [name, value]]
}

// --- internal ---

const FORM = 'application/x-www-form-urlencoded'

function bodyOf(parts: readonly string[]): Uint8Array {
  return Buffer.from(parts.map((part) => (part.startsWith('@') ? fileText(part) : part)).join('&'))
}

/** Without line breaks, as of curl's `-d`. */
function fileText(part: string): string {
  const path = part.slice(1)
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8').replaceAll(/[\r\n]/g, '')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ProfviewError('IO', `cannot read ${printable(path)} (${code})`, { path })
  }
}

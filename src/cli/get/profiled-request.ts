/**
 * A request with a trigger, the redirects that it leads to, and the dump of each. Nothing is ever
 * sent twice: what has been answered without a dump is told, and not tried in another way.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProfviewError } from '../../errors.js'
import { printable } from '../../printable.js'
import { type KnownDumps, listDumps } from '../../store/dump-list.js'
import { parseDumpName } from '../../store/dump-name.js'
import { isDirectory } from '../../store/path-stat.js'
import { signToken } from '../../token.js'
import { type Asked, type Header, isHttp } from './asked.js'
import { type Answer, send } from './client.js'

export interface GetSettings {
  /** Where the app writes its dumps; null: it is asked to answer with them. */
  readonly dir: string | null
  /** Where the dump may be if the answer has no room for it. */
  readonly otherDir: string
  /** Signs each request; null: nothing is signed. */
  readonly secret: string | null
  /** The names that the app's trigger has. */
  readonly header: string
  readonly query: string
  readonly timeoutMs: number
  readonly mostBytes: number
}

/** One of the requests, with its dump. */
export interface Profiled {
  readonly url: string
  readonly method: string
  readonly status: number
  readonly id: string
  /** As the client saw it. */
  readonly tookMs: number
  readonly file: string
  /** The file is somebody else's, and stays. */
  readonly isKept: boolean
}

/** Where dumps are put that came in answers, until `remove`. */
export class Received {
  #folder: string | null = null

  write(id: string, bytes: Uint8Array): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'profview-get-'))
    const file = join(this.#folder, `${id}.cpuprofile`)
    writeFileSync(file, bytes, { mode: 0o600 })
    return file
  }

  remove(): void {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** The request and those that it is redirected to, in their order. Rejects with one line. */
export async function getProfiled(
  asked: Asked,
  settings: GetSettings,
  received: Received,
): Promise<Profiled[]> {
  const all: Profiled[] = []
  let next: Asked | null = asked
  while (next !== null) {
    if (all.length > MOST_REDIRECTS) throw wrong(next, `redirected ${MOST_REDIRECTS} times`)
    const isHome = next.url.origin === asked.url.origin
    const answer = await send({ ...sendingOf(next, settings, isHome), ...settings })
    all.push(await profiledBy(next, answer, settings, received))
    next = redirected(next, answer, asked.url.origin)
  }
  return all
}

// --- internal ---

const MOST_REDIRECTS = 10
const DUMP_PATIENCE_MS = 10_000
const LOOK_EACH_MS = 25

function sendingOf(asked: Asked, settings: GetSettings, isHome: boolean) {
  const { secret, header, query, dir } = settings
  const url = new URL(asked.url)
  // A signature of ours is not shown to others, who could use it here.
  const token =
    secret !== null && isHome
      ? signToken(secret, { method: asked.method, path: url.pathname }, Date.now() + 60_000)
      : null
  const wantsBody = dir === null && asked.method !== 'HEAD'
  const given = asked.headers.some(([name]) => name.toLowerCase() === header)
  if (wantsBody && (token !== null || given)) url.search = withTrigger(url.search, query)
  const trigger: Header[] = given ? [] : [[header, token ?? (wantsBody ? 'dump' : '1')]]
  const { username, password } = url
  const auth: Header[] =
    username === '' && password === '' ? [] : [['authorization', basicOf(username, password)]]
  const own = new Set(asked.headers.map(([name]) => name.toLowerCase()))
  const defaults: Header[] = [
    ['host', url.host],
    ['accept', '*/*'],
    ['user-agent', 'profview'],
    ['connection', 'close'],
    ...auth,
    ...(asked.body === null ? [] : [['content-length', String(asked.body.length)] as const]),
  ]
  const headers = [...defaults.filter(([name]) => !own.has(name)), ...asked.headers, ...trigger]
  return { url, method: asked.method, headers, body: asked.body }
}

function withTrigger(search: string, query: string): string {
  // A redirect may have brought it along.
  if (new URLSearchParams(search).has(query)) return search
  return `${search === '' ? '?' : `${search}&`}${query}=dump`
}

function basicOf(username: string, password: string): string {
  const text = [username, password].map(decodeURIComponent).join(':')
  return `Basic ${Buffer.from(text).toString('base64')}`
}

async function profiledBy(
  asked: Asked,
  answer: Answer,
  settings: GetSettings,
  received: Received,
): Promise<Profiled> {
  const id = answer.headers['x-profile-id']
  if (typeof id !== 'string' || !/^[0-9a-f]{16,32}$/.test(id))
    throw notProfiled(asked, answer, settings)
  const { url, method } = asked
  const facts = { url: url.href, method, status: answer.status, id, tookMs: answer.tookMs }
  if (answer.body.subarray(0, DUMP.length).toString() === DUMP && settings.dir === null) {
    return { ...facts, file: received.write(id, answer.body), isKept: false }
  }
  const dir = settings.dir ?? settings.otherDir
  if (settings.dir === null && !isDirectory(dir)) {
    const fact = `profiled as ${id}, but its answer has no room for the dump`
    throw wrong(asked, `${fact}: name the directory that the app writes to with --dir`)
  }
  const file = await dumpIn(dir, id)
  if (file !== null) return { ...facts, file, isKept: true }
  const waited = `did not appear in ${printable(dir)} within ${DUMP_PATIENCE_MS / 1000} s`
  throw wrong(asked, `profiled as ${id}, but its dump ${waited}: is it where the app writes them?`)
}

const DUMP = '{"$profview"'

/** Dumps are renamed when they are whole. Null: it did not appear in time. */
async function dumpIn(dir: string, id: string): Promise<string | null> {
  const known: KnownDumps = new Map()
  const until = performance.now() + DUMP_PATIENCE_MS
  while (performance.now() < until) {
    const isIt = ({ file, meta }: { file: string; meta: { id: string } }) =>
      meta.id === id || parseDumpName(basename(file))?.id === id
    const found = isDirectory(dir) ? listDumps(dir, () => {}, known).find(isIt) : undefined
    if (found !== undefined) return found.file
    await sleep(LOOK_EACH_MS)
  }
  return null
}

function redirected(asked: Asked, { status, headers }: Answer, home: string): Asked | null {
  if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) return null
  if (!URL.canParse(headers.location, asked.url.href))
    throw wrong(asked, 'redirected to no address')
  const url = new URL(headers.location, asked.url)
  if (!isHttp(url)) throw wrong(asked, `redirected to ${printable(url.protocol)} and not to http`)
  const isHome = url.origin === home
  if (isHome && url.username === '' && asked.url.origin === home) {
    url.username = asked.url.username
    url.password = asked.url.password
  }
  const { method } = asked
  const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST'
  // What was given by hand may be a secret, whatever it is called.
  const mayGo = isHome ? () => true : ([name]: Header) => HARMLESS.has(name.toLowerCase())
  const hasBody = asked.body !== null && !becomesGet
  const headersToSend = asked.headers.filter(
    (header) => mayGo(header) && (hasBody || !/^content-/i.test(header[0])),
  )
  return {
    url,
    method: becomesGet ? 'GET' : method,
    headers: headersToSend,
    body: hasBody ? asked.body : null,
  }
}

const HARMLESS = new Set(['accept', 'accept-language', 'user-agent', 'content-type'])

function notProfiled(asked: Asked, { status }: Answer, { secret }: GetSettings): ProfviewError {
  const token = secret === null ? ' (it may take a signed trigger: --token)' : ''
  return wrong(
    asked,
    `answered ${status}, and was not profiled: either no profview is there, or its gate refused, ` +
      `and the app's log says why${token}`,
  )
}

function wrong({ method, url }: Asked, fact: string): ProfviewError {
  const where = printable(`${method} ${url.origin}${url.pathname}`)
  return new ProfviewError('BAD_INPUT', `${where}: ${fact}`, { path: url.origin })
}

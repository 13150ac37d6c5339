import {
  type SourceAnswer,
  toQuery,
  toSourceQuery,
  type ViewerIndex,
} from '../../../src/viewer-api/wire.js'
import type { DataSource, IndexChange } from './data-source.js'
import { AsideReader } from './read-aside.js'

/** The viewer server: dumps that are written meanwhile appear. */
export const serverSource: DataSource = {
  embedded: false,
  follow,
  async load(selection, signal, { name, onProgress = () => {} } = {}) {
    const reader = new AsideReader()
    try {
      const response = await fetch(`./api/selection.cpuprofile?${toQuery(selection)}`, { signal })
      if (!response.ok) throw new Error((await response.text()).trim())
      const bytes = await bytesOf(response, onProgress)
      signal.throwIfAborted()
      return await reader.read(bytes, name)
    } finally {
      reader.close()
    }
  },
  async text(selection, place, signal) {
    const response = await fetch(`./api/source.json?${toSourceQuery(selection, place)}`, { signal })
    if (!response.ok) throw new Error((await response.text()).trim())
    return (await response.json()) as SourceAnswer
  },
}

// --- internal ---

const POLL_MS = 2_000

async function follow(signal: AbortSignal, onChange: (change: IndexChange) => void) {
  let known = ''
  while (!signal.aborted) {
    try {
      const response = await fetch(`./api/index.json?known=${known}`, { signal })
      if (response.status === 200) {
        onChange({ index: (await response.json()) as ViewerIndex, error: '' })
        known = (response.headers.get('ETag') ?? '').replaceAll('"', '')
      } else {
        onChange({ error: response.ok ? '' : `the server answered ${response.status}` })
      }
    } catch {
      if (!signal.aborted) onChange({ error: 'profview has stopped; this is what it last showed' })
    }
    await pause(POLL_MS, signal)
  }
}

/** Rests while the page is hidden. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const visible = () => {
      if (document.hidden)
        return document.addEventListener('visibilitychange', visible, { once: true })
      resolve()
    }
    const timer = setTimeout(visible, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** The bytes of an answer; tells which share of them has arrived, for as long as they come. */
async function bytesOf(response: Response, onProgress: (share: number) => void) {
  const expected = Number(response.headers.get('Content-Length'))
  // Without a length, or where it is that of something compressed, there is no share to tell.
  if (!response.body || !(expected > 0)) return new Uint8Array(await response.arrayBuffer())
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  for (let next = response.body.getReader(), read = await next.read(); !read.done; ) {
    chunks.push(read.value)
    length += read.value.length
    onProgress(Math.min(1, length / expected))
    read = await next.read()
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

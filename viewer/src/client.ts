import { useEffect, useState } from 'preact/hooks'
import { readProfile } from '../../src/formats/registry.js'
import type { Profile } from '../../src/profile/profile.js'
import { type Selection, toQuery, type ViewerIndex } from '../../src/server/wire.js'

/** The index as far as it is known; `error` says why it is not, or no longer, fresh. */
export interface Live {
  readonly index: ViewerIndex | null
  readonly error: string
}

/** Follows the index: dumps that are written meanwhile appear. Rests while the page is hidden. */
export function useIndex(): Live {
  const [live, setLive] = useState<Live>({ index: null, error: '' })
  useEffect(() => {
    const stop = new AbortController()
    void follow(stop.signal, (change) => setLive((before) => ({ ...before, ...change })))
    return () => stop.abort()
  }, [])
  return live
}

export interface LoadOptions {
  /** What the profile is called where it does not say itself. */
  readonly name?: string
  /** Hears which share of the bytes has arrived, for as long as they come. */
  readonly onProgress?: (share: number) => void
}

/** Fetches and reads the profile of a selection, with the same code as the command line. */
export async function loadProfile(
  selection: Selection,
  signal: AbortSignal,
  { name = 'selection.cpuprofile', onProgress = () => {} }: LoadOptions = {},
): Promise<Profile> {
  const response = await fetch(`./api/selection.cpuprofile?${toQuery(selection)}`, { signal })
  if (!response.ok) throw new Error((await response.text()).trim())
  const bytes = await bytesOf(response, onProgress)
  // Reading holds the page up: what it shows meanwhile has to be there before.
  await painted()
  signal.throwIfAborted()
  return readProfile(bytes, name)
}

// --- internal ---

const POLL_MS = 2_000

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

/** Resolves after the next frame; at once where nobody looks, since hidden pages have no frames. */
function painted(): Promise<void> {
  if (document.hidden) return Promise.resolve()
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve))
  })
}

async function follow(signal: AbortSignal, onChange: (change: Partial<Live>) => void) {
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

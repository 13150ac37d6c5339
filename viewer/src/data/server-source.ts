import {
  type SourceAnswer,
  toQuery,
  toSourceQuery,
  type ViewerIndex,
} from '../../../src/viewer-api/wire.js'
import type { DataSource, IndexChange } from './data-source.js'
import { bytesOf, painted } from './download.js'
import { readDump } from './read-dump.js'

/** The viewer server: dumps that are written meanwhile appear. */
export const serverSource: DataSource = {
  embedded: false,
  follow,
  async load(selection, signal, { name, onProgress = () => {} }) {
    const response = await fetch(`./api/selection.cpuprofile?${toQuery(selection)}`, { signal })
    if (!response.ok) throw new Error((await response.text()).trim())
    const bytes = await bytesOf(response, onProgress)
    // Reading holds the page up: what it shows meanwhile has to be there before.
    await painted()
    signal.throwIfAborted()
    return readDump(bytes, name)
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

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

/** Fetches and reads the profile of a selection, with the same code as the command line. */
export async function loadProfile(selection: Selection, signal: AbortSignal): Promise<Profile> {
  const response = await fetch(`./api/selection.cpuprofile?${toQuery(selection)}`, { signal })
  if (!response.ok) throw new Error((await response.text()).trim())
  return readProfile(new Uint8Array(await response.arrayBuffer()), 'selection.cpuprofile')
}

// --- internal ---

const POLL_MS = 2_000

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

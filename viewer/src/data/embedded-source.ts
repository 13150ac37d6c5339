import { kindsOf } from '../../../src/profile/kinds.js'
import { neverSummed } from '../../../src/render/kinds.js'
import { mergeProfiles } from '../../../src/transform/merge.js'
import { EMBEDDED_INDEX, embeddedId } from '../../../src/viewer-api/embedded.js'
import { type IndexEntry, select } from '../../../src/viewer-api/wire.js'
import { writeLocation } from '../page-location.js'
import type { DataSource } from './data-source.js'
import { readDump } from './read-dump.js'

/** The profiles in this very file; null in a page that a server serves. */
export function embeddedSource(): DataSource | null {
  if (!document.getElementById(EMBEDDED_INDEX)) return null
  const entries = readIndex()
  return {
    embedded: true,
    async follow(_signal, onChange) {
      const index = { entries: await entries, refusals: [] }
      if (location.hash === '' && index.entries.length === 1) openTree(index.entries[0]!)
      onChange({ index, error: '' })
    },
    async load(selection) {
      const wanted = select(await entries, selection)
      if (wanted.length === 0) throw new Error('these profiles are not there')
      const profiles = []
      for (const { id } of wanted) profiles.push(readDump(await unpack(embeddedId(id))))
      if (profiles.length === 1) return profiles[0]!
      const kinds = kindsOf(profiles.flatMap(({ sources }) => sources))
      if (kinds.length > 1) throw new Error(neverSummed(kinds))
      return mergeProfiles(profiles)
    },
    async text() {
      return { reason: 'This page is one file without the source; profview open shows it.' }
    },
  }
}

// --- internal ---

/** Without an entry in the history: there is nothing to go back to. */
function openTree({ id }: IndexEntry): void {
  location.replace(writeLocation({ view: 'tree', selection: { by: 'ids', ids: [id] } }))
}

async function readIndex(): Promise<IndexEntry[]> {
  return JSON.parse(new TextDecoder().decode(await unpack(EMBEDDED_INDEX)))
}

/** The bytes that an element holds as base64 of gzip. */
async function unpack(id: string): Promise<Uint8Array> {
  const packed = atob(document.getElementById(id)!.textContent!)
  const bytes = Uint8Array.from({ length: packed.length }, (_, i) => packed.charCodeAt(i))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

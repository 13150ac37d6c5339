import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { writeCpuprofile } from '../formats/cpuprofile/write.js'
import type { Profile } from '../profile/profile.js'
import { EMBEDDED_INDEX, EMBEDDED_TYPE, embeddedId } from '../viewer-api/embedded.js'
import { besideEachOther, entryFacts, type IndexEntry } from '../viewer-api/entry.js'
import { type BuiltPage, readBuiltPage } from './built-page.js'
import { headerOf } from './header.js'
import { counted } from './measure.js'

/**
 * The viewer with these profiles in it, as one HTML file that needs neither a server nor a network.
 * Of one profile it opens on the call tree, of several on their list. Throws `IO` where the page
 * has not been built.
 *
 *     writeFileSync('slow.html', renderHtml(readProfile('slow.cpuprofile')))
 */
export function renderHtml(profiles: Profile | Iterable<Profile>): string {
  return htmlOf(readBuiltPage(), Symbol.iterator in profiles ? profiles : [profiles])
}

/** The same in a given build of the page. The profiles are taken one by one, and none is kept. */
export function htmlOf(page: BuiltPage, profiles: Iterable<Profile>): string {
  const entries: IndexEntry[] = []
  const data: string[] = []
  for (const profile of profiles) {
    const bytes = writeCpuprofile(profile)
    const entry = entryOf(profile, String(entries.length), bytes.length)
    entries.push(entry)
    data.push(dataElement(embeddedId(entry.id), bytes))
  }
  data.unshift(
    dataElement(EMBEDDED_INDEX, new TextEncoder().encode(JSON.stringify(besideEachOther(entries)))),
  )
  const title = entries.length === 1 ? entries[0]!.file : counted(entries.length, 'profile')
  const { script, style, icon } = page
  const parts = new Map([
    [CHARSET, `${CHARSET}\n    ${policyElement(page)}`],
    [TITLE, `<title>${escapeMarkup(title)} · profview</title>`],
    [icon.tag, `<link rel="icon" href="${dataUrl(icon.text)}">`],
    [script.tag, `<script type="module">${script.text}</script>`],
    [style.tag, `<style>${style.text}</style>`],
    [END, `${data.join('\n')}\n${END}`],
  ])
  return replaceOnce(page.html, parts)
}

// --- internal ---

const CHARSET = '<meta charset="utf-8">'
const TITLE = '<title>profview</title>'
const END = '</body>'

function entryOf(profile: Profile, id: string, bytes: number): IndexEntry {
  const { title } = headerOf(profile)
  return { id, file: title, bytes, modifiedMs: Date.now(), ...entryFacts(profile) }
}

/** Base64 has no character that means anything in HTML. */
function dataElement(id: string, bytes: Uint8Array): string {
  // The highest level takes six times as long for a fiftieth less.
  const text = gzipSync(bytes).toString('base64')
  return `<script type="${EMBEDDED_TYPE}" id="${id}">${text}</script>`
}

/** The page may run itself and nothing else, and there is no address that it could call. */
function policyElement({ script, style }: BuiltPage): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script.text)}`,
    `style-src ${hashOf(style.text)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]
  return `<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">`
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

function dataUrl(svg: string): string {
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** In one pass: what has been put in is not looked at again. */
function replaceOnce(text: string, parts: ReadonlyMap<string, string>): string {
  const places = [...parts.keys()].sort((a, b) => text.indexOf(a) - text.indexOf(b))
  let rest = text
  let result = ''
  for (const place of places) {
    const [before, after] = split(rest, place)
    result += before + parts.get(place)!
    rest = after
  }
  return result + rest
}

function split(text: string, at: string): [before: string, after: string] {
  const start = text.indexOf(at)
  return [text.slice(0, start), text.slice(start + at.length)]
}

/**
 * The browser is given a page that leads on to the address, and not the address: its secret would
 * stand in the arguments of a process, which every user of the machine may read.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface LeadingPage {
  /** Of the file. */
  readonly address: string
  remove(): void
}

/** A page that only this user may read. Throws where none can be written. */
export function leadTo(url: string): LeadingPage {
  const folder = privateFolder()
  const page = join(folder, 'open.html')
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    writeFileSync(page, pageTo(url), { mode: 0o600 })
  } catch (error) {
    remove()
    throw error
  }
  return { address: pathToFileURL(page).href, remove }
}

/** Rejects where no browser can be started. */
export async function openInBrowser({ address }: LeadingPage): Promise<void> {
  const { default: open, apps } = await import('open')
  // What opens files may be an editor.
  const browser = { app: { name: apps.browser } }
  const child = await open(address, browser).catch(() => open(address))
  child.on('error', () => {})
}

// --- internal ---

/** A browser in a sandbox (snap) sees neither `/tmp` nor what is hidden in the home directory. */
function privateFolder(): string {
  if (process.platform !== 'linux') return mkdtempSync(join(tmpdir(), 'profview-'))
  try {
    return mkdtempSync(join(homedir(), 'profview-'))
  } catch {
    return mkdtempSync(join(tmpdir(), 'profview-'))
  }
}

function pageTo(url: string): string {
  const address = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${address}">
<title>profview</title>
<a href="${address}">profview</a>
`
}

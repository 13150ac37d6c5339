import { ProfviewError } from '../../errors.js'
import type { DumpMeta } from '../../profile/profile.js'
import { bad } from './bad.js'
import { checkDumpMeta } from './dump-meta-check.js'
import { checkWaits, type FileWait } from './dump-waits.js'
import { JsonScanner } from './json-scanner.js'
import { toUtf8 } from './text.js'

/**
 * Our one key in a `.cpuprofile`. It comes first in the file, so that a list reads only the heads.
 */
export const PROFVIEW_KEY = '$profview'

/** What a list says of a dump. */
export interface DumpHead {
  readonly meta: DumpMeta
  readonly waits: readonly FileWait[]
}

/**
 * The facts about a dump from the first bytes of its file.
 *
 * `null`: not a dump of one recording (a foreign or a merged profile). `'incomplete'`: the key goes
 * on behind these bytes, give more. Throws `NEWER_VERSION` for a dump of a later profview and
 * `BAD_INPUT` for one whose facts are damaged. The dump's files are left out: only who reads all of
 * it needs them.
 */
export function readDumpHead(head: Uint8Array): DumpHead | 'incomplete' | null {
  const scanner = new JsonScanner(toUtf8(head))
  try {
    if (scanner.peek() === -1) return 'incomplete'
    if (!scanner.atObject() || !scanner.enter()) return null
    if (scanner.peek() !== -1 && !scanner.atString()) return null
    if (scanner.key() !== PROFVIEW_KEY) return null
    const start = scanner.pos
    scanner.skip()
    scanner.pos = start
  } catch (error) {
    if (isCutShort(error)) return 'incomplete'
    throw error
  }
  const dump = dumpOf(scanner.value())
  return dump && { ...dump, meta: withoutFiles(dump.meta) }
}

/** The facts for a list. */
export function withoutFiles({ files: _files, ...meta }: DumpMeta): DumpMeta {
  return meta
}

/** The facts in the value of `$profview`, null if it describes no single recording. */
export function dumpOf(value: unknown): DumpHead | null {
  checkVersion(value, PROFVIEW_KEY)
  if (isContainer(value)) return null
  const meta = checkDumpMeta(value, PROFVIEW_KEY)
  return { meta, waits: waitsIn(value) }
}

/** The facts of a dump in a container. */
export function sourceOf(value: unknown, place: string): DumpMeta {
  checkVersion(value, place)
  return checkDumpMeta(value, place)
}

/** The waits under `$profview`. Version 1 has none; what is called so there is not ours. */
export function waitsIn(value: unknown): readonly FileWait[] {
  if (!isRecord(value) || value.version === 1) return []
  return checkWaits(value.waits, `${PROFVIEW_KEY}.waits`)
}

/** Merged and converted profiles have no recording of their own but list their `sources`. */
export function isContainer(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && value.kind === 'profile'
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// --- internal ---

function checkVersion(value: unknown, place: string): void {
  const version = isRecord(value) ? value.version : undefined
  if (typeof version === 'number' && version > 2) {
    throw new ProfviewError(
      'NEWER_VERSION',
      `made by a newer profview (dump version ${version}, this one reads 2)`,
      { path: `${place}.version` },
    )
  }
  if (version !== 1 && version !== 2) {
    throw bad(`${place}.version`, 'is not 1 or 2')
  }
}

function isCutShort(error: unknown): boolean {
  return error instanceof ProfviewError && error.message.includes('cut short')
}

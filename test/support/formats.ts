/** The contract that every format keeps, whatever file it is shown. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'
import {
  decodeProfile,
  encodeProfile,
  type FormatName,
  isGzip,
  WRITABLE,
} from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import type { Profile } from '../../src/profile/profile.js'
import { formatTree } from './trees.js'

export const FORMATS: readonly FormatName[] = WRITABLE.filter((each) => 'read' in each).map(
  ({ name }) => name,
)

/**
 * Reads the file, detects it again without the help of its name, writes it in each format, reads
 * that back and compares total and tree. Returns the profile.
 */
export function checkFormat(path: string): Profile {
  const bytes = readBytes(path)
  const profile = decodeProfile(bytes, basename(path))
  const tree = formatTree(profile, { places: true })
  expect(formatTree(decodeProfile(bytes, 'unknown'), { places: true })).toEqual(tree)
  for (const format of FORMATS) checkRoundTrip(profile, format, tree)
  return profile
}

/** Writes the profile twice the same, and reads it back with the same total and tree. */
export function checkRoundTrip(
  profile: Profile,
  format: FormatName,
  tree = formatTree(profile, { places: true }),
): Profile {
  const bytes = encodeProfile(profile, format)
  // Not `toEqual`, which takes minutes over a few megabytes.
  expect(Buffer.compare(encodeProfile(profile, format), bytes), 'the same bytes again').toBe(0)
  // Of stacks of one frame nothing else says what they are.
  const back = decodeProfile(bytes, format === 'collapsed' ? 'unknown.folded' : 'unknown')
  expect(totalWeight(back), format).toBe(totalWeight(profile))
  expect(formatTree(back, { places: true }), format).toEqual(tree)
  return back
}

/** The file's bytes, unpacked if they are gzip. */
export function readBytes(path: string): Uint8Array {
  const bytes = readFileSync(path)
  return isGzip(bytes) ? gunzipSync(bytes) : bytes
}

/** The code and text of the error that reading these bytes throws. */
export function refusal(bytes: Uint8Array | string, fileName = 'unknown'): string {
  try {
    decodeProfile(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes, fileName)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    expect(message, 'one line').not.toContain('\n')
    return `${code ?? 'NOT OURS'}: ${message}`
  }
  return 'was read'
}

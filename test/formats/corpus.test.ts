/** Files of other projects, next to the checkout and not in it; skipped where they are missing. */
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { totalWeight } from '../../src/profile/calltree.js'
import { checkFormat, readBytes, refusal } from '../support/formats.js'

const CORPUS = new URL('../../../shared/corpus/', import.meta.url).pathname
const isThere = existsSync(CORPUS)
if (!isThere) console.warn(`skipped: no corpus at ${CORPUS}`)

/** What each file holds, worked out from the file itself where its format says it. */
const TOTALS = new Map([
  ['0x-node-cpu-prof-one-negative-delta.cpuprofile', 1439709318 - 1415129375],
  ['firefox-node-hello.cpuprofile', 355035987653 - 355035796949],
  ['parca-node-profile.pb.gz', 190],
  ['pprof-format-non-packed-repeated.pb', 10_000],
  ['pprof-format-test.pb.gz', 826_802_520],
  ['react-pprof-datadog.pb', 21_040],
  ['speedscope-0.0.1-simple-no-pretty-print.speedscope.json', 14],
  ['speedscope-0.0.1-simple.speedscope.json', 14],
  ['speedscope-0.1.2-simple-sampled.speedscope.json', 14_000_000],
  ['speedscope-0.6.0-two-sampled.speedscope.json', 28_000_000],
  ['speedscope-chrome65-simple.cpuprofile', 163140647178 - 163140599286],
  ['speedscope-chrome65-sucrase.cpuprofile', 214594806433 - 214572794143],
  ['speedscope-node10-old-head-format.cpuprofile', 163140645206 - 163140599286],
  ['speedscope-simple.prof', 1_500_000],
  ['speedscope-stackcollapse-alternating.txt', 182],
  ['speedscope-stackcollapse-perf-vertx-stacks-01-collapsed-all.txt', 285],
  ['speedscope-stackcollapse-recursion.txt', 10],
  ['speedscope-stackcollapse-simple-crlf.txt', 14],
  ['speedscope-stackcollapse-simple-utf16-be.txt', 14],
  ['speedscope-stackcollapse-simple-utf16-le.txt', 14],
  ['speedscope-stackcollapse-simple-with-invalids.txt', 14],
  ['speedscope-stackcollapse-simple.txt', 14],
  ['speedscope-stackcollapse-tall.txt', 1],
])

const REFUSALS = new Map([
  [
    'speedscope-invalid-incomplete-trace.json',
    'BAD_INPUT: profiles[0].events leaves 1 frames open',
  ],
  [
    'speedscope-invalid-out-of-order-events.json',
    'BAD_INPUT: profiles[0].events[6] closes a frame that is not the last opened',
  ],
])

describe.skipIf(!isThere)('every file of the corpus', () => {
  const entries = isThere ? readdirSync(CORPUS, { withFileTypes: true }) : []
  // Folders hold what is not read yet.
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'README.md')
  for (const { name } of files) {
    const path = join(CORPUS, name)
    const isRefused = REFUSALS.has(name)
    test(`${basename(name)} is ${isRefused ? 'refused in one line' : 'read in full'}`, () => {
      if (isRefused) expect(refusal(readBytes(path), name)).toBe(REFUSALS.get(name))
      else expect(totalWeight(checkFormat(path))).toBe(TOTALS.get(name))
    })
  }
})

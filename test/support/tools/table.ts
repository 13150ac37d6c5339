/** Every tool whose profiles are tried: what it writes, where ours are from, who judges them. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { sumsOfCollapsed } from '../../formats/independent/collapsed.js'
import { type Counting, sumsOfCpuprofile } from '../../formats/independent/cpuprofile.js'
import { sumsOfPprof } from '../../formats/independent/pprof.js'
import type { Sums } from '../../formats/independent/sums.js'
import { sumsOfTrace } from '../../formats/independent/trace.js'
import {
  bundled,
  bundler,
  chromiumProfile,
  chromiumTrace,
  compiler,
  datadog,
  inspectorReply,
  nodeFlag,
  type Recording,
} from './recordings.js'

export interface Tool {
  readonly tool: string
  readonly writes: string
  readonly reads: string
  /** Recorded in the test run, or kept from one by hand (`fixtures/README.md`). */
  readonly from: 'this run' | 'fixture'
  readonly files: (page: Page) => Promise<readonly Recording[]> | readonly Recording[]
  readonly judge: (bytes: Uint8Array, counting?: Counting) => Sums
  /** By what functions are known in the comparison. */
  readonly by: 'place' | 'file'
  /** speedscope has other lines of its functions, or no files; or `no` other reading to compare. */
  readonly speedscope?: 'names' | 'files' | 'no'
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const V8 = {
  reads: 'as it is: all times exact',
  judge: (bytes: Uint8Array, counting?: Counting) => sumsOfCpuprofile(textOf(bytes), counting),
  by: 'place',
} as const
const PPROF = {
  judge: (bytes: Uint8Array) => sumsOfPprof(bytes),
  by: 'file',
  speedscope: 'files',
} as const
const NOW = { ...V8, from: 'this run' } as const
const KEPT = { ...V8, from: 'fixture' } as const

export const TOOLS: readonly Tool[] = [
  { ...NOW, tool: 'Node `--cpu-prof`', writes: '`.cpuprofile`, one a thread', files: nodeFlag },
  ...[20, 22, 24, 26].map((version) => ({
    ...KEPT,
    tool: `Node ${version} \`--cpu-prof\``,
    writes: '`.cpuprofile`',
    files: kept(`cpuprofile/node${version}.cpuprofile`),
  })),
  {
    ...NOW,
    tool: 'Node’s inspector, `Profiler.stop`',
    writes: 'its answer, saved as it came',
    reads: 'the profile in it',
    // It does not open such a file.
    speedscope: 'no',
    files: inspectorReply,
  },
  { ...NOW, tool: 'a bundle of esbuild', writes: '`.cpuprofile`', files: bundled },
  { ...NOW, tool: 'tsc `--generateCpuProfile`', writes: '`.cpuprofile`', files: compiler },
  { ...NOW, tool: 'Vite `--profile`', writes: '`.cpuprofile`', files: bundler },
  { ...NOW, tool: 'Chromium, DevTools protocol', writes: '`.cpuprofile`', files: chromiumProfile },
  {
    ...NOW,
    tool: 'Chromium, Playwright’s `startTracing`',
    writes: 'a Chrome trace, an object',
    reads: 'its CPU profiles, one a thread',
    judge: (bytes, counting) => sumsOfTrace(textOf(bytes), counting),
    speedscope: 'names',
    files: chromiumTrace,
  },
  {
    ...KEPT,
    tool: 'webpack’s `ProfilingPlugin`',
    writes: 'a Chrome trace, a list',
    reads: 'its CPU profile',
    judge: (bytes, counting) => sumsOfTrace(textOf(bytes), counting),
    speedscope: 'names',
    files: kept('chrome-trace/webpack5.trace.json.gz'),
  },
  ...[false, true].map((lineNumbers) => ({
    ...PPROF,
    tool: `@datadog/pprof${lineNumbers ? ' `lineNumbers`' : ''}`,
    writes: 'pprof',
    reads: 'wall time',
    from: 'this run' as const,
    files: () => datadog(lineNumbers),
  })),
  {
    ...PPROF,
    // It takes what was inlined for its caller.
    speedscope: 'no',
    tool: 'Go 1.19 `runtime/pprof`',
    writes: 'pprof, without `start_line`',
    reads: 'CPU time; a function at its first line that was seen',
    from: 'fixture',
    files: kept('pprof/go1.19.pb.gz'),
  },
  {
    ...PPROF,
    speedscope: 'no',
    tool: 'Go 1.23 `runtime/pprof`',
    writes: 'pprof',
    reads: 'CPU time',
    from: 'fixture',
    files: kept('pprof/go1.23.pb.gz'),
  },
  {
    ...KEPT,
    tool: 'Bun 1.4 `--cpu-prof`',
    writes: '`.cpuprofile`',
    files: kept('cpuprofile/bun1.4.cpuprofile.gz'),
  },
  {
    ...KEPT,
    tool: 'Deno 2.9 `--cpu-prof`',
    writes: '`.cpuprofile`',
    files: kept('cpuprofile/deno2.9.cpuprofile.gz'),
  },
  ...['tree', 'list'].map((form) => ({
    ...KEPT,
    tool: `v8-profiler-next, a ${form}`,
    writes: '`.cpuprofile` whose lines count from 1',
    reads: 'as it is, with the right lines',
    speedscope: 'files' as const,
    files: kept(`cpuprofile/v8-profiler-${form}.cpuprofile.gz`),
  })),
  {
    tool: 'Linux perf, `stackcollapse-perf.pl`',
    writes: 'folded stacks',
    reads: 'samples',
    from: 'fixture',
    files: perfOfSpeedscope,
    judge: (bytes) => sumsOfCollapsed(textOf(bytes)),
    by: 'place',
  },
]

// --- internal ---

function kept(path: string): () => Recording[] {
  return () => {
    const file = join(import.meta.dirname, '../../../fixtures/profiles', path)
    return [{ name: path.slice(path.indexOf('/') + 1), bytes: readFileSync(file) }]
  }
}

/** The example that comes with speedscope. */
function perfOfSpeedscope(): Recording[] {
  const manifest = createRequire(import.meta.url).resolve('speedscope/package.json')
  const name = 'perf-vertx-stacks-01-collapsed-all-ZNUIGAJL.txt'
  return [{ name, bytes: readFileSync(join(dirname(manifest), 'dist/release', name)) }]
}

/** What other programs may rely on in a dump, checked to the letter. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect } from 'vitest'
import type { DumpMeta } from '../../src/index.js'

export interface Dump {
  readonly file: string
  readonly meta: DumpMeta
  /** Function names of all nodes. */
  readonly names: readonly string[]
  readonly bytes: string
}

interface Node {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly lineNumber: number
    readonly columnNumber: number
  }
  readonly hitCount: number
  readonly children?: readonly number[]
}

const NAME = /^\d{8}T\d{6}\.\d{3}Z-(\d+)-(\d+)-\d+-([0-9a-f]{16})\.cpuprofile$/

/** All files of a directory, hidden ones too, but not what says what was used: whole dumps. */
export function dumpsIn(dir: string): Dump[] {
  const files = filesIn(dir).filter((name) => !name.endsWith('.claim'))
  return files.map((name) => checkDump(join(dir, name)))
}

/** But for those that count dumps, and the folder of captures. */
export function filesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => !name.endsWith('.tally') && name !== '.capture')
      .sort()
  } catch {
    return []
  }
}

/** Reads a dump, and fails the test where it is not what the contract says. */
export function checkDump(file: string): Dump {
  const bytes = readFileSync(file, 'utf8')
  const { $profview, nodes, samples, timeDeltas, startTime, endTime } = JSON.parse(bytes)
  // What else was waited for during some waits is of the samples, not of the dump.
  const { sampleLabels, waits, sha256, ...meta } = $profview
  checkDigest(bytes, sha256)
  checkName(file, meta)
  checkNodes(nodes, samples)
  expect(timeDeltas).toHaveLength(samples.length)
  expect(timeDeltas.filter((delta: number) => !Number.isSafeInteger(delta) || delta < 0)).toEqual(
    [],
  )
  const total = timeDeltas.reduce((sum: number, delta: number) => sum + delta, 0)
  expect([total, endTime - startTime]).toEqual([meta.durationMicros, meta.durationMicros])
  checkMeta(meta)
  checkLabels(sampleLabels, meta)
  checkWaits(waits, nodes)
  const names = nodes.map((node: Node) => node.callFrame.functionName)
  return { file, meta, names, bytes }
}

// --- internal ---

/** Of all bytes of the file after the digest itself. */
function checkDigest(text: string, digest: unknown): void {
  const behind = text.slice(text.indexOf(`"sha256":"${digest}"`)).replace(/^"sha256":"\w+"/, '')
  expect(createHash('sha256').update(behind).digest('hex')).toBe(digest)
}

function checkName(file: string, meta: DumpMeta): void {
  const [, pid, thread, id] = NAME.exec(basename(file)) ?? []
  expect({ file, id, pid: Number(pid), threadId: Number(thread) }).toEqual({
    file,
    id: meta.id,
    pid: meta.process.pid,
    threadId: meta.process.threadId,
  })
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
}

/** One tree, every node in it once, every sample in the tree. */
function checkNodes(nodes: readonly Node[], samples: readonly number[]): void {
  const ids = new Set(nodes.map((node) => node.id))
  expect(ids.size).toBe(nodes.length)
  const children = nodes.flatMap((node) => node.children ?? [])
  expect(new Set(children).size).toBe(children.length)
  expect([...ids].filter((id) => !children.includes(id))).toEqual([nodes[0]!.id])
  expect(children.filter((id) => !ids.has(id))).toEqual([])
  expect(samples.filter((id) => !ids.has(id))).toEqual([])
  const positions = nodes.flatMap(({ callFrame: { lineNumber, columnNumber } }) => [
    lineNumber,
    columnNumber,
  ])
  expect(positions.filter((at) => !Number.isSafeInteger(at) || at < -1)).toEqual([])
}

interface Labels {
  readonly sets: readonly (readonly (readonly [string, string])[])[]
}

function checkLabels(labels: Labels | undefined, { kind }: DumpMeta): void {
  const names = (labels?.sets ?? []).flat().map(([name]) => name)
  const known = ['also waiting for', 'blocked', ...(kind === 'process' ? ['route'] : [])]
  expect(names.filter((name) => !known.includes(name))).toEqual([])
}

interface Wait {
  readonly node: number
  readonly count: number
  readonly totalMicros: number
  readonly longestMicros: number
}

/** Each is of an `[await]`, and the only one of it. */
function checkWaits(waits: readonly Wait[], nodes: readonly Node[]): void {
  const nameOf = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName]))
  expect(new Set(waits.map(({ node }) => node)).size).toBe(waits.length)
  const wrong = waits.filter(
    ({ node, count, totalMicros, longestMicros }) =>
      !/^\[await\]( |$)/.test(nameOf.get(node) ?? '') ||
      ![count, totalMicros, longestMicros].every(Number.isSafeInteger) ||
      !(count >= 1 && longestMicros >= 0 && longestMicros <= totalMicros),
  )
  expect(wrong).toEqual([])
}

/** Beyond the contract: hashes of the app's files. */
function checkMeta({ files, ...meta }: DumpMeta): void {
  expect(Object.values(files!).filter((hash) => !/^[0-9a-f]{16}$/.test(hash))).toEqual([])
  const count = expect.toSatisfy((value) => Number.isSafeInteger(value) && value >= 0)
  const ledger = {
    cpu: count,
    gc: count,
    offcpu: count,
    await: count,
    blocked: count,
    profiler: count,
  }
  expect(meta).toEqual({
    version: 2,
    writer: expect.stringMatching(/^profview \d+\.\d+\.\d+/),
    name: expect.toSatisfy((name) => name === null || typeof name === 'string'),
    kept: expect.any(String),
    awaits: expect.any(Boolean),
    armedSinceMicros: count,
    blockedUpToMicros: count,
    machine: expect.toSatisfy((machine) => machine === null || machine.runQueueMicros >= 0),
    queued: expect.toSatisfy((queued) => queued === null || queued.minMicros >= 0),
    stall: null,
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    kind: expect.stringMatching(/^(request|process|function)$/),
    startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    durationMicros: count,
    request:
      meta.kind === 'request'
        ? {
            method: expect.stringMatching(/^[A-Z-]+$/),
            route: expect.any(String),
            status: count,
            aborted: expect.any(Boolean),
          }
        : null,
    process: {
      pid: count,
      workerId: count,
      threadId: count,
      host: expect.any(String),
      node: expect.stringMatching(/^v\d+\.\d+\.\d+/),
    },
    attribution: expect.stringMatching(/^(request|process)$/),
    intervalMicros: count,
    samples: count,
    dropped: count,
    ledger: { ...ledger, unknown: count },
    labels: expect.any(Object),
    warnings: expect.any(Array),
  })
  expect(Object.values(meta.ledger).reduce((sum, part) => sum + part, 0)).toBe(meta.durationMicros)
}

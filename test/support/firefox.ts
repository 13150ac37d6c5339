/** What the Firefox Profiler takes for granted in a processed profile of version 48. */
import { expect } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import type { Profile } from '../../src/profile/profile.js'

type Table = { readonly length: number } & Readonly<Record<string, unknown>>
type Numbers = readonly (number | null)[]

export interface FirefoxThreadFile {
  readonly name: string
  readonly pid: string
  readonly samples: { stack: number[]; time: number[]; weight: number[]; weightType: string }
  readonly stackTable: { frame: number[]; category: number[]; prefix: (number | null)[] }
  readonly frameTable: { func: number[]; category: number[] }
  readonly funcTable: { name: number[]; fileName: (number | null)[] }
  readonly markers: {
    name: number[]
    startTime: number[]
    endTime: number[]
    data: { type: string }[]
  }
  readonly stringArray: string[]
}

export interface FirefoxFile {
  readonly meta: {
    startTime: number
    categories: { name: string; color: string; subcategories: string[] }[]
    markerSchema: { name: string; data: { key: string }[] }[]
    profilingEndTime: number
    extra?: unknown
  }
  readonly threads: FirefoxThreadFile[]
}

const TABLES: Readonly<Record<string, readonly string[]>> = {
  frameTable: [
    ...['address', 'inlineDepth', 'category', 'subcategory', 'func', 'nativeSymbol'],
    ...['innerWindowID', 'implementation', 'line', 'column'],
  ],
  funcTable: [
    ...['isJS', 'relevantForJS', 'name', 'resource', 'fileName', 'lineNumber', 'columnNumber'],
  ],
  stackTable: ['frame', 'category', 'subcategory', 'prefix'],
  samples: ['stack', 'time', 'weight'],
  markers: ['name', 'startTime', 'endTime', 'phase', 'category', 'data'],
  nativeSymbols: ['libIndex', 'address', 'name', 'functionSize'],
  resourceTable: ['lib', 'name', 'host', 'type'],
}

/** The profile as a file, with every column of every table checked. */
export function firefoxFileOf(profile: Profile): FirefoxFile {
  const text = new TextDecoder().decode(encodeProfile(profile, 'firefox'))
  const file = JSON.parse(text) as FirefoxFile
  const { categories, markerSchema } = file.meta
  expect(categories.filter(({ color }) => color === 'grey')).toHaveLength(1)
  const schemas = new Map(markerSchema.map(({ name, data }) => [name, data.map(({ key }) => key)]))
  expect(file.threads.length).toBeGreaterThan(0)
  expect(new Set(file.threads.map(({ pid }) => pid)).size).toBe(file.threads.length)
  for (const thread of file.threads) {
    checkLengths(thread as unknown as Readonly<Record<string, Table>>)
    checkIndexes(thread, categories.length)
    checkTimes(thread, file.meta.profilingEndTime)
    for (const { type, ...data } of thread.markers.data) {
      expect(schemas.get(type)).toEqual(expect.arrayContaining(Object.keys(data)))
    }
  }
  return file
}

/** The sum of all weights, in the profile's unit. */
export function weightOf({ threads }: FirefoxFile): number {
  let total = 0
  for (const { samples } of threads) {
    const factor = samples.weightType === 'tracing-ms' ? 1000 : 1
    for (const weight of samples.weight) total += Math.round(weight * factor)
  }
  return total
}

/** `a;b 1.5`: the samples as folded lines, in their order, at their times. */
export function samplesOf(thread: FirefoxThreadFile): string[] {
  const { samples } = thread
  return samples.stack.map((leaf, i) => {
    return `${samples.time[i]} ${stackNames(thread, leaf).join(';')} ${samples.weight[i]}`
  })
}

/** The functions of a stack, outermost first. */
export function stackNames(thread: FirefoxThreadFile, leaf: number): string[] {
  const { stackTable, frameTable, funcTable, stringArray } = thread
  const names: string[] = []
  for (let at: number | null = leaf; at !== null; at = stackTable.prefix[at]!) {
    names.push(stringArray[funcTable.name[frameTable.func[stackTable.frame[at]!]!]!]!)
  }
  return names.reverse()
}

/** `0-1.5 GET /x`, with the type of the marker. */
export function markersOf({ markers, stringArray }: FirefoxThreadFile): string[] {
  return markers.name.map((name, i) => {
    const { type } = markers.data[i]!
    return `${markers.startTime[i]}-${markers.endTime[i]} ${type}: ${stringArray[name]}`
  })
}

// --- internal ---

function checkLengths(thread: Readonly<Record<string, Table>>): void {
  for (const [name, columns] of Object.entries(TABLES)) {
    const table = thread[name]!
    const lengths = columns.map((column) => (table[column] as Numbers).length)
    expect({ name, lengths }).toEqual({ name, lengths: columns.map(() => table.length) })
  }
}

function checkIndexes(thread: FirefoxThreadFile, categories: number): void {
  const { samples, stackTable, frameTable, funcTable, markers, stringArray } = thread
  const strings = stringArray.length
  inRange(samples.stack, stackTable.frame.length)
  inRange(stackTable.frame, frameTable.func.length)
  inRange(frameTable.func, funcTable.name.length)
  inRange(funcTable.name, strings)
  inRange(funcTable.fileName, strings)
  inRange(markers.name, strings)
  inRange([...stackTable.category, ...frameTable.category], categories)
  stackTable.prefix.forEach((prefix, i) => {
    inRange([prefix], i)
  })
  expect(new Set(stringArray).size).toBe(strings)
}

function inRange(indexes: Numbers, end: number): void {
  const wrong = indexes.filter(
    (index) => index !== null && !(Number.isInteger(index) && index >= 0 && index < end),
  )
  expect(wrong).toEqual([])
}

/** In microseconds, because milliseconds are binary fractions. */
function checkTimes({ samples, markers }: FirefoxThreadFile, end: number): void {
  const micros = (millis: number) => Math.round(millis * 1000)
  let until = 0
  samples.time.forEach((time, i) => {
    expect(micros(time)).toBeGreaterThanOrEqual(until)
    until = micros(time) + Math.abs(micros(samples.weight[i]!))
  })
  expect(until).toBeLessThanOrEqual(micros(end))
  markers.startTime.forEach((start, i) => {
    expect(start).toBeGreaterThanOrEqual(markers.startTime[i - 1] ?? 0)
    expect(markers.endTime[i]).toBeGreaterThan(start)
    expect(micros(markers.endTime[i]!)).toBeLessThanOrEqual(until)
  })
}

/** A dump in Chromium's own reader of CPU profiles, that of its developer tools. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CPUProfileDataModel } from '@paulirish/trace_engine/models/cpu_profile/CPUProfileDataModel.js'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory, writeOneDump } from '../support/shop.js'

test('waits, and who was in the way, are named frames with their time', () => {
  const { dir, remove } = temporaryDirectory()
  onTestFinished(remove)
  const dump = readFileSync(join(dir, writeOneDump(dir)), 'utf8')
  const model = new CPUProfileDataModel(JSON.parse(dump))
  const selfOf = new Map<string, number>()
  model.forEachFrame(
    () => {},
    (_depth, { functionName }, _sample, _start, _duration, self) => {
      selfOf.set(functionName, (selfOf.get(functionName) ?? 0) + self)
    },
  )
  const largest = [...selfOf].sort(([, a], [, b]) => b - a).slice(0, 6)
  expect(largest.map(([name, ms]) => `${name} ${ms.toFixed(1)}`)).toEqual([
    'measureText 52.4',
    '[await] TCP 127.0.0.1:5432 41.7',
    'JSON.stringify 16.2',
    'toSummary 11.4',
    'layoutTable 9.9',
    '[await] TCP 127.0.0.1:6379 9.3',
  ])
})

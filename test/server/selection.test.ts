import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { FILE_LABEL, WORKER_LABEL } from '../../src/profile/labels.js'
import { SelectionReader, withinLimit } from '../../src/server/selection.js'
import { openInputs } from '../../src/server/source.js'
import { profileFrom } from '../support/trees.js'

test('sums what is too much for the page, and says so', () => {
  const profile = profileFrom('main;a 3\nmain;b 5\nmain;a 2')
  expect(withinLimit(profile, 3)).toBe(profile)
  const summed = withinLimit(profile, 2)
  expect(summed.timeline).toBe(false)
  expect([...summed.samples.weight]).toEqual([5, 5])
  expect(totalWeight(summed)).toBe(totalWeight(profile))
  expect(summed.warnings).toEqual([
    '3 samples are too many for the page: it shows their sums, without their order in time',
  ])
})

test('of files of other tools picked together each counts once, and its samples say which', () => {
  const dir = mkdtempSync(join(tmpdir(), 'profview-selection-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const main = 'CPU.20261120.140102.4711.0.001.cpuprofile'
  const thread = 'CPU.20261120.140102.4711.2.002.cpuprofile'
  for (const [file, text] of [
    [main, 'main;a 1000'],
    [thread, 'main;b 3000'],
    ['copy.cpuprofile', 'main;a 1000'],
  ] as const) {
    writeFileSync(join(dir, file), encodeProfile(profileFrom(text), 'cpuprofile'))
  }
  const reader = new SelectionReader(openInputs([dir]), false, [])
  const { profile } = reader.read(new URLSearchParams('all'))
  const parts = [...profile.samples.labelSet].map((set, i) => {
    const labels = profile.labelSets[set]!
    return [labels.get(FILE_LABEL), labels.get(WORKER_LABEL), profile.samples.weight[i]]
  })
  expect(parts.sort()).toEqual([
    [main, '4711', 1000],
    [thread, '4711.2', 3000],
  ])
  expect(profile.warnings).toEqual([`copy.cpuprofile: holds what ${main} does, and counts once`])
})

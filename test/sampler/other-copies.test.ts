/** Copies of the native part in other threads, as Linux tells of them. */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { OtherCopies } from '../../src/sampler/other-copies.js'
import { temporaryDir } from '../support/app.js'

const OURS = '/app/node_modules/@datadog/pprof/prebuilds/linux-x64/dd_pprof.node.abi137.node'
const THEIRS = '/app/node_modules/a/node_modules/@datadog/pprof/build/Release/dd pprof.node'
const NOBODY = '0000000100004602'
const SOMEBODY = '0000000104004602'

/** What is found where these files are mapped and these signals handled, and what was said. */
function found(paths: readonly string[], handled: string, own: string | null = OURS) {
  const said: string[] = []
  const dir = temporaryDir()
  const files = { status: join(dir, 'status'), maps: join(dir, 'maps') }
  const lines = ['7f00-7f01 r-xp 00000000 00:00 0                  [vdso]']
  for (const path of paths)
    for (const rights of ['r--p', 'r-xp', 'rw-p'])
      lines.push(`7f3f1c000000-7f3f1c021000 ${rights} 00021000 fe:00 1234      ${path}`)
  writeFileSync(files.maps, `${lines.join('\n')}\n`)
  writeFileSync(
    files.status,
    `Name:\tnode\nSigIgn:\t${SOMEBODY}\nSigCgt:\t${handled}\nThreads:\t9\n`,
  )
  const copies = new OtherCopies(own, (fact) => said.push(fact), files)
  const maySample = [copies.maySample(), copies.maySample()]
  copies.look()
  copies.look()
  return { maySample, said: said.map((fact) => fact.replace(/^.*: /, '')) }
}

const NOTHING = { maySample: [false, false], said: [] }

test('ours alone is no other, whoever handles the signal', () => {
  expect(found([OURS], SOMEBODY)).toEqual(NOTHING)
  expect(found([OURS, '/usr/lib/libpprof.so', '/app/other.node'], SOMEBODY)).toEqual(NOTHING)
})

test('another one in another thread is waited for, and told of once', () => {
  const said = ['requests are served unprofiled until the other one has gone']
  expect(found([THEIRS, OURS], SOMEBODY)).toEqual({ maySample: [true, true], said })
  // It has just come, and may be about to start; or its thread has ended.
  expect(found([THEIRS, OURS], NOBODY)).toEqual({ maySample: [true, false], said })
})

test('another one of this thread is waited for while somebody handles the signal', () => {
  const { cache } = createRequire(import.meta.url)
  cache[THEIRS] = {} as NodeModule
  try {
    expect(found([THEIRS, OURS], SOMEBODY).maySample).toEqual([true, true])
    expect(found([THEIRS, OURS], NOBODY)).toEqual(NOTHING)
  } finally {
    delete cache[THEIRS]
  }
})

test('where nothing tells of them, there are none', () => {
  expect(found([THEIRS, OURS], SOMEBODY, null)).toEqual(NOTHING)
  expect(found([THEIRS], SOMEBODY)).toEqual(NOTHING)
  const copies = new OtherCopies(OURS, () => {}, { status: '/nowhere', maps: '/nowhere' })
  expect(copies.maySample()).toBe(false)
})

test('one that comes while ours runs is told of', () => {
  const said: string[] = []
  const maps = join(temporaryDir(), 'maps')
  writeFileSync(maps, `7f00-7f01 r-xp 0 fe:00 1 ${OURS}\n7f01-7f02 r-xp 0 fe:00 2 ${THEIRS}\n`)
  new OtherCopies(OURS, (fact) => said.push(fact), { status: '/nowhere', maps }).look()
  expect(said).toEqual([expect.stringMatching(/the other one misses samples while ours runs/)])
})

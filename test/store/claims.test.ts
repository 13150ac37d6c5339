/** What has been used, said in a directory. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { claim } from '../../src/store/claims.js'
import { claimName, tallyName } from '../../src/store/dump-name.js'

test('claims that nobody needs any more do not pile up where no dump is ever written', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'profview-claims-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const old = ['a', 'b'].map((digit) => claimName(digit.repeat(32)))
  const foreign = ['.claim', 'x.cpuprofile', `${claimName('c'.repeat(32))}x`]
  for (const name of [...old, tallyName(1), ...foreign]) writeFileSync(join(dir, name), '')
  const folder = claimName('d'.repeat(32))
  mkdirSync(join(dir, folder))
  const long = new Date(Date.now() - 3_600_000)
  for (const name of readdirSync(dir)) utimesSync(join(dir, name), long, long)
  for (let i = 0; i < 300; i++) expect(await claim(dir, `${i}`)).toBe(true)
  await expect
    .poll(() => readdirSync(dir).filter((name) => [...old, tallyName(1)].includes(name)))
    .toEqual([])
  expect(readdirSync(dir)).toEqual(expect.arrayContaining([...foreign, folder]))
  expect(readdirSync(dir)).toHaveLength(300 + foreign.length + 1)
  expect(await claim(dir, '7')).toBe(false)
})

/** The threads of a trace in a real Chromium: all together, and one of them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { textOf, useBrowser, useViewer } from '../support/browser.js'

const browser = useBrowser()
const viewer = useViewer((dir) => {
  const path = join(dir, 'trace.json')
  writeFileSync(
    path,
    JSON.stringify({ traceEvents: [...thread(1, 'main', 9), ...thread(2, 'worker', 1)] }),
  )
  return { inputs: [path] }
})

test('one can be picked, and all views are of it', async () => {
  const page = await browser.open({ viewport: { width: 1280, height: 900 } })
  await page.goto(viewer.url)
  await page.waitForSelector('tbody .tree-row')
  const picked = page.locator('.part-choice select')
  await expect.poll(() => textOf(page.locator('header.summary .duration'))).toBe('10.0 ms')
  const options = await picked.locator('option').allTextContents()
  expect(options).toEqual(['all of them together', 'main, busy 90 %', 'worker, busy 10 %'])
  await picked.selectOption('worker')
  await expect.poll(() => textOf(page.locator('header.summary .duration'))).toBe('1.00 ms')
  expect(await textOf(page.locator('tbody'))).not.toContain('main')
  expect(new URL(page.url()).hash).toContain('part=worker')
  await page.getByRole('link', { name: 'Functions' }).click()
  await page.waitForSelector('tbody .function-row')
  expect(await textOf(page.locator('tbody'))).toContain('inWorker')
  expect(await textOf(page.locator('tbody'))).not.toContain('inMain')
  await page.locator('.part-choice select').selectOption('')
  await expect.poll(() => textOf(page.locator('tbody'))).toContain('inMain')
})

// --- internal ---

/** A thread that is busy for so many ms, in a function of its own. */
function thread(tid: number, name: string, ms: number): object[] {
  const functionName = `in${name[0]!.toUpperCase()}${name.slice(1)}`
  const event = (what: string, args: object) => ({
    name: what,
    ph: 'I',
    pid: 1,
    tid,
    ts: 1000,
    args,
  })
  const callFrame = (called: string) => ({
    functionName: called,
    url: 'file:///a.js',
    lineNumber: 1,
    columnNumber: 1,
  })
  const cpuProfile = {
    nodes: [
      { id: 1, callFrame: callFrame('(root)'), children: [2] },
      { id: 2, callFrame: callFrame(functionName) },
    ],
    startTime: 0,
    endTime: ms * 1000,
    samples: [2],
    timeDeltas: [0],
  }
  return [event('thread_name', { name }), event('CpuProfile', { data: { cpuProfile } })]
}

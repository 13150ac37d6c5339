/** Functions by where they begin, and stacks as rows, without a profiler. */
import { describe, expect, test } from 'vitest'
import { GC, IDLE } from '../../src/profile/frames.js'
import type { NativeFrame } from '../../src/sampler/native-samples.js'
import type { StackTable } from '../../src/sampler/stack-table.js'
import { lineOf, namesOf, newStacks } from '../support/sampler-parts.js'

const FILE = '/app.js'

/** `name:line:column` of each frame. */
function framesOf(stacks: StackTable): string[] {
  return stacks.frames.map(({ name, line, column }) => `${name}:${line}:${column}`)
}

/** A sample knows where the parameters begin, a stack trace the function's first token. */
const sample = (stacks: StackTable, column: number, name = 'f', line = 3) =>
  stacks.intern(name, FILE, line, column, true)
const trace = (stacks: StackTable, column: number, name = 'f', line = 3) =>
  stacks.intern(name, FILE, line, column, false)

describe('a function has one frame, whichever source names it first', () => {
  test('the trace first: its place is corrected once a sample tells it', () => {
    const stacks = newStacks()
    const id = trace(stacks, 1)
    expect(framesOf(stacks)).toEqual(['f:3:1'])
    expect(stacks.delta().frames).toHaveLength(1)
    expect(sample(stacks, 18)).toBe(id)
    expect(trace(stacks, 1)).toBe(id)
    expect(sample(stacks, 18)).toBe(id)
    expect(framesOf(stacks)).toEqual(['f:3:18'])
    const { frames, corrected } = stacks.delta()
    expect({ frames, corrected }).toEqual({
      frames: [],
      corrected: [[id, { name: 'f', file: FILE, line: 3, column: 18 }]],
    })
  })

  test('corrected before anybody has seen it: there is nothing to correct', () => {
    const stacks = newStacks()
    trace(stacks, 1)
    sample(stacks, 18)
    const { frames, corrected } = stacks.delta()
    expect(frames).toEqual([{ name: 'f', file: FILE, line: 3, column: 18 }])
    expect(corrected).toEqual([])
  })

  test('the sample first: a trace finds the nearest start after its token', () => {
    const stacks = newStacks()
    const [first, second] = [sample(stacks, 18), sample(stacks, 40)]
    expect(trace(stacks, 23)).toBe(second)
    expect(trace(stacks, 1)).toBe(first)
    expect(framesOf(stacks)).toEqual(['f:3:18', 'f:3:40'])
  })

  test('of two on a line, each start takes the nearest token before it', () => {
    const stacks = newStacks()
    const [first, second] = [trace(stacks, 1), trace(stacks, 23)]
    expect(sample(stacks, 40)).toBe(second)
    expect(sample(stacks, 18)).toBe(first)
    expect(framesOf(stacks)).toEqual(['f:3:18', 'f:3:40'])
  })

  test('a token after the start, or on another line, is another function', () => {
    const stacks = newStacks()
    trace(stacks, 23)
    sample(stacks, 18)
    sample(stacks, 18, 'f', 4)
    expect(framesOf(stacks)).toEqual(['f:3:23', 'f:3:18', 'f:4:18'])
  })

  test('in text that has no place of its own, another name is another function', () => {
    const stacks = newStacks()
    for (const name of ['f', 'g', 'f']) stacks.intern(name, 'evalmachine.<anonymous>', 1, 9, true)
    expect(framesOf(stacks)).toEqual(['f:1:9', 'g:1:9'])
  })

  test('a token is used up by the start that it belongs to', () => {
    const stacks = newStacks()
    const id = trace(stacks, 1)
    expect(sample(stacks, 18)).toBe(id)
    expect(sample(stacks, 40)).not.toBe(id)
    expect(framesOf(stacks)).toEqual(['f:3:18', 'f:3:40'])
  })

  test('code of a module itself begins at 1:1, and files of modules are paths', () => {
    const stacks = newStacks()
    const id = stacks.intern('(anonymous)', 'file:///app.js', 0, 0, true)
    expect(stacks.intern('(anonymous)', FILE, 1, 1, false)).toBe(id)
    expect(stacks.frames).toEqual([{ name: '(anonymous)', file: FILE, line: 1, column: 1 }])
  })
})

describe('a function that its two sources call differently has one name', () => {
  const NO = '(anonymous)'
  test.each([
    ['an arrow that keepNames named', [7, NO], [7, 'load'], 'load'],
    ['a function that keepNames named', [16, NO], [7, 'load'], 'load'],
    ['what V8 has guessed for a promise executor', [7, 'r.json.ok'], [7, 'r.json.ok'], 'r.json.ok'],
    ['a method whose key is computed', [23, 'shop'], [7, 'find'], 'find'],
    ['a declaration whose name was set to another', [20, 'inner'], [6, 'outer'], 'inner'],
    ['an arrow whose name was set to another', [6, 'inner'], [6, 'outer'], 'outer'],
    ['a class without a constructor', [7, '<instance_members_initializer>'], [7, 'Shop'], 'Shop'],
    ['a static block', [7, 'Shop'], [7, '<static_initializer>'], 'Shop'],
  ] as const)('%s', (_what, [start, sampled], [token, traced], name) => {
    const tell = {
      sample: (stacks: StackTable) => sample(stacks, start, sampled),
      trace: (stacks: StackTable) => trace(stacks, token, traced),
    }
    for (const order of [
      [tell.sample, tell.trace, tell.sample],
      [tell.trace, tell.sample, tell.trace],
    ]) {
      const stacks = newStacks()
      const ids = order.map((next) => next(stacks))
      expect(new Set(ids)).toEqual(new Set([0]))
      expect(framesOf(stacks)).toEqual([`${name}:3:${start}`])
    }
  })

  test('one whose name changes keeps the same', () => {
    for (const names of [
      ['a', 'b', NO],
      [NO, 'b', 'a'],
    ]) {
      const stacks = newStacks()
      for (const name of names) trace(stacks, 7, name)
      sample(stacks, 7, NO)
      expect(framesOf(stacks)).toEqual(['a:3:7'])
    }
  })

  test('neighbours on a line of minified code stay apart', () => {
    const stacks = newStacks()
    // `function a(r){return r.map(n=>n)}function b(){}`
    trace(stacks, 1, 'a')
    sample(stacks, 28, NO)
    sample(stacks, 45, 'b')
    sample(stacks, 11, 'a')
    trace(stacks, 28, NO)
    trace(stacks, 34, 'b')
    expect(framesOf(stacks)).toEqual(['a:3:11', `${NO}:3:28`, 'b:3:45'])
  })

  test('a new name is sent like a new place', () => {
    const stacks = newStacks()
    const id = sample(stacks, 7, NO)
    stacks.delta()
    trace(stacks, 7, 'load')
    trace(stacks, 7, 'load')
    expect(stacks.delta().corrected).toEqual([
      [id, { name: 'load', file: FILE, line: 3, column: 7 }],
    ])
    expect(stacks.delta().corrected).toEqual([])
  })
})

/** A sample's frames, root first: `main;handler` of the app, `file#name` of others. */
function sampleOf(path: string): NativeFrame[] {
  return path
    .split(';')
    .map((text) => {
      const [file, name] = text.includes('#') ? text.split('#') : [FILE, text]
      return { name: name!, file: file!, line: lineOf(name!), column: 1 }
    })
    .reverse()
}

const TASKS = 'node:internal/process/task_queues#processTicksAndRejections'

describe('a sample’s stack', () => {
  test.each([
    ['a handler in the app', 'main;handler', 'main › handler', 0],
    ['Node on the way to the app', `${TASKS};node:net#onRead;main;node:fs#read`, 'main › read', 0],
    ['Node’s HTTP parser', 'node:net#onRead;wasm://wasm/1#f;main', 'main', 0],
    ['nothing but Node', `${TASKS};node:net#onRead`, 'onRead', 0],
    ['the engine’s collector', `#${GC}`, GC, 1],
    ['our own work', 'main;/profview/a.js#hook;#push', 'main', 2],
    ['the native package', 'main;/srv/node_modules/@datadog/pprof/out/x.js#stop', 'main', 2],
    ['the app, called by us', `main;/profview/a.js#run;${TASKS};next`, 'main › next', 0],
    ['nobody', `#${IDLE}`, IDLE, 3],
  ])('of %s', (_what, path, names, kind) => {
    const stacks = newStacks()
    const stack = stacks.sampled(sampleOf(path))
    expect([namesOf(stacks, stack), stacks.kind[stack]]).toEqual([names, kind])
  })

  const HOOKS = 'node:internal/async_hooks'

  test('called from a hook of ours is ours, whatever Node’s functions we call', () => {
    const stacks = newStacks()
    const hooked = `main;${HOOKS}#promiseInitHook;${HOOKS}#emitInitNative;/profview/a.js#init`
    for (const path of [hooked, `${hooked};node:internal/perf/performance#now;#now`]) {
      const stack = stacks.sampled(sampleOf(path))
      expect([namesOf(stacks, stack), stacks.kind[stack]]).toEqual(['main', 2])
    }
  })

  test('in the engine’s calling of hooks is ours while there are hooks of ours', () => {
    const path = `main;${HOOKS}#promiseInitHook`
    const stacks = newStacks()
    const ours = stacks.sampled(sampleOf(path), true)
    expect([namesOf(stacks, ours), stacks.kind[ours]]).toEqual(['main', 2])
    const theirs = stacks.sampled(sampleOf(path))
    expect([namesOf(stacks, theirs), stacks.kind[theirs]]).toEqual(['main › promiseInitHook', 0])
  })

  test('is looked up by the frames’ identity within a window, and by value after it', () => {
    const stacks = newStacks()
    const frames = sampleOf('main;handler')
    const stack = stacks.sampled(frames)
    expect(stacks.sampled(frames)).toBe(stack)
    stacks.endWindow()
    expect(stacks.sampled(sampleOf('main;handler'))).toBe(stack)
    expect(stacks.size).toBe(3)
  })
})

test('each row is sent once, until all are sent again', () => {
  const stacks = newStacks()
  stacks.sampled(sampleOf('main;a'))
  const first = stacks.delta()
  stacks.sampled(sampleOf('main;b'))
  const second = stacks.delta()
  stacks.resend()
  const all = stacks.delta()
  const rows = ({ reset, frames, parent, frame }: typeof first) => ({
    reset,
    names: frames.map(({ name }) => name),
    parent: [...parent],
    frame: [...frame],
  })
  expect([first, second, all].map(rows)).toEqual([
    { reset: true, names: ['main', 'a'], parent: [-1, 0, 1], frame: [-1, 0, 1] },
    { reset: false, names: ['b'], parent: [1], frame: [2] },
    { reset: true, names: ['main', 'a', 'b'], parent: [-1, 0, 1, 1], frame: [-1, 0, 1, 2] },
  ])
})

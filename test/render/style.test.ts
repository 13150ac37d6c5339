import { describe, expect, test } from 'vitest'
import { heatOf } from '../../src/render/heat.js'
import { styleFor } from '../../src/render/style.js'

describe('heat', () => {
  const SHARES = [0, 0.019, 0.02, 0.099, 0.1, 0.299, 0.3, 0.599, 0.6, 1]

  test('has five steps', () => {
    expect(SHARES.map(heatOf)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
  })

  test('is the terminal’s as well: dim, plain, green, yellow, red', () => {
    const { heat } = styleFor({ color: true, unicode: true })
    const codes = SHARES.map((share) => /^\x1b\[(\d+)m/.exec(heat(share)('x'))?.[1] ?? '')
    expect(codes).toEqual(['2', '2', '', '', '32', '32', '33', '33', '31', '31'])
  })
})

test('accounts are painted as their frames are', () => {
  const { account, kind } = styleFor({ color: true, unicode: true })
  expect(account('cpu')('x')).toBe(kind('app')('x'))
  for (const same of ['gc', 'await', 'blocked', 'profiler', 'unknown'] as const) {
    expect(account(same)('x')).toBe(kind(same)('x'))
  }
})

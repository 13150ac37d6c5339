import { expect, onTestFinished, test, vi } from 'vitest'
import { DEFAULT_LOGGER } from '../../src/recorder/logger.js'

test('each warning comes once, and of those that differ each time not all are remembered', () => {
  const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => emit.mockRestore())
  const times = (text: string) => emit.mock.calls.filter(([said]) => said === text).length
  for (let i = 0; i < 3; i++) DEFAULT_LOGGER.warn('profview: the same')
  expect(times('the same')).toBe(1)
  for (let i = 0; i < 1000; i++) DEFAULT_LOGGER.warn(`profview: cannot write ${i}`)
  DEFAULT_LOGGER.warn('profview: the same')
  expect(times('the same')).toBe(2)
  expect(emit).toHaveBeenCalledTimes(1002)
})

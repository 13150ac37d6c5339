/** What fails below us, the app does not notice. */
import { expect, test, vi } from 'vitest'
import { injectFaults } from './faults.mjs'

vi.setConfig({ testTimeout: 600_000 })

test('each call of the native part, the file system and threads fails, and the app is as without us', async () => {
  const found = await injectFaults({ mounts: ['slow'] })
  expect(found.differences).toEqual([])
  expect(found.calls).toBeGreaterThan(25)
  expect(found.faults).toBe(2 * found.calls)
  // A call that was made once may not be made each time.
  expect(found.failed).toBeGreaterThan(found.faults * 0.8)
})

test('what the app does notice is found', async () => {
  const fault = { thread: 'app', name: 'native.start', at: 1, always: false, how: 'ends' } as const
  const { differences } = await injectFaults({ mounts: ['triggers'], faults: [fault] })
  expect(differences).toEqual([
    expect.stringMatching(
      /^triggers: app native.start ends at call 1, ends by itself\n- +"code": 0/,
    ),
  ])
})

test('a native part that fails when it is tried is not used, and ends no process later', async () => {
  const names = ['native.createContextHolder', 'native.context.get', 'native.start']
  const faults = names.flatMap((name) =>
    ['throws', 'gives nothing'].map(
      (how) => ({ thread: 'app', name, at: 1, always: false, how }) as const,
    ),
  )
  const found = await injectFaults({ mounts: ['slow'], faults })
  expect(found.differences).toEqual([])
  expect(found.faults).toBe(faults.length)
})

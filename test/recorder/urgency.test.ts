/** Whose profile is handed over at once, and whose may share a window with the next. */
import { expect, test } from 'vitest'
import { resolveOptions } from '../../dist/recorder/resolve-options.js'
import { threadRecorder } from '../../dist/recorder/thread-recorder.js'
import type { Detail } from '../../dist/sampler/recording.js'
import { Recordings } from '../../dist/sampler/recordings.js'
import type { Kept } from '../../src/profile/profile.js'

const recorder = threadRecorder(resolveOptions({ dir: 'urgency' }, {}))!

function isUrgent(kept: Kept, detail: Detail): boolean {
  const recording = recorder.begin(
    {
      id: kept,
      kind: 'request',
      name: null,
      kept,
      request: () => null,
      labels: {},
      startedAt: new Date(),
      warnings: [],
      store: null,
      isAwaited: kept === 'call',
      answered() {},
    },
    () => '',
    detail,
  )
  recorder.sampler.end(recording)
  const recordings = new Recordings()
  recordings.addEnded(recording)
  return recordings.areUrgent
}

test('who asked for a profile does not wait for others, followed or not', () => {
  const who: Kept[] = ['trigger', 'call', 'share', 'all']
  expect(who.map((kept) => isUrgent(kept, 'labels'))).toEqual([true, true, false, false])
  expect(who.map((kept) => isUrgent(kept, 'awaits'))).toEqual([true, true, true, true])
})

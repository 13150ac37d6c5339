import { expect, test } from 'vitest'
import { locatorFor } from '../../src/render/paths.js'
import { metaOf } from '../support/dumps.js'
import { profileOf } from '../support/trees.js'

test('a file of the app that is named as what kept the loop busy only is one, too', () => {
  const profile = profileOf`
    main@/app/node_modules/pkg/a.js:1:1 1
  `
  const add = { title: '[unknown]', name: 'add', file: '/app/src/add.js', line: 3, micros: 9 }
  const queued = { minMicros: 0, maxMicros: 9, othersKeptOut: 0, by: [add] }
  const locate = locatorFor({ ...profile, sources: [metaOf('1', { queued })] }, '/app')
  expect(locate({ ...add, column: 0 })).toBe('src/add.js:3')
})

test('files below the root and relative ones share nothing, and are shown whole', () => {
  const profile = profileOf`
    main@/app/a.js:1:1 1
    main@lib/b.js:2:1 1
  `
  const locate = locatorFor(profile, '/elsewhere')
  expect(profile.frames.slice(1).map(locate)).toEqual(['/app/a.js:1', 'lib/b.js:2'])
})

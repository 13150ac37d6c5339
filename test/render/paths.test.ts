import { expect, test } from 'vitest'
import { locatorFor } from '../../src/render/paths.js'
import { profileOf } from '../support/trees.js'

test('files below the root and relative ones share nothing, and are shown whole', () => {
  const profile = profileOf`
    main@/app/a.js:1:1 1
    main@lib/b.js:2:1 1
  `
  const locate = locatorFor(profile, '/elsewhere')
  expect(profile.frames.slice(1).map(locate)).toEqual(['/app/a.js:1', 'lib/b.js:2'])
})

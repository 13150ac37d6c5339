/** Whatever fails inside us, of all that we call: the app is answered as before, once. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, runNode, temporaryDir } from '../support/app.js'

const APP = join(ROOT, 'test/support/builtin-faults.cjs')

/** On a busy machine all of them take longer than one process may. */
const SHARES = [0, 1, 2, 3]

test.each(
  [{}, { mode: 'all', awaits: true }].flatMap((options) =>
    SHARES.map((share) => [options, share] as const),
  ),
)('each builtin that we call throws, with %o, share %i', async (options, share) => {
  const args = [JSON.stringify({ dir: temporaryDir(), ...options }), share, SHARES.length]
  const { code, out } = await runNode([APP, ...args.map(String)])
  expect(out).toBe('many builtins threw\n')
  expect(code).toBe(0)
})

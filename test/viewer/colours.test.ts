import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ACCOUNTS } from '../../src/profile/accounts.js'

const STYLES = join(import.meta.dirname, '../../viewer/src/styles')
const TOKENS = readFileSync(join(STYLES, 'tokens.css'), 'utf8')

test.each(ACCOUNTS)(
  '%s has colours of its own, for areas and for text, light and dark',
  (account) => {
    expect(valuesOf(account)).toEqual([expect.stringMatching(BOTH), expect.stringMatching(BOTH)])
    const others = ACCOUNTS.filter((other) => other !== account).flatMap(valuesOf)
    expect(others).not.toContain(valuesOf(account)[0])
  },
)

test("no other style sheet names an account's colour", () => {
  const named = new RegExp(
    `--(${ACCOUNTS.join('|')})\\b|\\.(fill|finding)-(${ACCOUNTS.join('|')})\\b`,
  )
  const files = readdirSync(STYLES).filter((name) => name !== 'tokens.css')
  expect(files.length).toBeGreaterThan(5)
  const wrong = files.filter((name) => named.test(readFileSync(join(STYLES, name), 'utf8')))
  expect(wrong).toEqual([])
})

// --- internal ---

const BOTH = /^light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\)$/

/** Of the area and of the text. */
function valuesOf(account: string): (string | undefined)[] {
  return ['', '-ink'].map((suffix) => {
    return new RegExp(`^\\s*--${account}${suffix}: (.*);$`, 'm').exec(TOKENS)?.[1]
  })
}

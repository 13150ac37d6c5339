import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Io } from '../../src/cli/output.js'
import { Session } from '../../src/cli/session.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A session whose error output is kept. */
function sessionOn(isTTY: boolean): { session: Session; text: () => string } {
  let text = ''
  const stream = { isTTY, on: () => {}, write: (more: string) => (text += more) }
  const io = { stdout: stream, stderr: stream, env: {}, cwd: '/' } as unknown as Io
  return { session: new Session(io), text: () => text }
}

test('says on a terminal what a long work is at, from its second second on, and takes it back', () => {
  const { session, text } = sessionOn(true)
  for (let step = 0; step <= 6; step++) {
    session.progress(() => `step ${step}`)
    vi.advanceTimersByTime(250)
  }
  const shown = '\r\x1b[Kstep 4\r\x1b[Kstep 5\r\x1b[Kstep 6'
  expect(text()).toBe(shown)
  session.progressDone()
  expect(text()).toBe(`${shown}\r\x1b[K`)
})

test('says nothing of short work, nor where nobody looks', () => {
  const short = sessionOn(true)
  short.session.progress(() => 'step')
  vi.advanceTimersByTime(900)
  short.session.progress(() => 'step')
  short.session.progressDone()
  const piped = sessionOn(false)
  piped.session.progress(() => 'step')
  vi.advanceTimersByTime(5000)
  piped.session.progress(() => 'step')
  piped.session.progressDone()
  expect([short.text(), piped.text()]).toEqual(['', ''])
})

/** Whom `profview attach` does not visit: one line says why, and nobody is harmed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isThere } from '../../src/store/process-identity.js'
import { type Ended, ROOT, run, temporaryDir } from '../support/app.js'
import { answerOf, inventoryOf, stranger } from '../support/stranger.js'

const BIN = join(ROOT, 'bin/profview.js')
const KNOWS_FLAG = process.allowedNodeEnvironmentFlags.has('--disable-sigusr1')

function attach(pid: number, ...args: string[]): Promise<Ended> {
  return run(process.execPath, [BIN, 'attach', String(pid), '--dir', temporaryDir(), ...args])
}

function refusal(pid: number, reason: string) {
  return {
    code: 1,
    out: '',
    err: expect.stringMatching(`^profview: cannot attach to ${pid}: ${reason}.*\n$`),
  }
}

describe.runIf(process.platform === 'linux')('refused is', { timeout: 60_000 }, () => {
  test('who is not there', async () => {
    const { pid, child } = await stranger()
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await attach(pid)).toMatchObject(refusal(pid, 'there is no such process'))
  })

  test('who is no Node, and lives', async () => {
    const child = spawn('sleep', ['60'])
    onTestFinished(() => void child.kill())
    expect(await attach(child.pid!)).toMatchObject(refusal(child.pid!, 'it is no Node, but '))
    expect(isThere(child.pid!)).toBe(true)
  })

  test.runIf(KNOWS_FLAG)('whom the signal would end, and lives', async () => {
    const { pid, servers } = await stranger({ flags: ['--disable-sigusr1'] })
    expect(await attach(pid)).toMatchObject(refusal(pid, 'it does not handle SIGUSR1'))
    expect(await answerOf(servers[0]!, '/page/1')).toContain('page 1')
  })

  test('who handles the signal itself', async () => {
    const { pid, servers, stderr } = await stranger({ env: { HANDLES: '1' } })
    expect(await attach(pid)).toMatchObject(refusal(pid, 'SIGUSR1 opens no inspector there'))
    expect(stderr()).toBe('app has SIGUSR1\n')
    expect(await answerOf(servers[0]!, '/page/1')).toContain('page 1')
  })

  test('whose port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const { pid, stderr } = await stranger({ flags: [`--inspect-port=${port}`] })
    expect(await attach(pid)).toMatchObject(refusal(pid, `port ${port}, `))
    expect(stderr()).toBe('')
  })

  test.each([
    ['where it is off', { PROFVIEW: 'off' }, 'PROFVIEW=off is set in it'],
    ['who loads no native part', { NODE_OPTIONS: '--no-addons' }, 'no native profiler'],
  ] as const)('%s, and is as it was', async (_what, env, reason) => {
    const { pid, servers } = await stranger({ env })
    const before = await inventoryOf(servers[0]!)
    const ended = await attach(pid)
    expect(ended).toMatchObject(refusal(pid, reason))
    await expect.poll(() => inventoryOf(servers[0]!), { timeout: 10_000 }).toEqual(before)
  })

  test('who has profview itself', async () => {
    const NODE_OPTIONS = `--import=${join(ROOT, 'dist/bundle/register.mjs')}`
    const { pid, servers } = await stranger({ env: { NODE_OPTIONS, PROFVIEW_DIR: temporaryDir() } })
    expect(await attach(pid)).toMatchObject(
      refusal(pid, 'it has profview itself: profview capture'),
    )
    expect(await answerOf(servers[0]!, '/page/1')).toContain('page 1')
  })

  test('who is being visited already; when told to stop, that one leaves', async () => {
    const { pid, servers } = await stranger()
    const dir = temporaryDir()
    const before = await inventoryOf(servers[0]!)
    const first = spawn(process.execPath, [
      BIN,
      'attach',
      String(pid),
      '--for',
      '60s',
      '--dir',
      dir,
    ])
    const ended = once(first, 'exit')
    const symbols = async () => (await inventoryOf(servers[0]!)).symbols
    await expect.poll(symbols, { timeout: 20_000 }).not.toEqual([])
    expect(await attach(pid)).toMatchObject(refusal(pid, 'somebody is attached already'))
    first.kill('SIGINT')
    expect(await ended).toEqual([130, null])
    await expect.poll(() => inventoryOf(servers[0]!), { timeout: 10_000 }).toEqual(before)
  })

  test('nobody for a command that was killed: its process leaves at its time', async () => {
    const { pid, servers } = await stranger()
    const dir = temporaryDir()
    const before = await inventoryOf(servers[0]!)
    const killed = spawn(process.execPath, [
      BIN,
      'attach',
      String(pid),
      '--for',
      '4s',
      '--dir',
      dir,
    ])
    const symbols = async () => (await inventoryOf(servers[0]!)).symbols
    await expect.poll(symbols, { timeout: 20_000 }).not.toEqual([])
    killed.kill('SIGKILL')
    await expect.poll(() => inventoryOf(servers[0]!), { timeout: 20_000 }).toEqual(before)
    expect(existsSync(join(dir, '.capture'))).toBe(true)
  })

  test('without --for, what needs it', async () => {
    const ended = await attach(process.pid, '--slow', '10')
    expect([ended.code, ended.err]).toEqual([2, expect.stringContaining('need --for')])
  })
})

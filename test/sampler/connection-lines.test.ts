/** What is known of a connection from before anybody looked, or from an earlier time of looking. */
import { Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Runner } from '../../src/sampler/async/runner.js'
import { SocketOwners } from '../../src/sampler/async/socket-owners.js'
import { SocketWaits } from '../../src/sampler/async/socket-waits.js'
import { WaitLog } from '../../src/sampler/async/wait-log.js'
import type { Wait } from '../../src/sampler/async/waits.js'
import { Bystander } from '../../src/sampler/recording.js'

const begunAt = (id: number, startedAt: number) => new Bystander(id, () => `GET /${id}`, startedAt)

function scene() {
  /** As whose what comes in was run: by context, null for nobody's; none: as it was. */
  const ran: (number | null)[] = []
  const runner = {
    current: null as Wait | null,
    run<T>(owner: Wait | null, fn: () => T): T {
      ran.push(owner?.id ?? null)
      return fn()
    },
  }
  const shared = begunAt(99, 0).root
  const waits = new SocketWaits(new WaitLog())
  const owners = new SocketOwners(runner as unknown as Runner, waits, () => shared)
  onTestFinished(() => owners.disable())
  // It is not connected: what is written fails, later.
  const socket = new Socket().on('error', () => {})
  return { owners, runner, socket, ran }
}

test('what comes in on a connection that nobody has written to is its creator’s, unless long gone', () => {
  const { owners, runner, socket, ran } = scene()
  owners.enable(10)
  runner.current = begunAt(1, 15).root
  socket.push('greeting')
  expect(ran).toEqual([])
  runner.current = begunAt(2, 5).root
  socket.push('greeting')
  expect(ran).toEqual([null])
})

test('who wrote at an earlier time of looking shares the connection with nobody', () => {
  const { owners, runner, socket, ran } = scene()
  owners.enable(0)
  runner.current = begunAt(1, 0).root
  socket.write('question')
  owners.disable()
  owners.enable(10)
  runner.current = begunAt(2, 10).root
  socket.write('question')
  runner.current = null
  socket.push('answer')
  expect(ran).toEqual([2])
})

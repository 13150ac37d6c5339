/** Since when a request may have waited: turns of the loop, connections and answers set by hand. */
import { channel } from 'node:diagnostics_channel'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { beforeEach, describe, expect, test } from 'vitest'
import { Connections } from '../../src/sampler/connections.js'
import type { QueueBound } from '../../src/sampler/queue-bound.js'
import { SetClock } from '../support/sampler-parts.js'

/** A loop whose turns the test ends. */
class Loop {
  turn = 10
  checkedAt = 95
  checkedBefore = 90
  sleptMs = 0
  sleptBeforeMs = 0

  get slept(): boolean {
    return this.sleptMs > 0
  }

  /** The check phase; `sleptMs`: in the turn that begins. */
  endsTurn(sleptMs = 0): void {
    this.turn++
    this.checkedBefore = this.checkedAt
    this.checkedAt = clock.at
    this.sleptBeforeMs = this.sleptMs
    this.sleptMs = sleptMs
  }
}

let clock: SetClock
let loop: Loop
let connections: Connections

beforeEach(() => {
  clock = new SetClock()
  clock.at = 100
  loop = new Loop()
  connections = new Connections(loop)
  connections.watch()
})

/** A socket that swallows what is written to it. */
function newSocket(): Socket {
  return new PassThrough().resume() as unknown as Socket
}

function accept(): Socket {
  const socket = newSocket()
  channel('net.server.socket').publish({ socket })
  return socket
}

/** What Node tells of a request, before the app is asked. */
function begin(socket: Socket): ServerResponse<IncomingMessage> {
  const request = new IncomingMessage(socket)
  request.httpVersionMajor = 1
  request.httpVersionMinor = 1
  const response = new ServerResponse(request)
  channel('http.server.request.start').publish({ request, response, socket, server: null })
  return response
}

/** A request is seen, and answered by `answer`. */
function ask(socket: Socket, answer = (_response: ServerResponse) => {}): QueueBound {
  const response = begin(socket)
  response.assignSocket(socket)
  const bound = connections.boundOf(response.req, response)
  answer(response)
  response.detachSocket(socket)
  return bound
}

describe('a new connection', () => {
  test('waits from the poll before the one that brought it', () => {
    const socket = accept()
    loop.endsTurn()
    expect(ask(socket)).toMatchObject({ from: 90, isOfBatch: true })
  })

  test('from the check phase, where the loop has slept since', () => {
    loop.sleptMs = 3
    const socket = accept()
    loop.endsTurn()
    expect(ask(socket)).toMatchObject({ from: 95, isOfSleep: true })
  })

  test('and if the loop slept in that poll, its samples may tell more, in which it was not seen', () => {
    loop.sleptMs = 3
    loop.endsTurn()
    const socket = accept()
    loop.endsTurn()
    expect(ask(socket)).toMatchObject({
      ...{ from: 95, thenSleptMs: 3, thenEndedBy: 100, sleptMs: 0, isOfSleep: false },
    })
  })

  test('and those after it, one for each turn, since the first one’s', () => {
    const sockets = [0, 1, 2].map(() => {
      clock.at += 50
      const socket = accept()
      loop.endsTurn()
      return socket
    })
    expect(ask(sockets[2]!).from).toBe(90)
    expect(connections.waitingSince).toBe(90)
  })

  test('but not where the loop slept in between: nobody was waiting', () => {
    accept()
    clock.at = 110
    loop.endsTurn(4)
    const socket = accept()
    loop.endsTurn()
    expect(ask(socket).from).toBe(110)
  })

  test('nor where a turn brought none', () => {
    accept()
    clock.at = 110
    loop.endsTurn()
    loop.endsTurn()
    const socket = accept()
    loop.endsTurn()
    expect(ask(socket).from).toBe(110)
  })

  test('that says nothing at first has its request looked for like others', () => {
    const socket = accept()
    clock.at = 110
    loop.endsTurn()
    clock.at = 120
    loop.endsTurn()
    clock.at = 130
    loop.endsTurn()
    expect(ask(socket).from).toBe(120)
  })

  test('or slept after the accept', () => {
    const socket = accept()
    clock.at = 110
    loop.endsTurn(2)
    clock.at = 113
    const slept = { sleptMs: 2, thenSleptMs: 2, thenEndedBy: 113 }
    expect(ask(socket)).toMatchObject({ from: 110, ...slept })
  })

  test('that was made before anybody looked: nobody knows, but of its later requests', () => {
    const socket = newSocket()
    expect(ask(socket).from).toBeNull()
    expect(ask(socket).from).toBe(90)
  })

  test('with a handshake brings nothing before that', () => {
    const socket = Object.assign(newSocket(), { encrypted: true })
    expect(ask(socket)).toMatchObject({ from: 90, isOfBatch: false })
    expect(ask(socket)).toMatchObject({ from: 90, isOfBatch: true })
  })
})

describe('a connection that is kept alive', () => {
  /** A connection whose first request is answered at that time. */
  function answered(at: number, answer = (response: ServerResponse) => void response.end('x')) {
    const socket = accept()
    loop.endsTurn()
    ask(socket, (response) => {
      clock.at = at
      answer(response)
    })
    return socket
  }

  test('brings nothing before its last answer is there', () => {
    const socket = answered(140)
    clock.at = 150
    expect(ask(socket).from).toBe(140)
  })

  test('in pieces: before the last of them', () => {
    const socket = answered(140, (response) => {
      response.write('x')
      clock.at = 145
      response.end()
    })
    expect(ask(socket).from).toBe(145)
  })

  test('nothing is known of an answer that was complete before its end', () => {
    const socket = answered(140, (response) => {
      response.setHeader('content-length', 1)
      response.write('x')
      clock.at = 145
      response.end()
    })
    expect(ask(socket).from).toBe(95)
  })

  test('an answer ends once', () => {
    const socket = answered(140, (response) => {
      response.end('x')
      clock.at = 145
      response.end()
    })
    expect(ask(socket).from).toBe(140)
  })

  test('unless it does not wait for answers', () => {
    const socket = accept()
    loop.endsTurn()
    ask(socket, (response) => {
      const behind = begin(socket)
      expect(connections.boundOf(behind.req, behind)).toMatchObject({
        from: 95,
        cameBy: 100,
        isOfBatch: false,
      })
      clock.at = 140
      response.end('x')
    })
    expect(ask(socket).from).toBe(95)
  })
})

describe('it had come by', () => {
  test('the first request or connection of the turn', () => {
    const socket = accept()
    loop.endsTurn()
    const other = ask(socket, () => {
      clock.at = 300
    })
    expect(other).toMatchObject({ seenAt: 100, cameBy: 100 })
    const late = accept()
    expect(ask(socket)).toMatchObject({ seenAt: 300, cameBy: 100 })
    loop.endsTurn()
    clock.at = 310
    expect(ask(late)).toMatchObject({ seenAt: 310, cameBy: 310 })
  })
})

test('in the first turns nothing is known yet', () => {
  loop.turn = 0
  const early = accept()
  loop.endsTurn()
  expect(ask(early).from).toBeNull()
  loop.sleptMs = 1
  expect(ask(early).from).toBe(100)
})

test('nothing is known of a request that somebody has kept from us', () => {
  const socket = accept()
  const response = begin(socket)
  loop.endsTurn()
  expect(connections.boundOf(response.req, response)).toMatchObject({
    from: null,
    isOfBatch: false,
  })
})

test('streams of HTTP/2 are looked for like others, but for the first of a bare connection', () => {
  const bound = (session: object, socket: object, id = 1) => {
    const request = { httpVersionMajor: 2, stream: { session, id }, socket }
    return connections.boundOf(request as never, {} as never).from
  }
  const [bare, encrypted] = [{}, {}]
  expect([bound(bare, {}), bound(bare, {}, 3)]).toEqual([null, 90])
  expect(bound(encrypted, { encrypted: true })).toBe(90)
  // Not the first, though nobody asked about those before.
  expect([bound({}, {}, 3), bound({}, {}, 5)]).toEqual([null, 90])
})

test('a connection remembers who has decided about its request, until the next one', () => {
  const [one, other] = [{}, {}]
  const socket = accept()
  const { req: first } = begin(socket)
  expect(connections.hasDecided(one, first)).toBe(false)
  expect(connections.decides(one, first)).toBe(true)
  expect(connections.hasDecided(one, first)).toBe(true)
  // There is room for one.
  expect(connections.decides(other, first)).toBe(false)
  expect(connections.hasDecided(other, first)).toBe(false)
  const { req: second } = begin(socket)
  expect([first, second].map((each) => connections.hasDecided(one, each))).toEqual([false, false])
  expect(connections.decides(one, first)).toBe(false)
})

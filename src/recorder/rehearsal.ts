/**
 * The first request that is recorded would run code that has never run: 4–5 ms of the loop, most of
 * it V8's first look at a function. So what such a request does is done once before, for nobody, in
 * a while when the app has started, a little in each turn of the loop. Nothing of the app is
 * called, no hook is switched on, and nothing is written.
 */
import { executionAsyncResource } from 'node:async_hooks'
import type { Steps } from '../profile/steps.js'
import type { HookEvents } from '../sampler/async/hooks.js'
import type { ThreadSampler } from '../sampler/thread-sampler.js'
import type { Settings } from './options.js'
import type { IncomingRequest, OutgoingResponse } from './request.js'

/** Serves a request as the middleware does. */
export type Serve = (request: IncomingRequest, response: OutgoingResponse, next: () => void) => void

/**
 * Each step holds up the loop for about a millisecond, so it has a turn to itself. What it leaves
 * behind is one window that is taken and put together, as after a request, and thrown away.
 */
export function* rehearse(
  sampler: ThreadSampler,
  settings: Settings,
  serve: Serve,
  tellRoute: () => void,
): Steps<void> {
  const act = (scene: (events: HookEvents) => void) => sampler.rehearse(scene)
  act(() => sampler.owners.rehearse())
  yield
  act(() => sampler.end(sampler.begin(nameless, 'awaits')))
  yield
  act((events) => {
    const recording = sampler.begin(nameless, 'awaits')
    sampler.run(recording, () => callBack(events))
    sampler.end(recording)
  })
  yield
  act(() => serve(requestOf(settings, 'nobody'), responseOf(), () => {}))
  yield
  act(tellRoute)
  yield
  for (let i = 0; i < REQUESTS; i++) {
    act((events) => {
      const response = responseOf()
      serve(requestOf(settings, '127.0.0.1'), response, () => {
        callBack(events)
        response.writeHead(200)
        response.end()
      })
    })
    yield
  }
  act(() => sampler.owners.tidy(0))
}

/** What apps decide is not asked for it. */
export function settingsOf(settings: Settings): Settings {
  return { ...settings, authorize: null, secret: null, production: false, labels: null }
}

// --- internal ---

/** The second still costs twice what the fourth does. */
const REQUESTS = 3
const nameless = () => ''

/** What hooks tell of a timer and of a promise, made and called back. */
function callBack(events: HookEvents): void {
  const timer = executionAsyncResource()
  events.made(0, 'Timeout', 0, timer)
  const promise = Promise.resolve()
  events.made(0, 'PROMISE', 0, promise)
  events.promiseMade(promise, undefined)
  events.before()
  events.settled(0)
  events.after()
  events.promiseGoesOn(promise)
  events.promiseSettled(promise)
  events.after()
}

function requestOf({ header }: Settings, remoteAddress: string): IncomingRequest {
  const socket = { remoteAddress, destroyed: false, on() {}, removeListener() {} }
  const headers = { host: 'localhost', [header]: '1' }
  const request = { method: 'GET', url: '/', httpVersionMajor: 1, headers, socket }
  return request as unknown as IncomingRequest
}

function responseOf(): OutgoingResponse {
  return new Rehearsed() as unknown as OutgoingResponse
}

/** As much of a response as is looked at. */
class Rehearsed {
  readonly statusCode = 200
  headersSent = false
  writableFinished = false
  readonly #listeners = new Map<string, () => void>()

  on(event: string, listener: () => void): void {
    this.#listeners.set(event, listener)
  }

  removeListener(event: string): void {
    this.#listeners.delete(event)
  }

  getHeader(): undefined {}

  setHeader(): void {}

  writeHead(): void {
    this.headersSent = true
  }

  end(): void {
    this.writableFinished = true
    this.#listeners.get('finish')?.()
  }
}

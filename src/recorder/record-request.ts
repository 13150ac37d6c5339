import type { Kept } from '../profile/profile.js'
import { warning } from '../profile/warnings.js'
import { clearTimeout, setTimeout } from '../sampler/node-timers.js'
import { type QueueBound, type Queueing, queuedSoFar, queueingOf } from '../sampler/queue-bound.js'
import { quietly } from '../sampler/quietly.js'
import type { Recording } from '../sampler/recording.js'
import type { ThreadSampler } from '../sampler/thread-sampler.js'
import { isVisit, whenLeaving } from '../sampler/visit.js'
import { cameAlone } from './arrival.js'
import { coldWarnings } from './cold-start.js'
import { bodyAskedBy, isAsked, type Trigger } from './gate/trigger.js'
import type { Settings } from './options.js'
import type { Recorder } from './recorder.js'
import type { IncomingRequest, OutgoingResponse, RouteOf } from './request.js'
import { RequestSubject, RequestTitle } from './request-subject.js'
import { holdResponse } from './response/html-response.js'
import { markResponse, type Timing } from './response/response.js'
import { whenOver } from './response/response-end.js'
import { noteSent, sentOf } from './sent.js'

/** Begins the recording of a request, which ends with its response or at `limits.durationMs`. */
export function recordRequest(
  recorder: Recorder,
  request: IncomingRequest,
  response: OutgoingResponse,
  routeOf: RouteOf,
  trigger: Trigger,
  bound: QueueBound | null,
  settings: Settings,
  onDropped: RequestSubject['onDropped'],
): Recording {
  const title = new RequestTitle(request, routeOf)
  const subject = new RequestSubject(response, title, keptBy(trigger, settings), settings)
  subject.onDropped = onDropped
  subject.limitMs = settings.limits.durationMs
  subject.warnings.push(...coldWarnings(recorder))
  const body = isAsked(trigger) ? bodyAskedBy(request, settings) : null
  const follows = settings.awaits ?? isAsked(trigger)
  const recording = recorder.begin(subject, title.teller, follows ? 'awaits' : 'labels')
  try {
    if (body !== null) subject.held = holdResponse(request, response, body)
    if (bound !== null) recording.queueing = queueingFrom(bound, request, trigger, settings)
    if (bound !== null) recorder.waiters?.comes(recording, request, { ...bound, bound })
    if (isAsked(trigger)) recorder.arrivals.ask(subject.id, request, recording.queueing)
    subject.label(request)
    markResponse(response, subject.id, trigger, () => {
      subject.joinTrace()
      return timingsOf(recorder.sampler, recording)
    })
    endWith(request, response, recorder, recording, subject, settings.limits.durationMs)
  } catch (error) {
    subject.warnings.push(warning('no-end', 'the end of the response could not be watched'))
    title.freeze()
    recorder.sampler.end(recording)
    subject.held?.release(null)
    throw error
  }
  return recording
}

// --- internal ---

function keptBy(trigger: Trigger, { mode }: Settings): Kept {
  if (isAsked(trigger)) return 'trigger'
  if (isVisit()) return 'attach'
  return typeof mode === 'number' ? 'share' : 'all'
}

function queueingFrom(
  bound: QueueBound,
  request: IncomingRequest,
  trigger: Trigger,
  settings: Settings,
): Queueing {
  const queueing = queueingOf(bound)
  const isTriggered = isAsked(trigger)
  const sent = sentOf(request, settings, isTriggered, performance.now() - bound.seenAt)
  if (sent !== null) noteSent(queueing, sent)
  return queueing
}

/**
 * The accounts as far as they are known, and the queue, if there was one. Only samples, which come
 * later, tell what is in a sum.
 */
function timingsOf(sampler: ThreadSampler, recording: Recording): Timing[] {
  const timings: Timing[] = []
  const soFar = sampler.soFar(recording)
  if (soFar !== null) {
    const { ran, blocked, rest } = soFar
    timings.push({ name: 'cpu', ms: ran, note: 'cpu, gc and offcpu' })
    const isKnown = blocked !== null
    const note = isKnown ? 'await and profiler' : 'await, blocked and profiler'
    timings.push({ name: 'await', ms: rest, note })
    // What it waited for at the same time may have come no sooner.
    if (isKnown) timings.push({ name: 'blocked', ms: blocked, note: 'blocked up to' })
  }
  const queued = recording.queueing && queuedSoFar(recording.queueing)
  if (queued !== null) {
    const note = queued.bound === '' ? '' : `queued ${queued.bound}`
    timings.push({ name: 'queued', ms: queued.ms, note })
  }
  return timings
}

/** Ends the recording with the response, or at the limit. */
function endWith(
  request: IncomingRequest,
  response: OutgoingResponse,
  recorder: Recorder,
  recording: Recording,
  subject: RequestSubject,
  durationMs: number,
): void {
  const release = recorder.sampler.adopt(recording)
  let limit: NodeJS.Timeout | undefined
  let hasEnded = false
  const end = () => {
    if (hasEnded) return
    hasEnded = true
    forget()
    recorder.underWay--
    try {
      release()
      subject.title.freeze()
      subject.cameAlone = cameAlone(request)
      recorder.waiters?.over(recording)
    } finally {
      recorder.sampler.end(recording)
    }
  }
  const { held } = subject
  const over = (aborted: boolean) => {
    clearTimeout(limit)
    held?.over()
    if (!hasEnded) subject.aborted = aborted
    end()
  }
  recorder.underWay++
  let stopListening = () => {}
  const forget = whenLeaving(() => {
    clearTimeout(limit)
    stopListening()
  })
  const cutOff = () => {
    const text = `cut off after ${durationMs} ms, before the response ended`
    subject.warnings.push(warning('cut-off', text))
    stopListening()
    held?.release(null)
    end()
  }
  try {
    stopListening = whenOver(recorder.sampler.connections, request, response, over)
    if (held !== null) {
      held.onEnd = () => {
        clearTimeout(limit)
        end()
      }
    }
    limit = setTimeout(quietly(cutOff), durationMs).unref()
  } catch (error) {
    stopListening()
    end()
    throw error
  }
}

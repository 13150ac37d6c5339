/**
 * Loaded into a process that was never prepared, by `profview attach`: records its requests, of
 * servers that listen already, and leaves it as it was.
 */
import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printableReason } from '../printable.js'
import { environment } from '../recorder/environment.js'
import type { Mode } from '../recorder/option-values.js'
import type { Settings } from '../recorder/options.js'
import {
  type AttachOrder,
  requireWritable,
  VisitRecording,
} from '../recorder/process/visit-recording.js'
import { resolveOptions } from '../recorder/resolve-options.js'
import { ServerRequests } from '../recorder/server-requests.js'
import { threadRecorder } from '../recorder/thread-recorder.js'
import { listenersOf } from '../sampler/async/channels.js'
import { beginVisit, leave } from '../sampler/visit.js'
import { routeOfAny } from './routes-of-any.js'
import { type FastifyRequestLike, noteRoute } from './routes-of-fastify.js'
import { noteContextsOfKoa } from './routes-of-koa.js'

/** `''` where it has begun, else why not. Nothing is left where it has not. */
export function attach(order: AttachOrder): string {
  beginVisit()
  globals[ATTACHED] = true
  try {
    record(order)
    return ''
  } catch (error) {
    depart()
    return printableReason(error)
  }
}

// --- internal ---

/** Somebody is attached: what the injected code asks first. */
const ATTACHED = Symbol.for('profview.attached.1')
const globals = globalThis as { [key: symbol]: unknown }

function record(order: AttachOrder): void {
  requireWritable(order)
  const notes: string[] = []
  const settings = settingsOf(order, notes)
  if (settings.mode === 'off') throw new Error('PROFVIEW=off is set in it, which beats all else')
  const recorder = threadRecorder(settings)
  if (recorder === null) throw new Error(notes.pop()?.replace(/^profview: .*?: /, '') ?? '')
  if (!recorder.sampler.isRunning) throw new Error(notes.pop() ?? 'its profiler does not start')
  const visit = new VisitRecording(order, settings, recorder, routeOfAny, notes, depart)
  const servers = new ServerRequests(() => visit.handling)
  servers.watch()
  noteContextsOfKoa()
  listenersOf({
    // Of another kind than those that there are.
    'tracing:net.server.listen:asyncStart': () => servers.watch(),
    // An instance of Fastify takes no hook any more; from 5 on it tells of each handler.
    'tracing:fastify.request.handler:start': ({ request }: Handled) => noteRoute(request),
  }).enable()
  visit.start()
}

interface Handled {
  readonly request: FastifyRequestLike
}

/** What its environment asks for was meant for an app that has us, and is not asked for now. */
function settingsOf(order: AttachOrder, notes: string[]): Settings {
  const { dir, mode, slowMs, route, id } = order
  const env = environment()
  const note = (message: string) => void notes.push(message)
  const options = {
    ...{ dir, arm: 'start' as const, logger: { info: () => {}, warn: note } },
    mode: mode === 'process' ? 'trigger' : (mode as Mode),
    ...(slowMs === null ? {} : { slow: slowMs }),
  }
  const settings = resolveOptions(options as never, { ...env, ...NOT_ASKED })
  return {
    ...settings,
    mode: resolveOptions({}, env).mode === 'off' ? 'off' : settings.mode,
    onlyRoute: route,
    labelsOfAll: { ...settings.labelsOfAll, attach: id },
  }
}

const NOT_ASKED = {
  PROFVIEW: undefined,
  PROFVIEW_SLOW: undefined,
  PROFVIEW_STALL: undefined,
  PROFVIEW_SCHEDULE: undefined,
}

const OURS = /^profview\./

/** As if we had never been here: what is left is the native part, which cannot be unloaded. */
function depart(): void {
  leave()
  for (const key of Object.getOwnPropertySymbols(globals))
    if (OURS.test(Symbol.keyFor(key) ?? '')) delete globals[key]
  const { cache } = createRequire(import.meta.url)
  const folder = dirname(fileURLToPath(import.meta.url)) + sep
  for (const path of Object.keys(cache)) if (path.startsWith(folder)) delete cache[path]
}

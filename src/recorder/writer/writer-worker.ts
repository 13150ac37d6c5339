/** The writer's thread: takes messages in order, counts each one when it is done with it. */
import { readFileSync, writeSync } from 'node:fs'
import { type MessagePort, workerData } from 'node:worker_threads'
import { printable } from '../../printable.js'
import { doneLine } from '../done-line.js'
import { Arrivals } from './arrivals.js'
import { DumpWriter } from './dump-writer.js'
import { HangWatch } from './hang-watch.js'
import { Heirs } from './heirs.js'
import type {
  DumpMessage,
  FinishMessage,
  HurryMessage,
  SomeAnswer,
  WatchMessage,
  WriterMessage,
} from './messages.js'

const { handled, port } = workerData as { handled: Int32Array; port: MessagePort }
const writer = new DumpWriter()
const arrivals = new Arrivals()
const heirs = new Heirs()
const waiting: DumpMessage[] = []
let isWorking = false
let hangWatch: HangWatch | null = null
let tellsAtOnce = false

port.on('message', (message: WriterMessage | HurryMessage) => {
  if (message.type === 'hurry') return arrivals.hurry()
  if (message.type === 'watch') {
    watch(message)
    return done(null)
  }
  if (message.type !== 'prepare' && message.type !== 'arrival') {
    waiting.push(message)
    if (!isWorking) void work()
    return
  }
  arrivals.handle(message)
  done(null)
})

/** Its dumps come between those that the app's thread has asked for, and are none of them. */
function watch(message: WatchMessage): void {
  // It is sent again to whoever may have missed it.
  if (hangWatch !== null) return
  tellsAtOnce = message.tellsAtOnce
  const write = (finish: FinishMessage) => {
    const answer = writer.handle(finish)
    say(answer)
    if (answer !== null && 'file' in answer) void tellHang(answer.file)
  }
  hangWatch = new HangWatch(message, write)
  hangWatch.start()
}

/** One after another: what a window brings may be the end of what an earlier dump needs. */
async function work(): Promise<void> {
  isWorking = true
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const message = next
    if (message.type === 'finish') await arrivals.tell(message)
    const answer = writer.handle(message)
    // Before it counts as done: then the process may end.
    if (message.type === 'finish') {
      say(writer.done(message))
      if (message.isTold) tellDone(answer)
    }
    if (answer === null || !('file' in answer)) done(answer)
    else if (message.type === 'finish' && message.body !== null) {
      // Whoever does not wait for a report does not wait for this one either.
      const read = message.body === 'html' ? reportOf(answer.file) : bytesOf(answer.file)
      void read.then((body) => done(body ? { ...answer, body } : answer, body))
    } else if (answer.meta.stall?.ended) {
      void sentenceOf(answer.file).then((sentence) => done({ ...answer, ...sentence }))
    } else {
      done(answer)
      if (answer.meta.stall) void tellHang(answer.file)
    }
    if (message.type === 'soFar') heirs.look(message)
  }
  isWorking = false
}

function done(answer: SomeAnswer | null, body: Uint8Array<ArrayBuffer> | null = null): void {
  say(answer, body)
  Atomics.add(handled, 0, 1)
  Atomics.notify(handled, 0)
}

function say(answer: SomeAnswer | null, body: Uint8Array<ArrayBuffer> | null = null): void {
  if (answer !== null) port.postMessage(answer, body ? [body.buffer] : [])
}

/**
 * The dump as a page; null where that cannot be made, and nobody but who waits for it misses it.
 */
async function reportOf(file: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    // Most apps are never asked for one.
    const { renderHtml } = await import('../../render/html.js')
    const { readProfileFile } = await import('../../store/profile-file.js')
    return new TextEncoder().encode(renderHtml(readProfileFile(file)))
  } catch {
    return null
  }
}

/** The dump itself; null where it has gone. */
async function bytesOf(file: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(readFileSync(file))
  } catch {
    return null
  }
}

/** For whoever sits before it; the app's thread does not wait for a terminal. */
function tellDone(answer: SomeAnswer | null): void {
  if (answer === null || !('file' in answer)) return
  try {
    writeSync(2, `${printable(doneLine(answer.meta, answer.file))}\n`)
  } catch {
    // Nobody listens.
  }
}

/** Whoever ends the process for it shall find it in the log: the app's thread says nothing more. */
async function tellHang(file: string): Promise<void> {
  if (!tellsAtOnce) return
  const { sentence } = await sentenceOf(file)
  if (sentence === undefined) return
  try {
    const text = `(node:${process.pid}) ProfviewWarning: ${sentence}: ${file}`
    writeSync(2, `${printable(text)}\n`)
  } catch {
    // Nobody listens.
  }
}

/** What a stall's dump says; nothing where that cannot be told: the dump is there. */
async function sentenceOf(file: string): Promise<{ sentence?: string }> {
  try {
    // Most apps never stall.
    const { stallText } = await import('../../render/stall.js')
    const { locatorFor } = await import('../../render/paths.js')
    const { readProfileFile } = await import('../../store/profile-file.js')
    const profile = readProfileFile(file)
    return { sentence: stallText(profile, locatorFor(profile, process.cwd())) }
  } catch {
    return {}
  }
}

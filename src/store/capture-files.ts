/**
 * What `profview capture` and the threads that it asks say to each other: small files in a folder
 * of their own inside the directory of dumps, so that it works on every volume that is shared.
 *
 *     .capture/<thread>.worker         a thread that would answer; touched every few seconds
 *     .capture/<id>.request            who reads it in time records itself
 *     .capture/<id>.<thread>.answer    how far that has come
 */
import fs from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity } from './process-identity.js'

/** Private, and of no interest to whoever lists dumps. */
export function captureFolder(dir: string): string {
  return join(dir, '.capture')
}

/** A thread of some process on some host. */
export interface ThreadIdentity extends ProcessIdentity {
  readonly host: string
  /** The cluster's number; 0 outside. */
  readonly workerId: number
  readonly threadId: number
}

export interface CaptureRequest {
  readonly id: string
  /** All begin then, ms since the epoch; who reads it later begins at once. */
  readonly startsAt: number
  readonly forMs: number
  /** How far back from `startsAt` the profile shall reach. */
  readonly lastMs: number
  /** Who reads it later does nothing. */
  readonly expiresAt: number
}

export interface CaptureAnswer {
  readonly thread: ThreadIdentity
  readonly state: 'begun' | 'written' | 'failed'
  /** Of the dump, a name in the directory; '' for none. */
  readonly file: string
  /** Why there is none. */
  readonly reason: string
}

/** Between two looks of a thread for requests, and between two signs of life, ms. */
export const LOOK_MS = 1000
export const SIGN_MS = 5000
/** What nobody has touched for so long is of nobody any more, ms. */
export const FORGOTTEN_MS = 24 * 3_600_000
/** The longest recording that may be asked for, and the farthest look back, ms. */
export const LONGEST_FOR_MS = 300_000
export const LONGEST_LAST_MS = 120_000

export function presenceName(thread: ThreadIdentity): string {
  return `${keyOf(thread)}.worker`
}

export function requestName(id: string): string {
  return `${id}.request`
}

export function answerName(id: string, thread: ThreadIdentity): string {
  return `${id}.${keyOf(thread)}.answer`
}

export function isPresence(name: string): boolean {
  return !name.startsWith('.') && name.endsWith('.worker')
}

export function isAnswerTo(id: string, name: string): boolean {
  return name.startsWith(`${id}.`) && name.endsWith('.answer')
}

/** Null for another file's name. */
export function requestIdOf(name: string): string | null {
  return /^([0-9a-f]{16})\.request$/.exec(name)?.[1] ?? null
}

/** Null for what nobody of us has written. */
export function parseRequest(text: string): CaptureRequest | null {
  const { id, startsAt, forMs, lastMs, expiresAt } = objectOf(text)
  const times = [startsAt, forMs, lastMs, expiresAt]
  if (typeof id !== 'string' || !times.every(isTime)) return null
  const request = { id, startsAt, forMs, lastMs, expiresAt } as CaptureRequest
  const isBounded = request.forMs <= LONGEST_FOR_MS && request.lastMs <= LONGEST_LAST_MS
  return isBounded ? request : null
}

/** The same. */
export function parseThread(text: string): ThreadIdentity | null {
  return threadOf(objectOf(text))
}

/** The same. */
export function parseAnswer(text: string): CaptureAnswer | null {
  const { thread, state, file, reason } = objectOf(text)
  const of = typeof thread === 'object' && thread !== null ? threadOf(thread as Fields) : null
  const isState = state === 'begun' || state === 'written' || state === 'failed'
  if (of === null || !isState || typeof file !== 'string' || typeof reason !== 'string') return null
  // A name, and no path that leads elsewhere.
  return /[/\\]/.test(file) ? null : { thread: of, state, file, reason }
}

/** Whole or not at all, readable for its owner only. Throws what the file system says. */
export function writeSmall(folder: string, name: string, value: object): void {
  const temporary = join(folder, `.${name}.tmp`)
  fs.writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 })
  fs.renameSync(temporary, join(folder, name))
}

// --- internal ---

type Fields = Readonly<Record<string, unknown>>

/** A name that every file system takes. */
function keyOf({ host, pid, threadId }: ThreadIdentity): string {
  return `${host.replaceAll(/[^\w.-]/g, '_').slice(0, 100)}-${pid}-${threadId}`
}

function objectOf(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Fields) : {}
  } catch {
    return {}
  }
}

function threadOf({ host, machine, pid, startedAt, workerId, threadId }: Fields) {
  const isNamed = [host, machine, startedAt].every((text) => typeof text === 'string')
  if (!isNamed || ![pid, workerId, threadId].every(isTime)) return null
  return { host, machine, pid, startedAt, workerId, threadId } as ThreadIdentity
}

function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

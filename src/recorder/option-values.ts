/**
 * Values of options: each reader gives the value that is meant, or undefined for one that cannot be
 * right. Those that the environment may set as well read texts too.
 */
import { inspect } from 'node:util'
import { ProfviewError } from '../errors.js'
import { routeList, routePatterns } from './route-patterns.js'

/**
 * Which requests are profiled: triggered ones (default), none, all, a share between 0 and 1, or the
 * process as a whole.
 */
export type Mode = 'trigger' | 'off' | 'all' | 'process' | number

/**
 * The option as `parse` reads it; undefined if it is not given. Throws BAD_OPTION if it is wrong.
 */
export function option<In, Out>(
  name: string,
  value: In | undefined,
  parse: (value: In) => Out | undefined,
) {
  if (value === undefined) return undefined
  const parsed = parse(value)
  if (parsed === undefined) {
    const shown = inspect(value, { breakLength: Infinity, depth: 1 })
    const fact = `option ${name}: ${shown} is not a valid value${meant(parse, ': it must be ')}`
    throw new ProfviewError('BAD_OPTION', fact, { path: name })
  }
  return parsed
}

/** What a reader takes, after `before`, for whoever gave something else; or nothing. */
export function meant(parse: unknown, before: string): string {
  const means = MEANT.get(parse)
  return means === undefined ? '' : `${before}${means}`
}

/** Throws BAD_OPTION for what is no object, or has a member that is not known. */
export function checkNames(place: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const what = place === '' ? 'options' : `option ${place}`
    throw new ProfviewError('BAD_OPTION', `${what}: not an object`, { path: place })
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const path = place === '' ? unknown : `${place}.${unknown}`
  throw new ProfviewError('BAD_OPTION', `option ${path}: there is no such option`, { path })
}

/** What `parseMode` takes. */
export const MODES = 'trigger, all, a share such as 0.01, process or off'

/** As an option or in the environment: `1`, `0`, `on`, a share; words in any case, with blanks. */
export function parseMode(value: unknown): Mode | undefined {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value
  if (word === false || MODE_WORDS.off.includes(word as string)) return 'off'
  if (word === true || MODE_WORDS.trigger.includes(word as string)) return 'trigger'
  if (word === 'all' || word === 'process') return word
  const share = typeof word === 'string' && DECIMAL.test(word) ? Number(word) : word
  if (share === 0) return 'off'
  if (share === 1) return 'all'
  return typeof share === 'number' && share > 0 && share < 1 ? share : undefined
}

export function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && number > 0 ? number : undefined
}

/** Ms, or false. */
export function threshold(value: unknown): number | false | undefined {
  const isOff = value === false || (typeof value === 'string' && flagWord(value) === false)
  return isOff ? false : positive(value)
}

/** How often, and for how long, the whole process is recorded, ms. */
export interface Schedule {
  readonly everyMs: number
  readonly forMs: number
}

/** `10m/10s`: for 10 s, every 10 min. */
export function schedule(value: unknown): Schedule | undefined {
  const [every, length, ...rest] = typeof value === 'string' ? value.split('/').map(timeOf) : []
  if (every === undefined || length === undefined || rest.length > 0) return undefined
  // A timer cannot wait for longer.
  const isPossible = length >= 100 && length < every && every < 2 ** 31
  return isPossible ? { everyMs: every, forMs: length } : undefined
}

/** An interval that the native profiler can keep, ms. */
export function clampInterval(intervalMs: number): number {
  return Math.min(100, Math.max(0.2, intervalMs))
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** May be empty: nobody has to have one. */
export function name(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function plainLabels(value: unknown): object | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

/** Of all: 0 is none of them. */
export function share(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined
}

export function path(value: unknown): string | undefined {
  return text(value)?.includes('\0') === false ? (value as string) : undefined
}

/** The name of a header or a query parameter. */
export function token(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-]+$/.test(value) ? value : undefined
}

export function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

/** The same in the environment. */
export function flagWord(text: string): boolean | undefined {
  const word = text.trim().toLowerCase()
  if (['true', 'yes', 'on', '1'].includes(word)) return true
  return ['false', 'no', 'off', '0'].includes(word) ? false : undefined
}

/** Reads `files=200,bytes=1e8`, with these names only. */
export function positives<Name extends string>(names: readonly Name[]) {
  function read(text: string): Partial<Record<Name, number>> | undefined {
    const values: Partial<Record<Name, number>> = {}
    for (const pair of text.split(',')) {
      const [name = '', value, ...rest] = pair.split('=').map((part) => part.trim())
      const number = positive(value)
      if (!names.includes(name as Name) || number === undefined || rest.length > 0) return undefined
      values[name as Name] = number
    }
    return values
  }
  MEANT.set(read, `numbers above 0 for some of ${names.join(', ')}, as ${names[0]}=100`)
  return read
}

export function armed(value: unknown): 'start' | 'trigger' | undefined {
  return value === 'start' || value === 'trigger' ? value : undefined
}

export function callback<F>(value: F): F | undefined {
  return typeof value === 'function' ? value : undefined
}

// --- internal ---

/** `10m`, in ms. */
function timeOf(text: string): number | undefined {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$/.exec(text) ?? []
  return number === undefined ? undefined : Number(number) * UNITS[unit as keyof typeof UNITS]
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const MODE_WORDS: Readonly<Record<'off' | 'trigger', readonly string[]>> = {
  off: ['off', 'false', 'no', 'none', 'disabled'],
  trigger: ['trigger', 'on', 'true', 'yes'],
}

const MEANT = new Map<unknown, string>([
  [parseMode, MODES],
  [positive, 'a number above 0, without a unit'],
  [threshold, 'a number above 0, without a unit, or false'],
  [name, 'a text'],
  [plainLabels, 'an object of texts'],
  [share, 'a number from 0 to 1'],
  [path, 'a path'],
  [token, 'a name of letters, digits, - and _'],
  [flag, 'true or false'],
  [flagWord, 'true or false'],
  [armed, 'start or trigger'],
  [schedule, 'how often and for how long, as 10m/10s, up to 24d'],
  [callback, 'a function'],
  [routePatterns, 'a list of paths such as /users/:id and /files/*'],
  [routeList, 'paths such as /users/:id and /files/*, by commas'],
])

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/

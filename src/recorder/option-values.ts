/**
 * Values of options: each reader gives the value that is meant, or undefined for one that cannot be
 * right. Those that the environment may set as well read texts too.
 */
import { inspect } from 'node:util'
import { ProfviewError } from '../errors.js'

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
    throw new ProfviewError('BAD_OPTION', `option ${name}: ${shown} is not a valid value`, {
      path: name,
    })
  }
  return parsed
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

/** As an option or in the environment: `1`, `0`, `on`, a share. */
export function parseMode(value: unknown): Mode | undefined {
  if (value === 'off' || value === '0' || value === 0 || value === false) return 'off'
  if (value === 'trigger' || value === 'on' || value === true) return 'trigger'
  if (value === 'all' || value === '1' || value === 1) return 'all'
  if (value === 'process') return 'process'
  const share = typeof value === 'string' ? Number(value) : value
  return typeof share === 'number' && share > 0 && share < 1 ? share : undefined
}

export function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && number > 0 ? number : undefined
}

/** An interval that the native profiler can keep, ms. */
export function clampInterval(intervalMs: number): number {
  return Math.min(100, Math.max(0.2, intervalMs))
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The name of a header or a query parameter. */
export function token(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-]+$/.test(value) ? value : undefined
}

export function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

export function armed(value: unknown): 'start' | 'trigger' | undefined {
  return value === 'start' || value === 'trigger' ? value : undefined
}

export function callback<F>(value: F): F | undefined {
  return typeof value === 'function' ? value : undefined
}

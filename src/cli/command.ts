import { type Command, InvalidArgumentError } from 'commander'
import type { Session } from './session.js'

/** Adds a command to the program; its action reports to the session. */
export type DefineCommand = (program: Command, session: Session) => void

/** `0.05` or `5%`, as a share from 0 to 1. */
export function parseShare(text: string): number {
  const share = text.endsWith('%') ? toNumber(text.slice(0, -1)) / 100 : toNumber(text)
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError('Not a share: 0.05 or 5% is one.')
  return share
}

/** A whole number, 0 or more. */
export function parseCount(text: string): number {
  const value = toNumber(text)
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('Not a whole number.')
  return value
}

export function parsePort(text: string): number {
  const port = parseCount(text)
  if (port > 65_535) throw new InvalidArgumentError('Ports end at 65535.')
  return port
}

/** `500MB`, `1.5GB` or a number of bytes; powers of a thousand. */
export function parseBytes(text: string): number {
  const match = /^([\d.]+)\s*([kKMGT]?)B?$/.exec(text)
  const value = match
    ? toNumber(match[1]!) * 1000 ** ' kMGT'.indexOf(toUnit(match[2]!))
    : Number.NaN
  if (!(value >= 0)) throw new InvalidArgumentError('Not a size: 500MB is one.')
  return value
}

/** As a limit of what the process may take. */
function parseMemory(text: string): number {
  const bytes = parseBytes(text)
  if (bytes < LEAST_MEMORY) throw new InvalidArgumentError('Node alone takes 128MB.')
  return bytes
}

export function addReadingOptions(command: Command): void {
  command
    .option(
      '--max-memory <size>',
      "refuse what takes more to read (default: 512MB, or twice the files' size)",
      parseMemory,
    )
    .option('--strict', 'stop at the first bad input')
}

/** `7d`, `12h`, `30m` or `90s`, in ms. */
export function parseAge(text: string): number {
  return timeIn(text, /[dhms]/, '7d, 12h, 30m and 90s')
}

/** `200ms`, `1.5s` or `1m`, in ms. */
export function parseTime(text: string): number {
  return timeIn(text, /ms|[hms]/, '200ms, 1.5s and 1m')
}

/** Gathers the values of an option that is given several times. */
export function gather(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value]
}

// --- internal ---

const LEAST_MEMORY = 128e6

const TIME_UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }

function timeIn(text: string, units: RegExp, examples: string): number {
  const match = new RegExp(`^([\\d.]+)\\s*(${units.source})$`).exec(text)
  const value = match
    ? toNumber(match[1]!) * TIME_UNITS[match[2]! as keyof typeof TIME_UNITS]
    : Number.NaN
  if (value >= 0) return value
  const lacking = /^[\d.]+$/.test(text) ? ' with its unit' : ''
  throw new InvalidArgumentError(`Not a time${lacking}: ${examples} are.`)
}

function toUnit(letter: string): string {
  return letter === '' ? ' ' : letter === 'K' ? 'k' : letter
}

/** NaN for what `Number` would take for a number and people would not. */
function toNumber(text: string): number {
  return /^\d+(\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : Number.NaN
}

/**
 * The one place where a number becomes text. No locale, no `node:` module, the same text
 * everywhere.
 */
import type { Unit } from '../profile/profile.js'

/**
 * `0.42 ms`, `61.2 ms`, `812 ms`, `1.25 s`, `75.3 s`, `12 min 5 s`, `34 h 2 min`: three digits that
 * matter.
 */
export function duration(micros: number): string {
  const size = Math.abs(micros)
  if (size >= 7200e6)
    return `${Math.trunc(micros / 3600e6)} h ${Math.floor((size % 3600e6) / 60e6)} min`
  if (size >= 600e6) return `${Math.trunc(micros / 60e6)} min ${Math.floor((size % 60e6) / 1e6)} s`
  if (size >= 999_500) return `${threeDigits(micros / 1e6)} s`
  return size === 0 ? '0 ms' : `${threeDigits(micros / 1000)} ms`
}

/** `380 of 812 ms`, `380 ms of 1.20 s` */
export function partOf(part: number, whole: number): string {
  return joined(duration(part), 'of', duration(whole))
}

/** `60 to 80 %`, `380 ms to 1.20 s`: two measures, their unit once where it is the same. */
export function joined(first: string, word: string, second: string): string {
  const unit = /( \S+)?$/.exec(second)![0]
  const isSimple =
    unit !== '' && first.endsWith(unit) && first.indexOf(' ') === first.lastIndexOf(' ')
  return `${isSimple ? first.slice(0, -unit.length) : first} ${word} ${second}`
}

/** Of a clock or a sampler: `1 ms`, `0.2 ms`. */
export function interval(micros: number): string {
  return `${micros / 1000} ms`
}

/** `512 B`, `1.2 kB`, `3.4 MB`: powers of a thousand. */
export function bytes(size: number): string {
  let scaled = size
  let unit = 0
  while (Math.abs(scaled) >= 999.5 && unit < BYTE_UNITS.length - 1) {
    scaled /= 1000
    unit++
  }
  return `${unit === 0 ? scaled : scaled.toFixed(Math.abs(scaled) < 99.95 ? 1 : 0)} ${BYTE_UNITS[unit]}`
}

/** A share from 0 to 1: `0 %`, `<0.1 %`, `7.5 %`, `47 %`. */
export function percent(share: number): string {
  const size = Math.abs(share)
  if (!(size > 0)) return '0 %'
  if (size < 0.0005) return '<0.1 %'
  return `${(share * 100).toFixed(size < 0.0995 ? 1 : 0)} %`
}

/** Of a share, in whole percent. Rounded up: an error is not made to look smaller. */
export function errorPercent(error: number): string {
  return `${Math.ceil(error * 100)} %`
}

/** `1,234,567`. */
export function count(value: number): string {
  return grouped(String(value))
}

/** The digits of a number in threes. */
export function grouped(digits: string): string {
  return digits.replaceAll(/(?<!\.\d*)\B(?=(\d{3})+(?!\d))/g, ',')
}

/** `1 sample`, `1,234 samples`; `plural` for words that do not just take an s. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`
}

/** A weight in the unit of its profile: `812 ms`, `96 samples`, `3.4 MB`, `1,234`. */
export function amount(weight: number, unit: Unit): string {
  switch (unit) {
    case 'microseconds':
    case 'delay':
      return duration(weight)
    case 'counts':
      return count(weight)
    case 'bytes':
      return bytes(weight)
    case 'samples':
      return counted(weight, 'sample')
  }
}

/** A difference of weights, always with its sign: `+13.8 ms`, `-2.10 ms`, `0 ms`. */
export function change(weight: number, unit: Unit): string {
  return `${weight > 0 ? '+' : ''}${amount(weight, unit)}`
}

/** An ISO-8601 time as people write it: `2026-11-20 14:01:02 UTC`. */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}

// --- internal ---

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

function threeDigits(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size < 0.00995 ? 3 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0)
}

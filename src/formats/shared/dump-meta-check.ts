import type { ProfviewError } from '../../errors.js'
import type { DumpMeta } from '../../profile/profile.js'
import { bad } from './bad.js'

/**
 * Checks every field of a `$profview` object and copies the known ones, so that a damaged or
 * hostile file cannot hand a wrong type to what comes after. Throws `BAD_INPUT` with the place.
 */
export function checkDumpMeta(value: unknown, place: string): DumpMeta {
  const meta = new Fields(value, place)
  const request = meta.get('request')
  const files = meta.get('files')
  return {
    version: 1,
    id: meta.text('id'),
    kind: meta.oneOf('kind', ['request', 'process', 'function']),
    startedAt: meta.text('startedAt'),
    durationMicros: meta.count('durationMicros'),
    request: request === null ? null : checkRequest(new Fields(request, `${place}.request`)),
    process: checkProcess(new Fields(meta.get('process'), `${place}.process`)),
    attribution: meta.oneOf('attribution', ['request', 'process']),
    intervalMicros: meta.count('intervalMicros'),
    samples: meta.count('samples'),
    dropped: meta.count('dropped'),
    ledger: checkLedger(new Fields(meta.get('ledger'), `${place}.ledger`)),
    labels: checkTextMembers(meta.get('labels'), `${place}.labels`),
    warnings: checkTexts(meta.get('warnings'), `${place}.warnings`),
    // Dumps of earlier versions have none.
    ...(files === undefined ? {} : { files: checkTextMembers(files, `${place}.files`) }),
  }
}

// --- internal ---

class Fields {
  readonly #fields: Map<string, unknown>
  readonly #place: string

  constructor(value: unknown, place: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw notA(place, 'an object')
    }
    this.#fields = new Map(Object.entries(value))
    this.#place = place
  }

  get(name: string): unknown {
    return this.#fields.get(name)
  }

  text(name: string): string {
    const value = this.get(name)
    if (typeof value !== 'string') throw notA(`${this.#place}.${name}`, 'a text')
    return value
  }

  /** A whole number, not negative. */
  count(name: string): number {
    const value = this.get(name)
    if (!Number.isSafeInteger(value) || (value as number) < 0) {
      throw notA(`${this.#place}.${name}`, 'a whole number')
    }
    return value as number
  }

  flag(name: string): boolean {
    const value = this.get(name)
    if (typeof value !== 'boolean') throw notA(`${this.#place}.${name}`, 'true or false')
    return value
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const value = this.get(name)
    const word = words.find((candidate) => candidate === value)
    if (word === undefined) throw notA(`${this.#place}.${name}`, words.join(' or '))
    return word
  }
}

function checkRequest(request: Fields): DumpMeta['request'] {
  return {
    method: request.text('method'),
    route: request.text('route'),
    status: request.count('status'),
    aborted: request.flag('aborted'),
  }
}

function checkProcess(process: Fields): DumpMeta['process'] {
  return {
    pid: process.count('pid'),
    workerId: process.count('workerId'),
    threadId: process.count('threadId'),
    host: process.text('host'),
    node: process.text('node'),
  }
}

function checkLedger(ledger: Fields): DumpMeta['ledger'] {
  return {
    cpu: ledger.count('cpu'),
    gc: ledger.count('gc'),
    await: ledger.count('await'),
    blocked: ledger.count('blocked'),
    profiler: ledger.count('profiler'),
    unknown: ledger.count('unknown'),
  }
}

function checkTextMembers(value: unknown, place: string): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw notA(place, 'an object')
  }
  const members = Object.entries(value)
  for (const [name, text] of members) {
    if (typeof text !== 'string') throw notA(`${place}.${name}`, 'a text')
  }
  // `fromEntries` defines properties, so that a label named `__proto__` is one more label.
  return Object.fromEntries(members)
}

function checkTexts(value: unknown, place: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((text) => typeof text === 'string')) {
    throw notA(place, 'a list of texts')
  }
  return value
}

function notA(place: string, kind: string): ProfviewError {
  return bad(place, `is not ${kind}`)
}

import type { ProfviewError } from '../../errors.js'
import type { DumpMeta, MachineTime, Queued, Stall, Warning } from '../../profile/profile.js'
import { warning } from '../../profile/warnings.js'
import { bad } from './bad.js'

/**
 * Checks every field of a `$profview` object and copies the known ones, so that a damaged or
 * hostile file cannot hand a wrong type to what comes after. Throws `BAD_INPUT` with the place.
 */
export function checkDumpMeta(value: unknown, place: string): DumpMeta {
  const meta = new Fields(value, place)
  const request = meta.get('request')
  const files = meta.get('files')
  const version = meta.get('version') === 1 ? 1 : 2
  return {
    version,
    id: meta.text('id'),
    kind: meta.oneOf('kind', ['request', 'process', 'function', 'stall']),
    ...(version === 1 ? UNSAID : checkNew(meta, place)),
    startedAt: meta.text('startedAt'),
    durationMicros: meta.count('durationMicros'),
    request: request === null ? null : checkRequest(new Fields(request, `${place}.request`)),
    process: checkProcess(new Fields(meta.get('process'), `${place}.process`)),
    attribution: meta.oneOf('attribution', ['request', 'process']),
    intervalMicros: meta.count('intervalMicros'),
    samples: meta.count('samples'),
    dropped: meta.count('dropped'),
    ledger: checkLedger(new Fields(meta.get('ledger'), `${place}.ledger`), version),
    labels: checkTextMembers(meta.get('labels'), `${place}.labels`),
    warnings: checkWarnings(meta.get('warnings'), `${place}.warnings`),
    // Dumps of earlier versions have none.
    ...(files === undefined ? {} : { files: checkTextMembers(files, `${place}.files`) }),
  }
}

// --- internal ---

/** What version 2 added. */
type NewFacts = Pick<
  DumpMeta,
  | 'name'
  | 'kept'
  | 'awaits'
  | 'armedSinceMicros'
  | 'blockedUpToMicros'
  | 'machine'
  | 'queued'
  | 'stall'
>

const UNSAID: NewFacts = {
  name: null,
  kept: 'trigger',
  awaits: true,
  armedSinceMicros: 0,
  blockedUpToMicros: 0,
  machine: null,
  queued: null,
  stall: null,
}

function checkNew(meta: Fields, place: string): NewFacts {
  const name = meta.get('name')
  const machine = meta.get('machine')
  const queued = meta.get('queued')
  const stall = meta.get('stall')
  return {
    name: name === null ? null : meta.text('name'),
    kept: meta.oneOf('kept', KEPT),
    awaits: meta.flag('awaits'),
    armedSinceMicros: meta.count('armedSinceMicros'),
    blockedUpToMicros: meta.count('blockedUpToMicros'),
    machine: machine === null ? null : checkMachine(new Fields(machine, `${place}.machine`)),
    queued: queued === null ? null : checkQueued(queued, `${place}.queued`),
    stall: stall === null ? null : checkStall(stall, `${place}.stall`),
  }
}

const KEPT = [
  ...(['trigger', 'all', 'share', 'slow', 'status', 'stall'] as const),
  ...(['process', 'schedule', 'capture', 'run', 'attach', 'call'] as const),
]

function checkMachine(machine: Fields): MachineTime {
  return {
    runQueueMicros: machine.count('runQueueMicros'),
    throttledMicros: machine.count('throttledMicros'),
  }
}

function checkQueued(value: unknown, place: string): Queued {
  const queued = new Fields(value, place)
  return {
    minMicros: queued.count('minMicros'),
    maxMicros: queued.get('maxMicros') === null ? null : queued.count('maxMicros'),
    othersKeptOut: queued.count('othersKeptOut'),
    by: listOf(queued.get('by'), `${place}.by`).map((each, i) => {
      const culprit = new Fields(each, `${place}.by[${i}]`)
      return {
        title: culprit.text('title'),
        name: culprit.text('name'),
        file: culprit.text('file'),
        line: culprit.count('line'),
        micros: culprit.count('micros'),
      }
    }),
  }
}

function checkStall(value: unknown, place: string): Stall {
  const stall = new Fields(value, place)
  return {
    ended: stall.flag('ended'),
    cause: stall.oneOf('cause', ['callback', 'microtasks', 'burst', 'native', 'unknown']),
    delayedCount: stall.count('delayedCount'),
    delayed: listOf(stall.get('delayed'), `${place}.delayed`).map((each, i) => {
      const delayed = new Fields(each, `${place}.delayed[${i}]`)
      return { title: delayed.text('title'), micros: delayed.count('micros') }
    }),
  }
}

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

function checkLedger(ledger: Fields, version: 1 | 2): DumpMeta['ledger'] {
  return {
    cpu: ledger.count('cpu'),
    gc: ledger.count('gc'),
    offcpu: version === 1 ? 0 : ledger.count('offcpu'),
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

/** In version 1 they are texts. */
function checkWarnings(value: unknown, place: string): readonly Warning[] {
  return listOf(value, place).map((each, i) => {
    if (typeof each === 'string') return warning('version-1', each)
    const fields = new Fields(each, `${place}[${i}]`)
    return { code: fields.text('code'), text: fields.text('text') }
  })
}

function listOf(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw notA(place, 'a list')
  return value
}

function notA(place: string, kind: string): ProfviewError {
  return bad(place, `is not ${kind}`)
}

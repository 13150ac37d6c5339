import type {
  DumpMeta,
  MachineTime,
  Queued,
  Stall,
  StallHolder,
  Warning,
} from '../../profile/profile.js'
import { warning } from '../../profile/warnings.js'
import type { FileWait } from './dump-waits.js'
import { Fields, notA } from './fields.js'

/**
 * Checks every field of a `$profview` object that we know, so that a damaged or hostile file cannot
 * hand a wrong type to what comes after, and takes over the others, of which nobody asks anything.
 * Throws `BAD_INPUT` with the place.
 */
export function checkDumpMeta(value: unknown, place: string): DumpMeta {
  const meta = new Fields(value, place)
  const version = meta.get('version') === 1 ? 1 : 2
  const known: DumpMeta = {
    version,
    writer: version === 1 ? '' : meta.text('writer'),
    id: meta.text('id'),
    kind: meta.oneOf('kind', version === 1 ? KINDS_OF_1 : KINDS),
    startedAt: meta.text('startedAt'),
    durationMicros: meta.count('durationMicros'),
    request: meta.object('request', checkRequest),
    process: checkProcess(new Fields(meta.get('process'), meta.placeOf('process'))),
    attribution: meta.oneOf('attribution', ['request', 'process']),
    intervalMicros: meta.count('intervalMicros'),
    samples: meta.count('samples'),
    dropped: meta.count('dropped'),
    ledger: checkLedger(new Fields(meta.get('ledger'), meta.placeOf('ledger')), version),
    ...(version === 1 ? UNSAID : checkNew(meta)),
    labels: meta.texts('labels'),
    warnings: meta.list('warnings', version === 1 ? checkText : checkWarning),
    // Dumps of earlier versions have none.
    ...(meta.get('files') === undefined ? {} : { files: meta.texts('files') }),
  }
  return meta.withUnknown(known, OF_THE_FILE)
}

/**
 * The value of `$profview` for a dump's facts, `waits` among them where they are known: in the
 * shape of the dump's own version, since nobody knows of a dump of version 1 what version 2 added;
 * in one order, wherever the facts come from.
 */
export function asWritten(meta: DumpMeta, waits?: readonly FileWait[]): object {
  const isOld = meta.version === 1
  const fields = new Map<string, unknown>(Object.entries(isOld ? inVersion1(meta) : meta))
  if (waits !== undefined) fields.set('waits', waits)
  const names = new Set([...ORDER.filter((name) => fields.has(name)), ...fields.keys()])
  return Object.fromEntries([...names].map((name) => [name, fields.get(name)]))
}

// --- internal ---

/**
 * Keys of a file that are of its samples, nodes and bytes; read elsewhere, and made anew for
 * another file.
 */
const OF_THE_FILE = ['sampleLabels', 'waits', 'sha256']

const ORDER = [
  ...['version', 'writer', 'id', 'kind', 'startedAt', 'durationMicros', 'name', 'request'],
  ...['process', 'kept', 'attribution', 'awaits', 'intervalMicros', 'samples', 'dropped'],
  ...['armedSinceMicros', 'ledger', 'blockedUpToMicros', 'machine', 'queued', 'stall', 'waits'],
  ...['labels', 'warnings'],
]

function inVersion1(meta: DumpMeta): object {
  const { offcpu: _, ...ledger } = meta.ledger
  const { writer: _writer, ...facts } = meta
  const old = Object.entries(facts).filter(([name]) => !Object.hasOwn(UNSAID, name))
  const warnings = meta.warnings.map(({ text }) => text)
  return { ...Object.fromEntries(old), ledger, warnings }
}

const KINDS_OF_1 = ['request', 'process', 'function'] as const
const KINDS = [...KINDS_OF_1, 'stall'] as const

/** What version 2 added, apart from the writer. */
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

function checkNew(meta: Fields): NewFacts {
  return {
    name: meta.get('name') === null ? null : meta.text('name'),
    kept: meta.oneOf('kept', KEPT),
    awaits: meta.flag('awaits'),
    armedSinceMicros: meta.count('armedSinceMicros'),
    blockedUpToMicros: meta.count('blockedUpToMicros'),
    machine: meta.object('machine', checkMachine),
    queued: meta.object('queued', checkQueued),
    stall: meta.object('stall', checkStall),
  }
}

const KEPT = [
  ...(['trigger', 'all', 'share', 'slow', 'status', 'stall'] as const),
  ...(['process', 'schedule', 'capture', 'run', 'attach', 'call'] as const),
]

function checkRequest(request: Fields): NonNullable<DumpMeta['request']> {
  return request.withUnknown({
    method: request.text('method'),
    route: request.text('route'),
    status: request.count('status'),
    aborted: request.flag('aborted'),
  })
}

function checkProcess(process: Fields): DumpMeta['process'] {
  return process.withUnknown({
    pid: process.count('pid'),
    workerId: process.count('workerId'),
    threadId: process.count('threadId'),
    host: process.text('host'),
    node: process.text('node'),
  })
}

/** Another account would be another meaning: nothing is taken over. */
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

function checkMachine(machine: Fields): MachineTime {
  return machine.withUnknown({
    runQueueMicros: machine.count('runQueueMicros'),
    throttledMicros: machine.count('throttledMicros'),
  })
}

function checkQueued(queued: Fields): Queued {
  return queued.withUnknown({
    minMicros: queued.count('minMicros'),
    maxMicros: queued.get('maxMicros') === null ? null : queued.count('maxMicros'),
    othersKeptOut: queued.count('othersKeptOut'),
    by: queued.objects('by', (culprit) =>
      culprit.withUnknown({
        title: culprit.text('title'),
        name: culprit.text('name'),
        file: culprit.text('file'),
        line: culprit.count('line'),
        micros: culprit.count('micros'),
      }),
    ),
  })
}

function checkStall(stall: Fields): Stall {
  return stall.withUnknown({
    ended: stall.flag('ended'),
    cause: stall.oneOf('cause', ['callback', 'microtasks', 'burst', 'native', 'unknown']),
    delayedCount: stall.count('delayedCount'),
    delayed: stall.objects('delayed', (delayed) =>
      delayed.withUnknown({
        title: delayed.text('title'),
        micros: delayed.count('micros'),
        ...(delayed.get('leastMicros') === undefined
          ? {}
          : { leastMicros: delayed.count('leastMicros') }),
      }),
    ),
    ...(stall.get('by') === undefined ? {} : { by: stall.objects('by', checkHolder) }),
  })
}

function checkHolder(holder: Fields): StallHolder {
  return holder.withUnknown({
    title: holder.text('title'),
    micros: holder.count('micros'),
    name: holder.text('name'),
    file: holder.text('file'),
    line: holder.count('line'),
    functionMicros: holder.count('functionMicros'),
  })
}

function checkWarning(value: unknown, place: string): Warning {
  const fields = new Fields(value, place)
  return fields.withUnknown({ code: fields.text('code'), text: fields.text('text') })
}

function checkText(value: unknown, place: string): Warning {
  if (typeof value !== 'string') throw notA(place, 'a text')
  return warning('version-1', value)
}

/** Dumps of stalls against the clocks of the app and of its clients: what is not true, in words. */
import { buildCallTree } from '../../../src/profile/calltree.js'
import type { Profile } from '../../../src/profile/profile.js'
import { paths } from '../../support/paths.js'
import { untruthsOfDelayed } from './delayed.js'
import { type Asking, type Stalling, type StallLog, type Stretch, stallsOf } from './program.js'

export interface Judging {
  /** Ms. */
  readonly stall: number
  readonly interval: number
}

export interface Case extends Judging {
  readonly log: StallLog
  readonly stalls: readonly Profile[]
  readonly asked: readonly Asking[]
}

const SHARE = 0.05
/** What the machine takes is told by samples, and it takes samples, too. */
const TAKEN = 0.25
/** A thread's CPU time is known. */
const KNOWS_CPU = process.platform === 'linux' || 'threadCpuUsage' in process

/** All that a program has left, and what is not true of it. */
export async function judged(program: Stalling, { stall, interval }: Judging) {
  const before = await program.log()
  const long = before.stretches.filter(({ start, end }) => end - start > stall * 1000)
  const stalls = await stallsOf(program, long.length)
  const log = await program.log()
  const { asked } = program
  return { log, stalls, wrong: untruths({ log, stalls, asked, stall, interval }) }
}

/** Each stretch has its dump, once, and the dump is right; there are no others. */
export function untruths(the: Case): string[] {
  const wrong: string[] = []
  const used = new Set<Profile>()
  for (const stretch of the.log.stretches) {
    const found = the.stalls.filter((stall) => covered(stall, stretch, the.log) > 0.5)
    // One that has much else in it is judged by that.
    if (found.length === 1 && isPartOf(stretch, found[0]!)) continue
    for (const stall of found) used.add(stall)
    wrong.push(...ofStretch(stretch, found, the).map((text) => `${said(stretch)}: ${text}`))
  }
  for (const stall of the.stalls)
    if (!used.has(stall) && !wasBusy(stall, the)) wrong.push(`invented: ${whenceOf(stall, the)}`)
  return wrong
}

/** The app's function that has most of the time, its callees outside of the workloads included. */
export function heaviestOf(profile: Profile): string {
  const micros = new Map<string, number>()
  const { self } = buildCallTree(profile)
  const { frame, parent } = profile.stacks
  for (let stack = 1; stack < frame.length; stack++) {
    for (let at = stack; at > 0; at = parent[at]!) {
      const { name, file } = profile.frames[frame[at]!]!
      if (!file.endsWith('stalling/workloads.mjs')) continue
      micros.set(name, (micros.get(name) ?? 0) + self[stack]!)
      break
    }
  }
  return [...micros].sort(([, a], [, b]) => b - a)[0]?.[0] ?? ''
}

/** Of the app's own code and what it called. */
export function microsOfApp(profile: Profile): number {
  const { self } = buildCallTree(profile)
  const { frame, parent } = profile.stacks
  const isApp = new Uint8Array(frame.length)
  let micros = 0
  for (let stack = 1; stack < frame.length; stack++) {
    const { file } = profile.frames[frame[stack]!]!
    isApp[stack] = Number(file.endsWith('stalling/workloads.mjs') || isApp[parent[stack]!] === 1)
    if (isApp[stack]) micros += self[stack]!
  }
  return micros
}

/** The first level of the tree, by time. */
export function ownersOf(profile: Profile): [string, number][] {
  const micros = new Map<string, number>()
  for (const { names, micros: own } of paths(profile))
    micros.set(names[0]!, (micros.get(names[0]!) ?? 0) + own)
  return [...micros].sort(([, a], [, b]) => b - a)
}

// --- internal ---

function ofStretch(stretch: Stretch, found: readonly Profile[], the: Case): string[] {
  const length = stretch.end - stretch.start
  const slack = 2 * the.interval * 1000
  const more = around(stretch, the)
  if (length + more + slack < the.stall * 1000)
    return found.map((stall) => `invented: ${brief(stall)}`)
  if (length < the.stall * 1000 + slack && found.length === 0) return []
  if (found.length !== 1) return [`found ${found.length} times`]
  const stall = found[0]!
  const wrong = [...ofDuration(stretch, stall, the), ...ofCulprit(stretch, stall)]
  // Where the machine runs others, clocks that are read one after another disagree.
  if (stretch.starved > length * 0.2) return wrong
  return [...wrong, ...ofAccounts(stretch, stall, the), ...untruthsOfDelayed(stretch, stall, the)]
}

function ofDuration(stretch: Stretch, { sources }: Profile, the: Case): string[] {
  const { durationMicros, stall, kind, kept, startedAt } = sources[0]!
  const truth = stretch.end - stretch.start
  const early = stretch.start - (Date.parse(startedAt) * 1000 - the.log.epoch)
  const slack = Math.max(truth * SHARE, 2 * the.interval * 1000 + 1000)
  const wrong: string[] = []
  if (kind !== 'stall' || kept !== 'stall' || stall?.ended !== true)
    wrong.push(`kind ${kind}, kept ${kept}, ended ${stall?.ended}`)
  // Where it begins is not seen while the thread that samples, or the app's, does not run.
  if (durationMicros < truth - slack - stretch.starved)
    wrong.push(`${ms(durationMicros)} is too short`)
  const most = truth + slack + around(stretch, the)
  if (durationMicros > most)
    wrong.push(`${ms(durationMicros)}, ${ms(early)} early, is more than ${ms(most)}`)
  return wrong
}

function ofCulprit({ name, title }: Stretch, stall: Profile): string[] {
  const heaviest = heaviestOf(stall)
  const owners = ownersOf(stall)
  const wrong: string[] = []
  if (heaviest !== name) wrong.push(`in ${heaviest || 'nothing'}`)
  // What was not sampled is nobody's.
  const known = owners.filter(([owner]) => owner !== '[unknown]')
  if (known[0]?.[0] !== title)
    wrong.push(`by ${owners.map(([owner, micros]) => `${owner} ${ms(micros)}`).join(', ')}`)
  return wrong
}

/** What it may be called; where it cannot be told, it is not. */
const CAUSES: readonly [RegExp, readonly string[]][] = [
  [/^(parseAll|waitForShell|litter|collect)$/, ['callback', 'native']],
  [/^(microtask|tick)$/, ['microtasks']],
  [/^(immediate|fileCallback|dueTimer)$/, ['burst']],
  [/./, ['callback']],
]

export function wrongCauses(log: StallLog, stalls: readonly Profile[]): string[] {
  return stalls.flatMap((stall) => {
    const stretch = log.stretches.find((each) => covered(stall, each, log) > 0.5)
    const cause = stall.sources[0]!.stall!.cause
    if (!stretch || isPartOf(stretch, stall) || cause === 'unknown') return []
    const [, causes] = CAUSES.find(([name]) => name.test(stretch.name))!
    return causes.includes(cause) ? [] : [`${said(stretch)}: ${cause}`]
  })
}

/** While it collects, the thread also waits for V8's other threads. */
function ofAccounts(stretch: Stretch, { sources }: Profile, the: Case): string[] {
  const { ledger, durationMicros } = sources[0]!
  const { start, end, cpu, delay, starved } = stretch
  const collecting = the.log.collections
    .filter((each) => each.start >= start && each.start < end)
    .reduce((sum, { micros }) => sum + micros, 0)
  const slack = (truth: number) =>
    Math.max(2 * the.interval * 1000 + 3000, truth * SHARE) + delay * TAKEN
  const wrong: string[] = []
  const sum = Object.values(ledger).reduce((total, micros) => total + micros, 0)
  if (sum !== durationMicros) wrong.push(`the accounts sum to ${ms(sum)} of ${ms(durationMicros)}`)
  // Node tells of whole collections, not of the steps of marking and sweeping between them, when
  // V8 is in its state of collecting, too; of `gc()` it tells all.
  const isAll = stretch.name === 'collect'
  const most = isAll ? collecting : collecting * 3 + durationMicros * 0.1
  if (ledger.gc < collecting - slack(collecting) || ledger.gc > most + slack(collecting))
    wrong.push(`gc ${ms(ledger.gc)}, in truth ${ms(collecting)}`)
  if (ledger.await + ledger.blocked > slack(0))
    wrong.push(`await ${ms(ledger.await)}, blocked ${ms(ledger.blocked)}`)
  if (ledger.unknown > slack(durationMicros) + starved) wrong.push(`unknown ${ms(ledger.unknown)}`)
  if (!KNOWS_CPU) return wrong
  const more = around(stretch, the)
  const [off, computed] = [end - start - cpu, ledger.cpu + ledger.gc + ledger.profiler]
  // Nor did the thread that samples run.
  const unseen = Math.min(ledger.unknown, starved)
  if (computed < cpu - slack(cpu) - unseen || ledger.cpu > cpu + slack(cpu) + more)
    wrong.push(`cpu ${ms(ledger.cpu)} and gc ${ms(ledger.gc)}, in truth ${ms(cpu)}`)
  if (
    // What the machine takes in small pieces is less than a sample.
    ledger.offcpu + ledger.gc + unseen < off - delay - slack(off) ||
    ledger.offcpu > off + slack(off) + more
  )
    wrong.push(`off-CPU ${ms(ledger.offcpu)}, in truth ${ms(off)}`)
  return wrong
}

/** What else the thread did, or could not do for other programs, since the loop had looked. */
function around({ start, end, cpu, delay }: Stretch, { log: { checks } }: Case): number {
  const before = checks.findLast(({ at }) => at <= start)
  const after = checks.find(({ at }) => at >= end)
  if (!before || !after) return 0
  return Math.max(0, after.cpu - before.cpu + (after.delay - before.delay) - cpu - delay)
}

/** The machine may make a stretch of anything. */
function wasBusy(stall: Profile, { log: { checks, epoch, isTicking }, interval }: Case): boolean {
  const { startedAt, durationMicros } = stall.sources[0]!
  const start = Date.parse(startedAt) * 1000 - epoch
  const least = durationMicros * 0.9 - 2 * interval * 1000
  // The app's own clock has not begun.
  if (checks.length === 0 || start < checks[0]!.at) return true
  return checks.some((check, i) => {
    const before = checks[i - 1]
    if (!before || check.at < start || before.at > start + durationMicros) return false
    // The whole machine may have stopped: then no clock but the wall's tells.
    const ran = check.cpu - before.cpu + (check.delay - before.delay)
    return check.at - before.at > least && (isTicking || ran > least / 2)
  })
}

/** The share of a stretch that is in a dump. */
function covered(stall: Profile, { start, end }: Stretch, { epoch }: StallLog): number {
  const { startedAt, durationMicros } = stall.sources[0]!
  const from = Date.parse(startedAt) * 1000 - epoch
  return (Math.min(end, from + durationMicros) - Math.max(start, from)) / (end - start)
}

function isPartOf({ start, end }: Stretch, { sources }: Profile): boolean {
  return end - start < sources[0]!.durationMicros * 0.6
}

function said({ name, title, start, end }: Stretch): string {
  return `${name} of ${title}, ${ms(end - start)}`
}

/** With what may explain it. */
function whenceOf(stall: Profile, { log: { checks, epoch } }: Case): string {
  const { startedAt, durationMicros, ledger } = stall.sources[0]!
  const start = Date.parse(startedAt) * 1000 - epoch
  const turns = checks.filter(({ at }) => at > start && at < start + durationMicros)
  const next = checks.find(({ at }) => at >= start + durationMicros)
  const last = checks.findLast(({ at }) => at <= start)
  const around = [...(last ? [last] : []), ...turns, ...(next ? [next] : [])]
  const said = around.slice(0, 12).map(({ at, cpu }) => `${ms(at - start)} (${ms(cpu)})`)
  return `${brief(stall)} ${JSON.stringify(ledger)}; turns at ${said.join(', ')}`
}

function brief(stall: Profile): string {
  const [owner] = ownersOf(stall)
  return `${ms(stall.sources[0]!.durationMicros)}, ${owner?.[0]}, ${heaviestOf(stall)}`
}

function ms(micros: number): string {
  return `${(micros / 1000).toFixed(1)} ms`
}

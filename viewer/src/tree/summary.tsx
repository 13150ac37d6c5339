import { printable } from '../../../src/profile/printable.js'
import type { DumpMeta, Ledger, Profile } from '../../../src/profile/profile.js'
import type { IndexEntry, Selection } from '../../../src/server/wire.js'
import { addLedgers, count, withUnit } from '../parts/figures.js'
import { RouteName, Status } from '../requests/request-row.js'
import { LedgerCard } from './ledger-card.js'
import type { TreeModel } from './model.js'

interface SummaryProps {
  readonly selection: Selection
  readonly entries: readonly IndexEntry[]
  readonly model: TreeModel
}

/** What is looked at, how long it took, where the time went, and what to beware of. */
export function Summary({ selection, entries, model }: SummaryProps) {
  const { tree } = model
  const metas = entries.flatMap((entry) => (entry.meta ? [entry.meta] : []))
  const ledger = metas.length === entries.length ? ledgerOf(metas) : ledgerOfTree(model)
  const single = entries.length === 1 ? entries[0]! : null
  return (
    <header class="summary">
      <div class="headline">
        <h1>{single ? <RouteName entry={single} /> : <SelectionName selection={selection} />}</h1>
        {single && <Status entry={single} />}
        <strong class="duration">{withUnit(tree.total[0]!, tree.profile.unit)}</strong>
      </div>
      <p class="facts">{factsOf(entries, metas, tree.profile).join(' · ')}</p>
      <LedgerCard ledger={ledger} unit={tree.profile.unit} />
      <Warnings lines={warningsOf(metas, tree.profile)} />
    </header>
  )
}

/** What several entries are called together. */
export function SelectionName({ selection }: { readonly selection: Selection }) {
  switch (selection.by) {
    case 'all':
      return <>All requests</>
    case 'route':
      return <bdi>{printable(selection.route)}</bdi>
    case 'worker':
      return (
        <bdi>{/^\d/.test(selection.worker) ? `Worker ${selection.worker}` : selection.worker}</bdi>
      )
    case 'ids':
      return <>{count(selection.ids.length, 'profile', 'profiles')} merged</>
  }
}

// --- internal ---

function ledgerOf(metas: readonly DumpMeta[]): Ledger {
  return addLedgers(metas.map((meta) => meta.ledger))
}

function ledgerOfTree({ accounts }: TreeModel): Ledger {
  const at = (account: keyof Ledger) => accounts.get(account)?.[0] ?? 0
  return {
    cpu: at('cpu'),
    gc: at('gc'),
    await: at('await'),
    blocked: at('blocked'),
    profiler: at('profiler'),
    unknown: at('unknown'),
  }
}

function factsOf(
  entries: readonly IndexEntry[],
  metas: readonly DumpMeta[],
  profile: Profile,
): string[] {
  const meta = entries.length === 1 ? metas[0] : undefined
  if (meta) {
    const { process } = meta
    const worker = process.workerId === 0 ? '' : `worker ${process.workerId}`
    const interval = `every ${meta.intervalMicros / 1_000} ms`
    return [
      START.format(new Date(meta.startedAt)),
      worker,
      `pid ${process.pid}`,
      process.host,
      `Node ${process.node.replace(/^v/, '')}`,
      `${count(meta.samples, 'sample', 'samples')} ${interval}`,
    ].filter(Boolean)
  }
  const workers = new Set(metas.map((each) => `${each.process.pid} ${each.process.workerId}`)).size
  return [
    entries.length > 1 ? count(entries.length, 'profile', 'profiles') : '',
    entries.length > 1 && workers > 0 ? count(workers, 'worker', 'workers') : '',
    count(profile.samples.stack.length, 'sample', 'samples'),
    count(profile.stacks.frame.length - 1, 'call', 'calls'),
  ].filter(Boolean)
}

function warningsOf(metas: readonly DumpMeta[], profile: Profile): string[] {
  const lines = new Set([...profile.warnings, ...metas.flatMap((meta) => meta.warnings)])
  if (metas.some((meta) => meta.attribution === 'process')) {
    lines.add('Requests could not be told apart: these are the samples of the whole thread.')
  }
  const dropped = metas.reduce((sum, meta) => sum + meta.dropped, 0)
  if (dropped > 0) lines.add(`${count(dropped, 'sample was', 'samples were')} lost.`)
  return [...lines]
}

function Warnings({ lines }: { readonly lines: readonly string[] }) {
  if (lines.length === 0) return null
  return (
    <details class="notice" open={lines.length <= 2}>
      <summary>{count(lines.length, 'remark', 'remarks')}</summary>
      <ul>
        {lines.map((line) => (
          <li key={line}>{printable(line)}</li>
        ))}
      </ul>
    </details>
  )
}

const START = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

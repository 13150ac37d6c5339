import { upToIn } from '../../../src/analysis/up-to.js'
import { printable } from '../../../src/printable.js'
import { ACCOUNT_TABLE, ACCOUNTS, perAccount } from '../../../src/profile/accounts.js'
import { sumOfLedger } from '../../../src/profile/ledger.js'
import type { Ledger, Micros, Profile } from '../../../src/profile/profile.js'
import { isTime } from '../../../src/profile/units.js'
import { boundsOf, certaintyNote } from '../../../src/render/bounds.js'
import { headerOf } from '../../../src/render/header.js'
import { amount, counted, percent } from '../../../src/render/measure.js'
import {
  type IndexEntry,
  routeOfEntry,
  type Selection,
  type ViewerIndex,
} from '../../../src/viewer-api/wire.js'
import { AccountBar } from '../parts/account-bar.js'
import { Swatch } from '../parts/account-colours.js'
import { accountName } from '../parts/account-name.js'
import { nounOfEntries } from '../parts/entry-name.js'
import { absoluteScale, roundedLedger, type Scale, shareOf } from '../parts/figures.js'
import { QueuedBefore } from '../parts/queued-before.js'
import { RouteName, Status } from '../parts/route-name.js'
import type { SettingsOf } from '../view-settings.js'
import { Blame } from './blame.js'
import { Delayed } from './delayed.js'
import { Findings } from './findings.js'
import { linksInto } from './link.js'
import type { TreeModel } from './tree-model.js'

interface SummaryProps {
  readonly index: ViewerIndex
  readonly selection: Selection
  readonly entries: readonly IndexEntry[]
  readonly profile: Profile
  readonly model: TreeModel
  readonly settings: SettingsOf<'tree'>
}

/** What is looked at, how long it took, where the time went, and what to beware of. */
export function Summary(props: SummaryProps) {
  const { index, selection, entries, profile, model, settings } = props
  const { facts, warnings } = headerOf(profile)
  const merged = entries.length > 1 ? [`${counted(entries.length, 'profile')} merged`] : []
  const whole = model.tree.total[0]!
  const scale = absoluteScale(profile.unit, whole)
  const shown = isTime(profile.unit)
    ? `${scale.write(whole)} ${scale.label}`
    : amount(whole, profile.unit)
  const single = entries.length === 1 ? entries[0]! : null
  const locate = model.source.locationOf
  const linkTo = linksInto(selection, settings)
  return (
    <header class="summary">
      <div class="headline">
        <h1>{single ? <RouteName entry={single} /> : <SelectionName {...props} />}</h1>
        {single && <Status entry={single} />}
        <strong class="duration">{shown}</strong>
      </div>
      <p class="facts">{[...merged, ...facts].join(' · ')}</p>
      <Findings profile={profile} locate={locate} linkTo={linkTo} />
      <QueuedBefore sources={profile.sources} locate={locate} />
      {profile.unit === 'microseconds' && (
        <LedgerCard
          profile={profile}
          ledger={ledgerOf(model)}
          upToMicros={upToIn(model.tree.profile)}
          scale={scale}
        />
      )}
      <Delayed profile={profile} />
      <Blame
        all={index.entries}
        profile={profile}
        route={routeOfAll(selection, single)}
        locate={locate}
        linkTo={linkTo}
      />
      <Warnings lines={warnings} />
    </header>
  )
}

// --- internal ---

function routeOfAll(selection: Selection, single: IndexEntry | null): string {
  return selection.by === 'route' ? selection.route : single ? routeOfEntry(single) : ''
}

/** What several entries are called together. */
function SelectionName({ selection, entries }: Pick<SummaryProps, 'selection' | 'entries'>) {
  switch (selection.by) {
    case 'all':
      return <>All {nounOfEntries(entries)}s</>
    case 'route':
      return <bdi>{printable(selection.route)}</bdi>
    case 'worker':
      return <bdi>Worker {printable(selection.worker)}</bdi>
    case 'ids':
      return <>{counted(selection.ids.length, 'profile')}</>
  }
}

/** The recorded ledger, if it is of all that is shown; else what the samples say. */
function ledgerOf({ tree, accounts }: TreeModel): Ledger {
  const { ledger } = headerOf(tree.profile)
  if (ledger && sumOfLedger(ledger) === tree.total[0]) return ledger
  return perAccount((account) => accounts.get(account)?.[0] ?? 0)
}

function Warnings({ lines }: { readonly lines: readonly string[] }) {
  if (lines.length === 0) return null
  return (
    <details class="notice" open={lines.length <= 2}>
      <summary>{counted(lines.length, 'remark')}</summary>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </details>
  )
}

interface LedgerCardProps {
  readonly profile: Profile
  readonly ledger: Ledger
  /** The part of blocked time that is an upper bound. */
  readonly upToMicros: Micros
  readonly scale: Scale
}

/**
 * The accounts as a bar and as numbers that add up, to the last digit shown, to the duration. Of
 * other tools' profiles only those that they have: the rest nobody has measured there.
 */
function LedgerCard({ profile, ledger, upToMicros, scale }: LedgerCardProps) {
  const isForeign = profile.sources.length === 0
  const whole = sumOfLedger(ledger)
  const rounded = roundedLedger(ledger, scale.step)
  const certainty = certaintyNote(boundsOf(ledger.blocked, upToMicros))
  return (
    <section class="ledger" aria-label="Where the time went">
      <AccountBar weightOf={(account) => ledger[account]} whole={whole} />
      <dl>
        {ACCOUNTS.filter((account) => !isForeign || ledger[account] > 0).map((account) => (
          <div
            key={account}
            class={ledger[account] === 0 ? 'nothing' : ''}
            title={isForeign ? undefined : ACCOUNT_TABLE[account].meaning}
          >
            <dt>
              <Swatch account={account} /> {accountName(profile, account)}
            </dt>
            <dd>
              <b>{scale.write(rounded.get(account)!)}</b> {scale.label}
              <small>
                {percent(shareOf(ledger[account], whole))}
                {account === 'blocked' && certainty}
              </small>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

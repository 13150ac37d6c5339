import { ANONYMOUS, AWAIT, BLOCKED, frameKind, hiddenCountOf } from '../../../src/profile/frames.js'
import { printable } from '../../../src/profile/printable.js'
import type { Account, Frame, StackIndex } from '../../../src/profile/profile.js'
import { counted } from '../../../src/render/measure.js'
import { AccountBar } from '../parts/account-bar.js'
import { type Scale, shareOf } from '../parts/figures.js'
import type { TreeModel } from './model.js'

interface TreeRowProps {
  readonly model: TreeModel
  readonly node: StackIndex
  readonly index: number
  readonly depth: number
  /** Levels that are cut off on the left, because the tree is too deep for the window. */
  readonly shift: number
  readonly open: boolean
  readonly active: boolean
  readonly match: boolean
  readonly scale: Scale
}

/** One call: its time with everything below it, its own, and where it is. */
export function TreeRow(props: TreeRowProps) {
  const { model, node, index, depth, shift, open, active, match, scale } = props
  const { tree } = model
  const frame = tree.profile.frames[tree.profile.stacks.frame[node]!]!
  const hasChildren = tree.firstChild[node] !== -1
  const total = tree.total[node]!
  const kind = frameKind(frame)
  const mark = kind === 'native' && isCulprit(model, node) ? 'culprit' : `kind-${kind}`
  return (
    <tr
      id={`row-${index}`}
      class={`row tree-row ${mark}`}
      aria-level={depth + 1}
      aria-rowindex={index + 2}
      aria-expanded={hasChildren ? open : undefined}
      aria-selected={active}
      data-active={active || undefined}
      data-match={match || undefined}
      data-row={index}
    >
      <td class={`cell-total heat-${heatOf(total, tree.total[0]!)}`}>{scale.write(total)}</td>
      <td class="cell-split">
        <AccountBar weightOf={weightOf(model, node)} whole={tree.total[0]!} />
      </td>
      <td class="cell-self">{tree.self[node] === 0 ? '' : scale.write(tree.self[node]!)}</td>
      <td class="cell-function">
        <span
          class={shift > 0 ? 'indent indent-cut' : 'indent'}
          style={{ width: `calc(${Math.max(0, depth - shift)} * var(--step))` }}
        />
        <span class="twisty" aria-hidden="true">
          {hasChildren ? (open ? '▾' : '▸') : ''}
        </span>
        <FrameName frame={frame} />
        {model.openGroups.has(node) && (
          <button type="button" class="group" data-group tabIndex={-1} title="Fold again (f)">
            fold
          </button>
        )}
        <span class="location" title={printable(frame.file)}>
          <bdi>{printable(model.base.locationOf(frame))}</bdi>
        </span>
      </td>
    </tr>
  )
}

// --- internal ---

/** `[await] timer 20 ms`: the mark in its colour, what was waited for in plain ink. */
function FrameName({ frame }: { readonly frame: Frame }) {
  if (frame.file === '' && frame.name.startsWith(`${AWAIT} `)) {
    return (
      <span class="name">
        <b class="mark">{AWAIT}</b> <bdi>{printable(frame.name.slice(AWAIT.length + 1))}</bdi>
      </span>
    )
  }
  const hidden = hiddenCountOf(frame)
  if (hidden > 0) {
    const packages = frame.name.slice(frame.name.indexOf(']') + 1).trim()
    return (
      <span class="name">
        <button
          type="button"
          class="group"
          data-group
          tabIndex={-1}
          title="Open these calls here (f)"
        >
          [{counted(hidden, 'frame')} hidden]
        </button>{' '}
        <bdi class="packages">{printable(packages)}</bdi>
      </span>
    )
  }
  return (
    <span class="name">
      <bdi>{printable(frame.name) || ANONYMOUS}</bdi>
    </span>
  )
}

/** Does the row name the request that was in the way? It stands between `[blocked]` and its code. */
function isCulprit({ base, tree }: TreeModel, node: StackIndex): boolean {
  const { frame, parent } = tree.profile.stacks
  const next = base.inverted ? tree.firstChild[node]! : parent[node]!
  return next > 0 && tree.profile.frames[frame[next]!]!.name === BLOCKED
}

/** 0 for what may be overlooked, 4 for most of the time. */
function heatOf(total: number, whole: number): number {
  const share = shareOf(total, whole)
  if (share >= 0.6) return 4
  if (share >= 0.3) return 3
  if (share >= 0.1) return 2
  return share >= 0.02 ? 1 : 0
}

function weightOf({ accounts }: TreeModel, node: StackIndex) {
  return (account: Account) => accounts.get(account)?.[node] ?? 0
}

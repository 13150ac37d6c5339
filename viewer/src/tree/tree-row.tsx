import { printable } from '../../../src/printable.js'
import type { Account } from '../../../src/profile/accounts.js'
import { frameKind, hiddenCountOf } from '../../../src/profile/frames.js'
import type { Frame, StackIndex } from '../../../src/profile/profile.js'
import { isBlocked } from '../../../src/profile/stack-waits.js'
import { heatOf } from '../../../src/render/heat.js'
import { counted } from '../../../src/render/measure.js'
import { AccountBar } from '../parts/account-bar.js'
import { type Scale, shareOf } from '../parts/figures.js'
import { FrameName } from '../parts/frame-name.js'
import type { TreeModel } from './tree-model.js'

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
      <td class={`cell-total heat-${heatOf(shareOf(total, tree.total[0]!))}`}>
        {scale.write(total)}
      </td>
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
        <CallName frame={frame} />
        <span class="note">{model.noteOf(node)}</span>
        {model.openGroups.has(node) && (
          <button type="button" class="group" data-group tabIndex={-1} title="Fold again (f)">
            fold
          </button>
        )}
        <span class="location" title={printable(frame.file)}>
          <bdi>{printable(model.source.locationOf(frame))}</bdi>
        </span>
      </td>
    </tr>
  )
}

// --- internal ---

/** A group of hidden calls is a button. */
function CallName({ frame }: { readonly frame: Frame }) {
  const hidden = hiddenCountOf(frame)
  if (hidden === 0) return <FrameName frame={frame} />
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

/**
 * Does the row name the request that was in the way? It stands between `[blocked]` and its code.
 */
function isCulprit({ inverted, tree }: TreeModel, node: StackIndex): boolean {
  const { parent } = tree.profile.stacks
  const next = inverted ? tree.firstChild[node]! : parent[node]!
  return isBlocked(tree.profile, next)
}

function weightOf({ accounts }: TreeModel, node: StackIndex) {
  return (account: Account) => accounts.get(account)?.[node] ?? 0
}

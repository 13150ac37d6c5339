import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { StackIndex } from '../../../src/profile/profile.js'
import type { Scale } from '../parts/figures.js'
import { VirtualRows } from '../parts/virtual-rows.js'
import { isOpenIn, type OpenNodes, setOpen } from './open-nodes.js'
import { type TreeMove, treeMove } from './tree-keys.js'
import type { TreeModel } from './tree-model.js'
import { TreeRow } from './tree-row.js'
import { type Rows, visibleRows } from './tree-rows.js'

interface TreeTableProps {
  readonly model: TreeModel
  readonly open: OpenNodes
  /** The node that the keyboard is on; -1: none yet. */
  readonly active: StackIndex
  readonly isMatch: Uint8Array
  readonly scale: Scale
  readonly onMove: (move: TreeMove) => void
  /** Opens a folded group in place, or folds it again. */
  readonly onGroup: (node: StackIndex) => void
}

/** The call tree as rows. A click toggles a row, with Alt its whole subtree. */
export function TreeTable(props: TreeTableProps) {
  const { model, open, active, isMatch, scale, onMove, onGroup } = props
  const table = useRef<HTMLTableElement>(null)
  const { tree } = model
  const isOpen = useMemo(() => isOpenIn(model, open), [model, open])
  const rows = useMemo(() => visibleRows(tree, isOpen), [tree, isOpen])
  const activeRow = useMemo(() => rows.node.indexOf(active), [rows, active])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tree takes the focus
  useEffect(() => table.current!.focus({ preventScroll: true }), [tree])

  const onKeyDown = (event: KeyboardEvent) => {
    const move = treeMove(event, model, rows, activeRow, open)
    if (!move) return
    event.preventDefault()
    onMove(move)
  }
  const onClick = (event: MouseEvent) => {
    const row = (event.target as Element).closest<HTMLElement>('[data-row]')
    if (!row || String(getSelection()) !== '') return
    const node = rows.node[Number(row.dataset.row)]!
    if ((event.target as Element).closest('[data-group]')) return onGroup(node)
    const hasCallees = tree.firstChild[node] !== -1
    const reach = event.altKey ? 'subtree' : 'node'
    onMove({ node, open: hasCallees ? setOpen(model, open, node, !isOpen(node), reach) : open })
  }
  return (
    <table
      ref={table}
      class="table tree-table"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA's own pattern for a table with keys
      role="treegrid"
      aria-label="Call tree"
      aria-rowcount={rows.node.length + 1}
      aria-activedescendant={activeRow < 0 ? undefined : `row-${activeRow}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <Heads scale={scale} />
      <VirtualRows
        count={rows.node.length}
        rowHeight={ROW}
        active={activeRow}
        reveal={active}
        render={(from, to, visible) => {
          const shift = hiddenLevels(rows, visible.first, visible.last)
          const shown = []
          for (let index = from; index <= to; index++) {
            const node = rows.node[index]!
            shown.push(
              <TreeRow
                key={node}
                model={model}
                node={node}
                index={index}
                depth={rows.depth[index]!}
                shift={shift}
                open={isOpen(node)}
                active={index === activeRow}
                match={isMatch[node] === 1}
                scale={scale}
              />,
            )
          }
          return shown
        }}
      />
    </table>
  )
}

// --- internal ---

const ROW = 26
/** Levels of indentation that fit beside the names. */
const DEEPEST = 24

/**
 * A tree may be a thousand levels deep: where the rows in the window do not fit side by side, the
 * levels that all of them share are not indented.
 */
function hiddenLevels(rows: Rows, first: number, last: number): number {
  let shallowest = Number.POSITIVE_INFINITY
  let deepest = 0
  for (let i = first; i <= last; i++) {
    shallowest = Math.min(shallowest, rows.depth[i]!)
    deepest = Math.max(deepest, rows.depth[i]!)
  }
  return deepest <= DEEPEST ? 0 : Math.min(shallowest, deepest - DEEPEST)
}

function Heads({ scale }: { readonly scale: Scale }) {
  // A word does not fit; the summary above has it.
  const unit = scale.label.length > 2 ? '' : scale.label
  return (
    <thead data-sticky class="sticky-heads">
      <tr class="row heads tree-row" aria-rowindex={1}>
        <th scope="col" class="cell-total" title="with everything it called">
          Total {unit}
        </th>
        <th scope="col" class="cell-split">
          <span class="unseen">Accounts</span>
        </th>
        <th scope="col" class="cell-self" title="without what it called">
          Self {unit}
        </th>
        <th scope="col" class="cell-function">
          Function
        </th>
      </tr>
    </thead>
  )
}

import { useEffect, useMemo, useRef } from 'preact/hooks'
import { applyView } from '../../../src/transform/view.js'
import { absoluteScale, percentScale } from '../parts/figures.js'
import { isTyping } from '../parts/grid-keys.js'
import type { Settings } from '../place.js'
import type { ChangeSettings } from '../use-place.js'
import type { ViewProps } from '../view-props.js'
import { buildTreeModel, type TreeModel } from './model.js'
import { readOpenNodes, reveal, writeOpenNodes } from './open-nodes.js'
import { heaviestPath } from './rows.js'
import { findMatches } from './search.js'
import { Summary } from './summary.js'
import { Toolbar } from './toolbar.js'
import type { TreeMove } from './tree-keys.js'
import { TreeTable } from './tree-table.js'

/** The call tree of a selection, under a summary of it. */
export function TreePage({ selection, entries, profile, settings, change }: ViewProps) {
  const foldLibraries = settings.fold !== 'off'
  const model = useMemo(
    () => buildTreeModel(applyView(profile, { threshold: 0, foldLibraries })),
    [profile, foldLibraries],
  )
  return (
    <div class="page tree-page">
      <Summary selection={selection} entries={entries} model={model} />
      {model.tree.firstChild[0] === -1 ? (
        <p class="empty">
          {model.tree.total[0] === 0 ? 'No samples' : 'No call stacks'} in this profile.
        </p>
      ) : (
        <Tree model={model} settings={settings} change={change} />
      )}
    </div>
  )
}

// --- internal ---

interface TreeProps {
  readonly model: TreeModel
  readonly settings: Settings
  readonly change: ChangeSettings
}

function Tree({ model, settings, change }: TreeProps) {
  const { tree } = model
  const { q = '', unit = '', open: openMode, x } = settings
  const search = useRef<HTMLInputElement>(null)
  const open = useMemo(() => readOpenNodes(settings), [openMode, x])
  const active = Number(settings.at ?? -1)
  const matches = useMemo(() => findMatches(tree, q), [tree, q])
  const whole = tree.total[0]!
  const absolute = absoluteScale(tree.profile.unit, whole)
  const scale = unit === 'percent' ? percentScale(whole) : absolute

  const move = ({ node, open: next }: TreeMove) => {
    change({ at: String(node), ...(next === open ? {} : writeOpenNodes(next)) })
  }
  const goToNode = (node: number) => move({ node, open: reveal(tree, open, node) })
  const goToHeaviest = () => {
    const path = heaviestPath(tree, active > 0 && tree.firstChild[active] !== -1 ? active : 0)
    if (path.length > 0) goToNode(path.at(-1)!)
  }
  const goToMatch = (step: 1 | -1) => {
    const { nodes } = matches
    if (nodes.length === 0) return
    const now = nodes.indexOf(active)
    const next = now === -1 ? (step === 1 ? 0 : -1) : (now + step) % nodes.length
    goToNode(nodes.at(next)!)
  }
  const onSearch = (text: string) => {
    const [first] = findMatches(tree, text).nodes
    const found = first === undefined ? {} : writeOpenNodes(reveal(tree, open, first))
    change({ q: text, ...(first === undefined ? {} : { at: String(first) }), ...found })
  }
  useKeys({
    '/': () => search.current?.focus(),
    h: goToHeaviest,
    n: () => goToMatch(1),
    N: () => goToMatch(-1),
    '%': () => change({ unit: unit === 'percent' ? '' : 'percent' }),
  })
  return (
    <>
      <Toolbar
        model={model}
        absolute={absolute}
        searchInput={search}
        text={q}
        matches={matches}
        active={active}
        settings={settings}
        change={change}
        onSearch={onSearch}
        onMatch={goToMatch}
        onHeaviest={goToHeaviest}
      />
      <TreeTable
        model={model}
        open={open}
        active={active}
        isMatch={matches.isMatch}
        scale={scale}
        onMove={move}
      />
    </>
  )
}

/** Single keys that work wherever the reader is not typing. */
function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return
      if (!Object.hasOwn(latest.current, event.key)) return
      event.preventDefault()
      latest.current[event.key]!()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}

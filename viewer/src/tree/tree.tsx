import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { Profile, StackIndex } from '../../../src/profile/profile.js'
import type { View } from '../../../src/transform/view.js'
import { absoluteScale, percentScale } from '../parts/figures.js'
import { useKeys } from '../parts/use-keys.js'
import type { Settings } from '../place.js'
import type { ChangeSettings } from '../use-place.js'
import type { BaseOf } from './base.js'
import { useCopy } from './copy.js'
import { groupAfter } from './groups.js'
import type { TreeModel } from './model.js'
import { isOnShow, isOpenIn, readOpenNodes, reveal, writeOpenNodes } from './open-nodes.js'
import { heaviestPath } from './rows.js'
import { searchIn } from './search.js'
import { Toolbar } from './toolbar.js'
import type { TreeMove } from './tree-keys.js'
import { TreeTable } from './tree-table.js'
import { sameFunction } from './turn.js'
import { readGroups, writeGroups } from './view-settings.js'

interface TreeProps {
  readonly profile: Profile
  readonly baseOf: BaseOf
  readonly model: TreeModel
  readonly view: View
  readonly settings: Settings
  readonly change: ChangeSettings
}

/**
 * The call tree with its tools. Where the reader is stands in the address, by stacks of the base.
 */
export function Tree({ profile, baseOf, model, view, settings, change }: TreeProps) {
  const { tree, nodeOf, stackOf } = model
  const { q = '', unit = '', open: openMode, x, at = '' } = settings
  const searchInput = useRef<HTMLInputElement>(null)
  const open = useMemo(() => readOpenNodes(settings), [openMode, x])
  const active = (at === '' ? 0 : nodeOf[Number(at)]) || -1
  const search = useMemo(() => searchIn(tree), [tree])
  const matches = useMemo(() => search(q), [search, q])
  const whole = tree.total[0]!
  const absolute = absoluteScale(tree.profile.unit, whole)
  const scale = unit === 'percent' ? percentScale(whole) : absolute
  const { copy, copied } = useCopy(profile, model)

  // A link, or other calls being folded, may lead to a row that is not on show.
  useEffect(() => {
    if (active < 0 || isOnShow(model, isOpenIn(model, open), active)) return
    change(writeOpenNodes(reveal(model, open, active)))
  }, [model, active])

  const move = ({ node, open: next }: TreeMove) => {
    change({ at: String(stackOf[node]), ...(next === open ? {} : writeOpenNodes(next)) })
  }
  const goToNode = (node: StackIndex) => move({ node, open: reveal(model, open, node) })
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
    const first = search(text).nodes[0]
    if (first === undefined) return change({ q: text })
    const found = reveal(model, open, first)
    change({ q: text, at: String(stackOf[first]), ...writeOpenNodes(found) })
  }
  const toggleGroup = (node: StackIndex) => {
    const next = groupAfter(model, readGroups(settings), node)
    if (next) change({ at: String(next.stack), groups: writeGroups(next.groups) })
  }
  const turn = () => {
    const inverted = view.invert !== true
    const there = active < 0 ? 0 : sameFunction(model.base, stackOf[active]!, baseOf(inverted))
    const place = there === 0 ? {} : { at: String(there), x: inverted ? `${there}*` : '' }
    change({ invert: inverted ? 'on' : '', at: '', x: '', groups: '', ...place })
  }
  useKeys({
    '/': () => searchInput.current?.focus(),
    h: goToHeaviest,
    n: () => goToMatch(1),
    N: () => goToMatch(-1),
    '%': () => change({ unit: unit === 'percent' ? '' : 'percent' }),
    f: () => toggleGroup(active),
    i: turn,
    c: () => copy(active),
    C: () => copy(-1),
  })
  return (
    <>
      <Toolbar
        model={model}
        absolute={absolute}
        searchInput={searchInput}
        text={q}
        matches={matches}
        active={active}
        settings={settings}
        change={change}
        onSearch={onSearch}
        onMatch={goToMatch}
        onHeaviest={goToHeaviest}
        onTurn={turn}
        onCopy={() => copy(active)}
      />
      <TreeTable
        model={model}
        open={open}
        active={active}
        isMatch={matches.isMatch}
        scale={scale}
        onMove={move}
        onGroup={toggleGroup}
      />
      {copied}
    </>
  )
}

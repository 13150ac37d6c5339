import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { StackIndex } from '../../../src/profile/profile.js'
import { absoluteScale, percentScale } from '../parts/figures.js'
import { useKeys } from '../parts/use-keys.js'
import type { ChangeSettings } from '../use-page-location.js'
import { byAndBy } from '../use-steps.js'
import type { Override, SettingsOf } from '../view-settings.js'
import { useCopy } from './copy.js'
import { groupAfter } from './groups.js'
import { isOnShow, isOpenIn, type OpenNodes, reveal } from './open-nodes.js'
import { sameFunction } from './same-function.js'
import { searchIn } from './search.js'
import { Toolbar } from './toolbar.js'
import type { TreeMove } from './tree-keys.js'
import type { TreeModel } from './tree-model.js'
import { heaviestPath } from './tree-rows.js'
import { TreeTable } from './tree-table.js'
import { viewOf } from './view-of.js'

interface TreeProps {
  readonly model: TreeModel
  readonly settings: SettingsOf<'tree'>
  readonly change: ChangeSettings<'tree'>
}

/**
 * The call tree with its tools. Where the reader is stands in the address, by stacks of the base.
 */
export function Tree({ model, settings, change }: TreeProps) {
  const { tree, nodeOf, stackOf } = model
  const { q, unit, open: mode, overrides, at } = settings
  const searchInput = useRef<HTMLInputElement>(null)
  const turns = useRef(0)
  const open: OpenNodes = useMemo(() => ({ open: mode, overrides }), [mode, overrides])
  const active = nodeOf[at] || -1
  const search = useMemo(() => searchIn(tree, model.inverted), [tree, model.inverted])
  const matches = useMemo(() => search(q), [search, q])
  const whole = tree.total[0]!
  const absolute = absoluteScale(tree.profile.unit, whole)
  const scale = unit === 'percent' ? percentScale(whole) : absolute
  const { copy, copied } = useCopy(model)

  // A link, or other calls being folded, may lead to a row that is not on show.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the reader may fold the row again
  useEffect(() => {
    if (active < 0 || isOnShow(model, isOpenIn(model, open), active)) return
    change(reveal(model, open, active))
  }, [model, active])

  const move = ({ node, open: next }: TreeMove) => {
    change({ at: stackOf[node]!, ...(next === open ? {} : next) })
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
    change({ q: text, at: stackOf[first]!, ...found })
  }
  const toggleGroup = (node: StackIndex) => {
    const next = groupAfter(model, settings.groups, node)
    if (next) change({ at: next.stack, groups: next.groups })
  }
  /** Stays at the function where the address counts by another base afterwards. */
  const changeView = async (changes: Partial<SettingsOf<'tree'>>) => {
    const turn = ++turns.current
    const wanted = { ...settings, ...changes }
    const { base } = await byAndBy(model.source.shownIn(viewOf(wanted)))
    const from = { profile: model.base, inverted: model.inverted }
    const to = { profile: base, inverted: wanted.invert }
    const there =
      base === model.base || active < 0
        ? 0
        : await byAndBy(sameFunction(from, stackOf[active]!, to))
    // Something else was chosen meanwhile.
    if (turn !== turns.current) return
    if (base === model.base) return change(changes)
    const overrides: Override[] = []
    if (wanted.invert && there !== 0) overrides.push({ stack: there, reach: 'subtree', open: true })
    change({ ...changes, at: there, overrides, groups: [] })
  }
  const invert = () => changeView({ invert: !model.inverted })
  useKeys({
    '/': () => searchInput.current?.focus(),
    h: goToHeaviest,
    n: () => goToMatch(1),
    N: () => goToMatch(-1),
    '%': () => change({ unit: unit === 'percent' ? 'absolute' : 'percent' }),
    f: () => toggleGroup(active),
    i: invert,
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
        change={changeView}
        onSearch={onSearch}
        onMatch={goToMatch}
        onHeaviest={goToHeaviest}
        onInvert={invert}
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

import { bad } from '../shared/bad.js'
import type { JsonScanner } from '../shared/json-scanner.js'
import { KnownKeys } from '../shared/known-keys.js'
import type { CallFrameReader, RawCallFrame } from './frames.js'
import type { NodeIds } from './ids.js'
import { emptyTable, type NodeTable } from './node-table.js'
import { readPlainNodes } from './plain-nodes.js'

interface NodeReaders {
  readonly scanner: JsonScanner
  readonly ids: NodeIds
  readonly callFrames: CallFrameReader
}

/** `"nodes": [{ "id": 1, "callFrame": {…}, "hitCount": 0, "children": [2, 3] }, …]` */
export function readNodes(readers: NodeReaders): NodeTable {
  const { scanner, callFrames } = readers
  const table = emptyTable()
  let unnamed = 0
  let row = 0
  const atArray = () => scanner.atArray()
  const enter = () => scanner.enter()
  const next = () => scanner.nextElement()
  const one = () => {
    // Not all of it was there the first time.
    forget(table, row)
    callFrames.unnamed = unnamed
    readNode(readers, table, row)
  }
  if (!scanner.whole(atArray)) throw bad('nodes', 'is not a list')
  if (!scanner.whole(enter)) return table
  do {
    if (readPlainNodes(scanner, table, callFrames)) return table
    unnamed = callFrames.unnamed
    row = table.id.length
    scanner.whole(one)
  } while (scanner.whole(next))
  return table
}

/**
 * The form before 2016: `"head": { "id": 1, "functionName": "(root)", …, "children": [{…}] }`.
 * Lines and columns count from 1, unless -1 is the root's, which has none.
 * A stack of open nodes instead of recursion, because such files nest as deep as the program did.
 */
export function readHead({ scanner, ids, callFrames }: NodeReaders): NodeTable {
  scanner.reserveAll()
  const table = emptyTable()
  const open: { row: number; raw: RawCallFrame & Record<string, unknown> }[] = []
  const begin = (): boolean => {
    const row = table.id.length
    if (!scanner.atObject()) throw bad(`node ${row}`, 'is not an object')
    table.id.push(NO_ID)
    table.frame.push(0)
    table.hitCount.push(0)
    open.push({ row, raw: {} })
    return scanner.enter()
  }
  let hasMember = begin()
  while (open.length > 0) {
    const { row, raw } = open[open.length - 1]!
    if (hasMember) {
      const key = HEAD_KEYS[scanner.keyIndex(KNOWN_HEAD_KEYS)]
      if (key === 'children') {
        if (!scanner.atArray()) throw bad(`children of node ${row}`, 'is not a list')
        if (scanner.enter()) {
          hasMember = begin()
          continue
        }
      } else if (key === 'id') table.id.set(row, ids.read(placeOfHeadId, row))
      else if (key === 'hitCount') table.hitCount.set(row, readHitCount(scanner))
      else if (key === undefined) scanner.skip()
      else raw[key] = scanner.value()
      hasMember = scanner.nextMember()
      continue
    }
    table.frame.set(row, callFrames.fromRaw(raw, open[0]!.raw.lineNumber === -1 ? 0 : 1))
    if (table.id.at(row) === NO_ID) throw bad(`node ${row}`, 'has no id')
    open.pop()
    const parent = open[open.length - 1]
    if (parent === undefined) break
    table.edgeParent.push(parent.row)
    table.edgeChild.push(table.id.at(row))
    // Another child of the same parent, or the end of its children and the parent's next member.
    hasMember = scanner.nextElement() ? begin() : scanner.nextMember()
  }
  return table
}

/** What is no count of anything is none. */
export function hitCount(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0
}

// --- internal ---

const NODE_KEYS = new KnownKeys([
  'id',
  'callFrame',
  'hitCount',
  'children',
  'parent',
  'positionTicks',
])
const HEAD_KEYS = [
  'children',
  'id',
  'hitCount',
  'functionName',
  'url',
  'lineNumber',
  'columnNumber',
]
const KNOWN_HEAD_KEYS = new KnownKeys(HEAD_KEYS)
const placeOfId = (row: number) => `nodes[${row}].id`
const placeOfHeadId = (row: number) => `id of node ${row}`
const placeOfParent = (row: number) => `nodes[${row}].parent`
const placeOfChildren = (row: number) => `nodes[${row}].children`
/** No id of a file becomes this number. */
const NO_ID = -1

/** What has been read of a node that is read once more. */
function forget(table: NodeTable, row: number): void {
  const { id, frame, hitCount, edgeParent, edgeChild, upParent, upChild } = table
  if (upChild.length > 0 && upChild.at(upChild.length - 1) === row) upChild.length--
  upParent.length = upChild.length
  id.length = row
  frame.length = row
  hitCount.length = row
  while (edgeParent.length > 0 && edgeParent.at(edgeParent.length - 1) === row) edgeParent.length--
  edgeChild.length = edgeParent.length
}

function readNode({ scanner, ids, callFrames }: NodeReaders, table: NodeTable, row: number): void {
  const { edgeParent, edgeChild } = table
  if (!scanner.atObject()) throw bad(`nodes[${row}]`, 'is not a node')
  let id = NO_ID
  let frame = -1
  let hits = 0
  if (scanner.enter()) {
    do {
      const key = scanner.keyIndex(NODE_KEYS)
      if (key === 0) id = ids.read(placeOfId, row)
      else if (key === 1) frame = callFrames.read()
      else if (key === 2) hits = readHitCount(scanner)
      else if (key === 3) ids.readFew(placeOfChildren, row, edgeChild)
      else if (key === 4) readParent(scanner, ids, table, row)
      else scanner.skip()
    } while (scanner.nextMember())
  }
  if (id === NO_ID) throw bad(`nodes[${row}]`, 'has no id')
  table.id.push(id)
  table.frame.push(frame === -1 ? callFrames.fromRaw(null) : frame)
  table.hitCount.push(hits)
  while (edgeParent.length < edgeChild.length) edgeParent.push(row)
}

/** The root has none, or says `null`. */
function readParent(scanner: JsonScanner, ids: NodeIds, table: NodeTable, row: number): void {
  const start = scanner.pos
  if (scanner.value() === null) return
  scanner.pos = start
  table.upParent.push(ids.read(placeOfParent, row))
  table.upChild.push(row)
}

function readHitCount(scanner: JsonScanner): number {
  const whole = scanner.integer()
  return hitCount(Number.isNaN(whole) ? scanner.value() : whole)
}

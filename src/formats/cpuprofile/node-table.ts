import { Float64Column, Int32Column } from '../../profile/columns.js'

/**
 * The nodes of a file as columns, in file order, and the edges between them as they are written.
 */
export interface NodeTable {
  readonly id: Int32Column
  readonly frame: Int32Column
  readonly hitCount: Float64Column
  /** Row of the parent, id of the child. */
  readonly edgeParent: Int32Column
  readonly edgeChild: Int32Column
  /** The same as some tools write it: row of the child, id of the parent. */
  readonly upChild: Int32Column
  readonly upParent: Int32Column
}

export function emptyTable(): NodeTable {
  return {
    id: new Int32Column(),
    frame: new Int32Column(),
    hitCount: new Float64Column(),
    edgeParent: new Int32Column(),
    edgeChild: new Int32Column(),
    upChild: new Int32Column(),
    upParent: new Int32Column(),
  }
}

/** Finding and sorting by whole numbers, in columns. */

/**
 * How many of the items, which are in rising order of their key, have one that is not above the
 * limit.
 */
export function countUpTo(items: ArrayLike<number>, limit: number): number
export function countUpTo<Item>(
  items: ArrayLike<Item>,
  limit: number,
  key: (item: Item) => number,
): number
export function countUpTo(
  items: ArrayLike<unknown>,
  limit: number,
  key: (item: never) => number = (item) => item,
): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (key(items[middle]! as never) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The indexes of the keys in rising order of the keys, which are below `keyCount`: those of key `k`
 * are `order.subarray(starts[k], starts[k + 1])`. Linear and stable: `items` are the indexes in the
 * order in which equal keys stay; default: rising.
 */
export function sortByKey(
  keys: ArrayLike<number>,
  keyCount: number,
  items: ArrayLike<number> | null = null,
): { order: Uint32Array<ArrayBuffer>; starts: Uint32Array } {
  const starts = new Uint32Array(keyCount + 1)
  for (let i = 0; i < keys.length; i++) starts[keys[i]! + 1]!++
  for (let key = 1; key <= keyCount; key++) starts[key]! += starts[key - 1]!
  const next = starts.slice()
  const order = new Uint32Array(keys.length)
  for (let at = 0; at < keys.length; at++) {
    const item = items === null ? at : items[at]!
    order[next[keys[item]!]!++] = item
  }
  return { order, starts }
}

/** `names[i] = nameOf[column[i]]` */
export function renamed(column: Int32Array, nameOf: ArrayLike<number>): Int32Array<ArrayBuffer> {
  const names = new Int32Array(column.length)
  for (let i = 0; i < column.length; i++) names[i] = nameOf[column[i]!]!
  return names
}

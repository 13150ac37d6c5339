/**
 * How many of the items, which are in rising order of their key, have one that is not above the
 * limit.
 */
export function countUpTo(
  items: ArrayLike<number>,
  limit: number,
  key: (item: number) => number = (item) => item,
): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (key(items[middle]!) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

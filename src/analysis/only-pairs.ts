/** What has a key that just one of each side has; '': it has none. In the order of `here`. */
export function onlyPairs<Item>(
  here: readonly Item[],
  there: readonly Item[],
  keyOf: (item: Item) => string,
): [Item, Item][] {
  const theirs = onlyOnes(there, keyOf)
  return [...onlyOnes(here, keyOf)].flatMap(([key, item]): [Item, Item][] => {
    const other = theirs.get(key)
    return item !== null && other ? [[item, other]] : []
  })
}

// --- internal ---

/** By key; null where several have it. */
function onlyOnes<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Map<string, Item | null> {
  const found = new Map<string, Item | null>()
  for (const item of items) {
    const key = keyOf(item)
    if (key !== '') found.set(key, found.has(key) ? null : item)
  }
  return found
}

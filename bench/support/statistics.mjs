/** A median, and between what it lies: what a row of the table says. */

/**
 * Of a few values all of them, of many those between which their median lies with 95 % confidence
 * (order statistics: nothing is assumed of how they scatter).
 */
export function summary(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const reach = sorted.length < 9 ? sorted.length : 0.98 * Math.sqrt(sorted.length)
  const at = (rank) => sorted[Math.min(sorted.length - 1, Math.max(0, rank))]
  const middle = (sorted.length - 1) / 2
  return {
    value: median(sorted),
    low: at(Math.floor(middle - reach)),
    high: at(Math.ceil(middle + reach)),
  }
}

export function median(values) {
  return percentile(values, 0.5)
}

/** The value below which `share` of them lie. */
export function percentile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.round((values.length - 1) * share)]
}

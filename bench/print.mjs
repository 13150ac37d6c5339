/** Amounts and tables as text. */

const UNITS = { times: '', '%': ' %', '/s': ' /s' }

/** Three digits of it: `1.04`, `23.5 µs`, `1,270 ms`. */
export function amount(value, unit = 'times') {
  return `${number(value, digitsOf(value))}${UNITS[unit] ?? ` ${unit}`}`
}

/** How far the middle may be from the truth on either side, in as many decimals as it: `± 0.3`. */
export function amountWithin({ value, low, high, unit }) {
  const within = Math.max(high - value, value - low)
  const digits = Math.min(2, Math.max(0, Math.ceil(-Math.log10(Math.max(within, 0.01)))))
  return `${number(value, digits)} ± ${number(within, digits)}${UNITS[unit] ?? ` ${unit}`}`
}

/** Columns side by side. */
export function table(lines) {
  const widths = lines[0].map((_, at) => Math.max(...lines.map((line) => line[at].length)))
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

// --- internal ---

function number(value, digits) {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

function digitsOf(value) {
  return Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
}

/** Adds what has happened so many times in a file, if it has. */
export function warnOf(warnings: string[], times: number, what: string): void {
  if (times > 0) warnings.push(times === 1 ? `1 ${what}` : `${times} times: a ${what}`)
}

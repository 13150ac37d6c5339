/** What path-to-regexp 0.1 (Express 4) has made of a path, as that path again. */

/** Null for what was no text, or is not to be told from it. `nextKey` names the groups in turn. */
export function writtenPattern({ source }: RegExp, nextKey: () => string | number): string | null {
  const body = MADE.exec(source)?.[1]
  if (body === undefined) return null
  let isPlain = true
  const pattern = body.replace(TOKEN, (token, dot, slash, group, optional, escaped) => {
    if (escaped !== undefined) return escaped
    if (token === '(.*)') {
      nextKey()
      return '*'
    }
    if (group === undefined) {
      isPlain = false
      return token
    }
    const own = DEFAULT_GROUP.test(group) ? '' : `(${group})`
    return `${slash ? '/' : ''}${dot ? '.' : ''}:${nextKey()}${own}${optional ?? ''}`
  })
  return isPlain ? pattern : null
}

/** Has a path of text been made into that? */
export function isMade(source: string): boolean {
  return MADE.test(source)
}

// --- internal ---

/** What a mounted path begins and ends with. */
const MADE = /^\^(.*?)(?:\\\/)?\??\(\?=\\\/\|\$\)$/

/** A parameter, a wildcard, an escaped character, or what a text would not be made into. */
const TOKEN =
  /\(\?:(\\\.)?(\\\/)?\(((?:\[[^\]]*\]|\(\?:\(\?!.*?\)\.\)|\\.|[^()[\]\\])+)\)\)(\?)?|\(\.\*\)|\\([/.-])|[()[\]?*+|\\^$]/g

const DEFAULT_GROUP = /^(?:\[\^\\?\/(?:\\\.)?\]\+\?|\(\?:\(\?!\\\/\|.*\)\.\)\+\?)$/

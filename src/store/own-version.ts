import { readFileSync } from 'node:fs'

/** This package's. The same from the sources, once compiled, and in a bundle: all are as deep. */
export function ownVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

import { execFileSync } from 'node:child_process'

/** May this user make a small disk of its own? */
export function canMount(): boolean {
  try {
    execFileSync('unshare', ['-rm', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('skipped: no right to mount a tmpfs, the full disk is not tested')
    return false
  }
}

/** Words before a program that has a small disk at `path` then, which goes with it. */
export function onSmallDisk(path: string, options = 'size=2m'): string[] {
  const script = `mount -t tmpfs -o ${options} tmpfs "$0" && exec "$@"`
  return ['unshare', '-rm', 'sh', '-c', script, path]
}

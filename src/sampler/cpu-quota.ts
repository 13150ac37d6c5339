/** Where Linux counts how long a CPU quota kept this process from running. */
import { readFileSync } from 'node:fs'

/** Where Linux shows a process its control groups; other places are for tests. */
export interface CgroupFiles {
  readonly own: string
  readonly root: string
}

export const CGROUP: CgroupFiles = { own: '/proc/self/cgroup', root: '/sys/fs/cgroup' }

/**
 * The `cpu.stat` of the nearest group of this process that has a quota; null where none has, and on
 * other systems. Both versions of control groups, from inside a container and from outside.
 */
export function quotaStat({ own, root }: CgroupFiles): string | null {
  for (const line of textOf(own).split('\n')) {
    const [, controllers, path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path.includes('/..')) continue
    if (controllers === '') {
      const found = nearest(root, path, 'cpu.max', /^\d/)
      if (found !== null) return found
    } else if (controllers.split(',').includes('cpu')) {
      const found = nearest(`${root}/${controllers}`, path, 'cpu.cfs_quota_us', /^[1-9]/)
      if (found !== null) return found
    }
  }
  return null
}

// --- internal ---

/** From the group itself up to the root; a container may see its own group as the root only. */
function nearest(root: string, path: string, file: string, isQuota: RegExp): string | null {
  for (let group = path; ; group = group.slice(0, group.lastIndexOf('/'))) {
    const folder = group === '/' ? root : root + group
    if (isQuota.test(textOf(`${folder}/${file}`))) return `${folder}/cpu.stat`
    if (group.length <= 1) return null
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

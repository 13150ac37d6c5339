import type { Cluster } from 'node:cluster'

/**
 * The number that Node gave this worker of a cluster; null where it is none. Without a channel to a
 * parent it cannot be one, and Node's module, with all that it loads (5 ms), is left alone.
 */
export function clusterWorkerId(): number | null {
  if (process.send === undefined) return null
  const cluster = process.getBuiltinModule('node:cluster') as unknown as Cluster
  return cluster.worker?.id ?? null
}

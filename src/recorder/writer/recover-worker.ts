/**
 * A thread of the command line: the dumps of a run's processes that have not written them, with
 * what is known of their ends.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { isJournal } from '../../store/dump-name.js'
import { processesIn } from '../../store/run-processes.js'
import { type Replayed, replay } from './replay.js'
import { type EndSeen, unfinished } from './unfinished.js'

const { dir } = workerData as { readonly dir: string }
const ends = new Map<number, EndSeen>(
  processesIn(dir).map(({ pid, runs, ending }) => [pid, runs ? 'runs' : ending]),
)
const replayed: Replayed[] = []
for (const name of readdirSync(dir).filter(isJournal)) {
  try {
    const endOf = (pid: number) => ends.get(pid) ?? null
    replayed.push(
      ...replay(join(dir, name), (last) =>
        unfinished(last, endOf(last.recording.meta.process.pid)),
      ),
    )
  } catch {
    // Its process has just ended by itself.
  }
}
parentPort!.postMessage(replayed)

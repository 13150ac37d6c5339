/** What the threads of a trace are called, as its metadata says. */
export class ThreadNames {
  readonly #threads = new Map<string, string>()
  readonly #processes = new Map<number, string>()

  addThread(pid: number, tid: number, name: string): void {
    this.#threads.set(`${pid}:${tid}`, name)
  }

  addProcess(pid: number, name: string): void {
    this.#processes.set(pid, name)
  }

  /** One name each: with the process's id where they would be equal, then with a number. */
  of(threads: readonly { readonly pid: number; readonly tid: number }[]): string[] {
    const plain = threads.map(({ pid, tid }) => {
      const thread = this.#threads.get(`${pid}:${tid}`) ?? `thread ${tid}`
      return [this.#processes.get(pid) ?? '', thread].join(' ').trim()
    })
    const pids = plain.map((name) => {
      return new Set(threads.filter((_, i) => plain[i] === name).map(({ pid }) => pid)).size
    })
    const named = plain.map((name, i) => (pids[i]! > 1 ? `${name} (pid ${threads[i]!.pid})` : name))
    const counts = new Map<string, number>()
    return named.map((name) => {
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      return count === 1 ? name : `${name} (${count})`
    })
  }
}

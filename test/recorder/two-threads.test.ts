/** Two threads of one process that each mount the middleware and listen. */
import { expect, test } from 'vitest'
import { runScript, temporaryDir } from '../support/app.js'
import { dumpsIn } from '../support/dump-check.js'

/**
 * Each burns in a function of its own name, both at once. Nothing is ended by hand: a thread is
 * over when its server is closed, and the process when its threads are.
 */
const APP = `
  import { once } from 'node:events'
  import { Worker } from 'node:worker_threads'

  const thread = (name) => \`
    import { createServer } from 'node:http'
    import { parentPort, threadId } from 'node:worker_threads'
    import { profiler } from '\${import.meta.resolve('profview')}'
    function \${name}(ms) { const end = performance.now() + ms; while (performance.now() < end); }
    const middleware = profiler()
    const server = createServer((request, response) => middleware(request, response, () => {
      \${name}(60)
      setTimeout(() => { \${name}(60); response.end(String(threadId)) }, 5)
    }))
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
    parentPort.once('message', () => { server.close(); server.closeAllConnections() })\`
  const start = (script) =>
    new Worker(new URL('data:text/javascript,' + encodeURIComponent(script)))

  const workers = [start(thread('ofFirst')), start(thread('ofSecond'))]
  const ports = await Promise.all(workers.map((worker) => once(worker, 'message')))
  const ask = async ([port]) => {
    const answer = await fetch('http://127.0.0.1:' + port + '/?profile=1')
    return [Number(await answer.text()), answer.headers.get('x-profile-id')]
  }
  const answers = await Promise.all(ports.map(ask))
  const exits = workers.map((worker) => once(worker, 'exit'))
  for (const worker of workers) worker.postMessage('end')
  console.log(JSON.stringify({ answers, codes: (await Promise.all(exits)).flat() }))
`

test('each has its own code in its dumps only, and both end by themselves', async () => {
  const dir = temporaryDir()
  const { code, out, err } = await runScript(APP, { env: { PROFVIEW_DIR: dir } })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const { answers, codes } = JSON.parse(out) as { answers: [number, string][]; codes: number[] }
  expect(codes).toEqual([0, 0])
  const dumps = dumpsIn(dir)
  const seen = answers.map(([threadId, id]) => {
    const { meta, names } = dumps.find((dump) => dump.meta.id === id)!
    const own = names.filter((name) => /^of(First|Second)$/.test(name))
    return { sameThread: meta.process.threadId === threadId, own: [...new Set(own)] }
  })
  expect(seen).toEqual([
    { sameThread: true, own: ['ofFirst'] },
    { sameThread: true, own: ['ofSecond'] },
  ])
})

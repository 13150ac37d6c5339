// Two cluster workers that crash after each dump, each in another way, and are started again, so
// many times in all: `<times> <JSON of options>`. Prints how they ended.
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { profiler } from 'profview'

const [times, json] = process.argv.slice(2)
const WAYS = ['kill', 'throw', 'abort', 'exit']

if (cluster.isPrimary) primary()
else worker(process.env.WAY)

function primary() {
  const ends = {}
  let begun = 0
  const fork = () => {
    if (begun < Number(times)) cluster.fork({ WAY: WAYS[begun++ % WAYS.length] })
  }
  cluster.on('exit', (_worker, code, signal) => {
    const how = signal ?? code
    ends[how] = (ends[how] ?? 0) + 1
    fork()
  })
  process.on('exit', () => console.log(JSON.stringify(ends)))
  for (let i = 0; i < 2; i++) fork()
}

function worker(way) {
  const onProfile = () => {
    // Out of the callback, of which nothing is thrown into the app.
    setImmediate(() => {
      if (way === 'kill') process.kill(process.pid, 'SIGKILL')
      if (way === 'abort') process.kill(process.pid, 'SIGABRT')
      if (way === 'exit') process.exit(3)
      throw new Error('of the app')
    })
  }
  const middleware = profiler({ ...JSON.parse(json), onProfile, authorize: () => true })
  const server = createServer((request, response) => {
    middleware(request, response, () => response.end('served'))
  })
  server.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
    const { port } = server.address()
    void fetch(`http://127.0.0.1:${port}/?profile=1`)
  })
}

/** The server of `server.mjs` as a child that can be asked. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url))

/** `settings`: what the server is given; `execArgv`: for Node. */
export async function startServer(settings, execArgv = []) {
  const child = fork(SERVER, [JSON.stringify(settings)], {
    env: { PATH: process.env.PATH },
    execArgv,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const server = { child, errors: '', exited: once(child, 'exit') }
  child.stderr.setEncoding('utf8').on('data', (text) => {
    server.errors += text
  })
  // Who is not there any more has nothing to say.
  server.ask = async (what) => {
    if (!child.connected) return null
    const answered = new Promise((resolve) => {
      const hear = (answer) => {
        if (answer.what !== what) return
        child.removeListener('message', hear)
        resolve(answer)
      }
      child.on('message', hear)
    })
    child.send(what, () => {})
    return Promise.race([answered, server.exited.then(() => null)])
  }
  const [started] = await Promise.race([once(child, 'message'), server.exited])
  if (!started?.port) throw new Error(`the server ended: ${server.errors}`)
  server.port = started.port
  return server
}

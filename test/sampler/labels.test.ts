/** The labels of samples keep nothing alive. */
import { expect, test } from 'vitest'
import { runScript } from '../support/app.js'

test('what a request ran under is let go with it, whoever is recorded', async () => {
  const script = `
    import { connect, createServer } from 'node:net'
    import { resolveOptions } from './dist/recorder/resolve-options.js'
    import { threadRecorder } from './dist/recorder/thread-recorder.js'
    const { sampler } = threadRecorder(resolveOptions({}))
    sampler.past.keep(1000)
    const server = createServer((socket) => socket.pipe(socket))
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const socket = connect(server.address().port, '127.0.0.1')
    const refs = []
    for (let i = 0; i < 200; i++) {
      const bystander = sampler.passage.introduce(() => 'GET /')
      refs.push(new WeakRef(bystander))
      await sampler.run(bystander, () => new Promise((resolve) => {
        socket.once('data', () => setImmediate(resolve))
        socket.write('ping')
      }))
      sampler.passage.leave(bystander)
    }
    await new Promise((resolve) => setImmediate(resolve))
    gc()
    console.log(refs.filter((ref) => ref.deref() !== undefined).length)
    process.exit()`
  const { out, err } = await runScript(script, { flags: ['--expose-gc'] })
  expect(err).toBe('')
  // The last of them wrote on the connection that is still open.
  expect(Number(out)).toBeLessThan(5)
})

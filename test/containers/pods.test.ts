/**
 * Containers as docs/containers.md has them, without Docker: process 1, a read-only root, an
 * unprivileged user, two replicas on one volume.
 */
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDir } from '../support/app.js'
import { checkDump, dumpsIn, filesIn } from '../support/dump-check.js'
import { Pod, whyNoPods } from '../support/pod.js'
import { deployment, environmentOf, serverFile } from './chapter.js'

const WHY_NOT = whyNoPods()
if (WHY_NOT !== '') console.warn(`not tested: containers: ${WHY_NOT}`)
const inPods = test.skipIf(WHY_NOT !== '')

const { spec } = deployment().spec.template
const [container] = spec.containers
const { mountPath } = container.volumeMounts[0]!
const uid = spec.securityContext.runAsUser
const AT_ONCE = 8
/** The chapter's, which says which requests have come. */
const SERVER = `${serverFile()}
server.prependListener('request', (req) => console.log('came', req.url))`

inPods('two pods on one volume lose nothing when they end in mid-request', async () => {
  const volume = temporaryDir()
  const pods = await replicas(volume, { PROFVIEW: 'all' })
  const asked = pods.map(async ({ host, pod, base }) => {
    const answered = Array.from({ length: AT_ONCE }, (_, i) => fetch(`${base}/orders/${i}`))
    // They take half a second.
    const came = () => pod.out.match(/^came \/orders/gm)?.length
    await expect.poll(came, { interval: 10 }).toBe(AT_ONCE)
    pod.signal('SIGTERM')
    const answers = await Promise.all(answered)
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    return { host, ids: answers.map(({ headers }) => headers.get('x-profile-id')) }
  })
  const served = await Promise.all(asked)
  for (const { pod } of pods) {
    const { code, out } = await pod.ended
    expect({ code, out: out.replaceAll(/^came .*\n/gm, '') }).toEqual({ code: 0, out: '' })
  }

  const dumps = dumpsIn(volume).filter(({ meta }) => meta.request?.route === '/orders/:id')
  for (const { host, ids } of served) {
    const own = dumps.filter(({ meta }) => meta.process.host === host)
    expect(own.map(({ meta }) => meta.id).sort()).toEqual(ids.sort())
    expect(own.map(({ meta }) => meta.process.pid)).toEqual(own.map(() => 1))
    expect(own.flatMap(({ meta }) => meta.warnings.map(({ code }) => code))).not.toContain(
      'process-ended',
    )
    expect(own[0]!.meta.labels).toEqual({ version: '1.2.3', namespace: 'prod' })
  }
  expect(dumps).toHaveLength(2 * AT_ONCE)
  expect(filesIn(volume).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

inPods('capture asks two pods from a third, and none is taken for another', async () => {
  const volume = temporaryDir()
  // Nothing is switched on.
  const pods = await replicas(volume, { PROFVIEW: '', PROFVIEW_SECRET: '' })
  const present = () => filesIn(join(volume, '.capture')).filter((name) => name.endsWith('.worker'))
  await expect.poll(() => present().length).toBe(2)
  const load = { isOn: true }
  const loads = pods.map(async ({ base }) => {
    while (load.isOn) await fetch(`${base}/orders/7`)
  })
  const output = '/tmp/now.html'
  const { code, out } = await commandLine(
    volume,
    'capture',
    mountPath,
    '--for',
    '2s',
    '-o',
    output,
    '--json',
  )
  load.isOn = false
  await Promise.all(loads)
  expect(code, out).toBe(0)
  const { missing, dumps } = JSON.parse(out)
  expect([missing, dumps.length]).toEqual([[], 2])
  const hosts = dumpsIn(volume).map(({ meta: { process, kept } }) => [
    process.host,
    process.pid,
    kept,
  ])
  expect(hosts.sort()).toEqual([
    ['shop-a', 1, 'capture'],
    ['shop-b', 1, 'capture'],
  ])
})

inPods('the command line runs in a pod, as the chapter has it', async () => {
  const volume = temporaryDir()
  const { out } = await commandLine(volume, 'list', mountPath)
  expect(out).not.toMatch(/EROFS|EACCES|Error/)
})

inPods('what runs as process 1 outlives a signal it does not handle, as without us', async () => {
  const volume = temporaryDir()
  const preload = 'file:///app/node_modules/profview/dist/bundle/run-preload.mjs?dir=/profiles'
  const program = `
    function work() { const end = performance.now() + 60; while (performance.now() < end); }
    setInterval(work, 200)
    console.log('ready')`
  const pod = new Pod({
    ...{ host: 'one', volume, mountPath: '/profiles', files: { 'stays.cjs': program } },
    args: [`--import=${preload}`, 'stays.cjs'],
  })
  const dumps = () => filesIn(volume).filter((name) => /^[^.].*\.cpuprofile$/.test(name))
  await expect.poll(() => pod.out, { timeout: 30_000 }).toBe('ready\n')
  for (const count of [1, 2]) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    pod.signal('SIGTERM')
    await expect.poll(() => dumps().length, { timeout: 30_000 }).toBe(count)
  }
  pod.signal('SIGKILL')
  await pod.ended
  expect(pod.out).not.toContain('profview')
  for (const name of dumps()) {
    const { meta, names } = checkDump(join(volume, name))
    expect({ ...meta.process, names }).toMatchObject({ pid: 1, host: 'one' })
    expect(names).toContain('work')
  }
})

function commandLine(volume: string, ...words: readonly string[]) {
  const args = ['node_modules/profview/bin/profview.js', ...words]
  return new Pod({ host: 'cli', volume, mountPath, uid, files: {}, args }).ended
}

/** Two of the chapter's servers, which answer. */
function replicas(volume: string, changes: Readonly<Record<string, string>>) {
  const start = async (host: string) => {
    const port = await freePort()
    const given = { POD_NAMESPACE: 'prod', PROFVIEW_SECRET: 's'.repeat(44) }
    const chosen = { NODE_ENV: 'production', PORT: String(port), ...changes }
    const env = { ...environmentOf(container, given), ...chosen }
    const files = { 'server.js': SERVER, 'package.json': '{"type":"module"}' }
    const pod = new Pod({ host, volume, mountPath, uid, files, env, args: ['server.js'] })
    const base = `http://127.0.0.1:${port}`
    await expect.poll(() => answers(`${base}/healthz`), { timeout: 30_000 }).toBe(true)
    return { host, pod, base }
  }
  return Promise.all(['shop-a', 'shop-b'].map(start))
}

async function freePort(): Promise<number> {
  const server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}

/** What docs/containers.md shows would work: it is parsed, and its parts fit each other. */
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/recorder/resolve-options.js'
import { deployment, dockerfile, environmentOf, manifest, serverFile } from './chapter.js'

const SECRET = 's'.repeat(44)
/** What lies beside the Dockerfile. */
const CONTEXT = ['package.json', 'package-lock.json', 'server.js']

test('the image has what it starts, and its user may not write to it', () => {
  const instructions = dockerfile()
  const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'CMD']
  expect(instructions.filter(([name]) => !known.includes(name))).toEqual([])
  const stages = argumentsOf('FROM').map((from) => / AS (\w+)$/.exec(from)?.[1])
  const last = instructions.map(([name]) => name).lastIndexOf('FROM')
  for (const copy of argumentsOf('COPY')) {
    const [, stage, files] = /^(?:--from=(\w+) )?(.*) \.\/\S*$/.exec(copy)!
    if (stage !== undefined) expect(stages).toContain(stage)
    else expect(CONTEXT).toEqual(expect.arrayContaining(files!.split(' ')))
  }
  expect(instructions.slice(last).filter(([name]) => name === 'USER')).toEqual([['USER', 'node']])
  const [name, command] = instructions.at(-1)!
  expect([name, JSON.parse(command)]).toEqual(['CMD', ['node', 'server.js']])
  const [dir] = /(?<=PROFVIEW_DIR=)\S+/.exec(argumentsOf('ENV').join(' '))!
  expect(argumentsOf('RUN').at(-1)).toMatch(new RegExp(`--owner=node .* ${dir}$`))
})

test('the manifest names what it has: volumes, claims, labels', () => {
  const { spec } = deployment()
  const { template, selector, replicas } = spec
  expect(replicas).toBeGreaterThan(1)
  expect(template.metadata.labels).toEqual(selector.matchLabels)
  const [container] = template.spec.containers
  const volumes = template.spec.volumes.map(({ name }) => name)
  expect(container.volumeMounts.map(({ name }) => name)).toEqual(volumes)
  const claims = template.spec.volumes.map(({ persistentVolumeClaim: claim }) => claim.claimName)
  const claim = manifest().get('PersistentVolumeClaim') as { metadata: { name: string } }
  expect(claims).toEqual([claim.metadata.name])
  expect(container.securityContext).toEqual({
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  })
  expect(template.spec.securityContext.runAsNonRoot).toBe(true)
  // An exit waits for three seconds at most.
  expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(3)
})

test('what it sets is understood, and dumps go to the volume', () => {
  const [container] = deployment().spec.template.spec.containers
  const env = environmentOf(container, { POD_NAMESPACE: 'prod', PROFVIEW_SECRET: SECRET })
  const warnings: string[] = []
  const logger = { info: () => {}, warn: (text: string) => void warnings.push(text) }
  const settings = resolveOptions({ logger }, { ...env, NODE_ENV: 'production' })
  expect(warnings).toEqual([])
  expect(settings).toMatchObject({
    mode: 0.01,
    secret: [SECRET],
    labelsOfAll: { version: '1.2.3', namespace: 'prod' },
    limits: { files: 1000, bytes: 2e8 },
  })
  expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toContain(settings.dir)
  const names = Object.keys(env).filter((name) => name.startsWith('PROFVIEW'))
  for (const name of names.filter((each) => each !== 'PROFVIEW_DIR')) {
    const without = resolveOptions({ logger }, { ...env, [name]: undefined })
    expect({ name, ...without, logger }, 'each is read').not.toEqual({ name, ...settings, logger })
  }
})

test('the app ends by itself when it is asked to', () => {
  expect(serverFile()).toContain("process.on('SIGTERM'")
})

function argumentsOf(instruction: string): string[] {
  return dockerfile().flatMap(([name, rest]) => (name === instruction ? [rest] : []))
}

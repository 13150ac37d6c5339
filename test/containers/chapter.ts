/** The files that docs/containers.md shows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { ROOT } from '../support/app.js'

interface EnvVariable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: object
}

export interface Container {
  readonly env: readonly EnvVariable[]
  readonly securityContext: object
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
}

export interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly securityContext: { readonly runAsUser: number; readonly runAsNonRoot: boolean }
  readonly containers: readonly [Container]
  readonly volumes: readonly {
    readonly name: string
    readonly persistentVolumeClaim: { readonly claimName: string }
  }[]
}

export interface Deployment {
  readonly spec: {
    readonly replicas: number
    readonly selector: { readonly matchLabels: object }
    readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec }
  }
}

/** Instructions in their order, with what follows. */
export function dockerfile(): readonly (readonly [string, string])[] {
  const lines = block('dockerfile').replaceAll('\\\n', ' ').split('\n')
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => /^(\w+) (.*)$/.exec(line)!.slice(1) as [string, string])
}

/** What it makes, by its kind. Throws what the parser says of it. */
export function manifest(): ReadonlyMap<string, unknown> {
  const documents = parseAllDocuments(block('yaml'), { strict: true, uniqueKeys: true })
  const found = documents.map((document) => {
    for (const error of document.errors) throw error
    return document.toJS() as { kind: string }
  })
  return new Map(found.map((object) => [object.kind, object]))
}

export function deployment(): Deployment {
  return manifest().get('Deployment') as Deployment
}

export function serverFile(): string {
  return block('js')
}

/** As the cluster sets it: variables in values are those that stand before. */
export function environmentOf({ env }: Container, given: Readonly<Record<string, string>>) {
  const set: Record<string, string> = {}
  for (const { name, value } of env) {
    const text = value ?? given[name]
    if (text === undefined) throw new Error(`nothing sets ${name}`)
    set[name] = text.replaceAll(/\$\((\w+)\)/g, (whole, other) => set[other] ?? whole)
  }
  return set
}

// --- internal ---

function block(language: string): string {
  const text = readFileSync(join(ROOT, 'docs/containers.md'), 'utf8')
  return new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)![1]!
}

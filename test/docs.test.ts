/** What the documents show works: their code has types, their commands and options exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import ts from 'typescript'
import { expect, test, vi } from 'vitest'
import { Session } from '../src/cli/session.js'

vi.setConfig({ testTimeout: 120_000 })

const ROOT = join(import.meta.dirname, '..')
const EXAMPLES = readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `examples/${name}/README.md`)
const DOCUMENTS = [
  ...EXAMPLES,
  ...['README.md', 'CONTRIBUTING.md', 'src/README.md'],
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

/** What belongs to the reader's own app. */
const READERS = `
declare function importUsers(file: string): Promise<void>
declare const requireAdmin: import('express').RequestHandler
`
/** As much of other frameworks as the documents show; `npm run test:frameworks` has them all. */
const FRAMEWORKS = `
type Done = (error?: Error) => void
type Message = import('node:http').IncomingMessage
type Reply = import('node:http').ServerResponse
declare module 'fastify' {
  type Plugin<Options> = (app: object, options: Options, done: Done) => void
  export default function fastify(): {
    register<Options>(plugin: Plugin<Options>, options?: Options): unknown
  }
}
declare module 'koa' {
  type Middleware = (ctx: { req: Message; res: Reply }, next: () => Promise<unknown>) => unknown
  export default class Koa {
    use(middleware: Middleware): this
  }
}
declare module 'hono' {
  type Middleware = (c: { env: object; req: object }, next: () => Promise<void>) => Promise<void>
  export class Hono {
    use(middleware: Middleware): this
  }
}
`
/** Programs that are not ours. */
const OTHERS = ['curl', 'cd', 'git', 'docker', 'kubectl', 'export']
/** Scripts of the reader's own. */
const READERS_FILES = ['app.js', 'server.js']

const blocks = DOCUMENTS.flatMap((document) => blocksOf(document, read(document)))

test('the code of the documents has the package’s own types', () => {
  expect(errorsIn(sourcesOf(blocks))).toEqual([])
})

test('what has not is found', () => {
  const text = `
\`\`\`js
import { profiler } from 'profview'
profiler({ inteval: 1 })
\`\`\`
1. A file of this repository:

   \`\`\`ts
   // src/profile/new.ts
   import { readProfile } from '../render/text.js'
   \`\`\`
`
  expect(errorsIn(sourcesOf(blocksOf('X.md', text)))).toEqual([
    expect.stringContaining(
      "X.md.ts: Object literal may only specify known properties, but 'inteval'",
    ),
    expect.stringContaining(
      'src/profile/new.ts: Module \'"../render/text.js"\' has no exported member',
    ),
  ])
})

test('the commands of the documents exist, with their options', async () => {
  const shown = commandsIn(blocks)
  expect(shown.length).toBeGreaterThan(10)
  expect(wrongIn(shown, await commands())).toEqual([])
})

test('the command table names options that exist', async () => {
  const known = await commands()
  const rows = [...read('docs/commands.md').matchAll(/^\| `([a-z]+) [[<][^`]*` \|(.*)\|$/gm)]
  const shown = rows.map(([, command, text]) => {
    const options = [...text!.matchAll(/`(-[^`]*)`/g)].map(([, option]) => option)
    return `npx profview ${command} ${options.join(' ')}`
  })
  expect(shown.length).toBe(known.size)
  expect(wrongIn(shown, known)).toEqual([])
})

test('a command or an option that is not there is found', async () => {
  const text =
    '```sh\nnpx profview shwo a\nnpm run dmeo && npm ci\nnpx profview show a --flta # x\nfrob\n```'
  expect(wrongIn(commandsIn(blocksOf('X.md', text)), await commands())).toEqual([
    'npx profview shwo a',
    'npm run dmeo',
    'npx profview show a --flta',
    'frob',
  ])
})

// --- internal ---

interface Block {
  readonly document: string
  readonly language: string
  readonly text: string
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

function blocksOf(document: string, text: string): Block[] {
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent, language, body]) => ({
      document,
      language: language!,
      text: body!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  )
}

/**
 * A block that begins with the path of a file is that file; the others of a document are one, which
 * lies beside it.
 */
function sourcesOf(given: readonly Block[]): Map<string, string> {
  const sources = new Map([[join(ROOT, 'frameworks.d.ts'), FRAMEWORKS]])
  for (const { document, language, text } of given) {
    if (!['js', 'ts', 'tsx'].includes(language)) continue
    const [, named] = /^\/\/ (\S+\.tsx?)\n/.exec(text) ?? []
    const file = join(ROOT, named ?? `${document}.ts`)
    sources.set(file, (sources.get(file) ?? (named ? '' : READERS)) + text)
  }
  return sources
}

function errorsIn(sources: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT)
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false })
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => sources.has(name) || fileExists(name)
  host.getSourceFile = (name, target, ...rest) => {
    const text = sources.get(name)
    if (text === undefined) return getSourceFile(name, target, ...rest)
    return ts.createSourceFile(name, text, target)
  }
  const program = ts.createProgram(
    [...sources.keys()],
    { ...options, noUnusedLocals: false, noUnusedParameters: false },
    host,
  )
  return [...sources.keys()].flatMap((name) => {
    const file = program.getSourceFile(name)!
    const found = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]
    return found.map(({ messageText }) => {
      return `${name.slice(ROOT.length + 1)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
  })
}

/** Lines of `sh` blocks, and what follows a prompt in others; one for each command of a line. */
function commandsIn(given: readonly Block[]): string[] {
  return given.flatMap(({ language, text }) => {
    const lines = text.split('\n').map((line) => line.replace(/\s+#\s.*$/, '').trim())
    const typed =
      language === 'sh'
        ? lines.filter((line) => line !== '' && !line.startsWith('#'))
        : lines
            .filter((line) => language === '' && line.startsWith('$ '))
            .map((line) => line.slice(2))
    return typed.flatMap((line) => line.split(' && '))
  })
}

/** Those of them that name what is not there. */
function wrongIn(shown: readonly string[], known: ReadonlyMap<string, ReadonlySet<string>>) {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  return shown.filter((line) => {
    const [program, first, second, ...rest] = line.split(/\s+/)
    if (OTHERS.includes(program!)) return false
    if (program === 'npm') {
      if (first === 'run') return !(second! in scripts)
      return !['ci', 'test', 'install'].includes(first!)
    }
    if (program === 'npx' && first === 'profview') {
      const options = known.get(second!)
      const given = rest.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split('=')[0]!)
      return options === undefined || given.some((option) => !options.has(option))
    }
    if (program === 'npx') return !existsSync(join(ROOT, 'node_modules/.bin', first!))
    const file = program === 'node' ? first! : program!
    return !READERS_FILES.includes(file) && !existsSync(join(ROOT, file))
  })
}

/** The options of each command. */
async function commands(): Promise<Map<string, Set<string>>> {
  const program = new Command()
  const { stdout, stderr } = process
  const session = new Session({ stdout, stderr, env: {}, cwd: ROOT })
  for (const file of readdirSync(join(ROOT, 'src/cli/commands'))) {
    const defined = await import(/* @vite-ignore */ join(ROOT, 'src/cli/commands', file))
    for (const define of Object.values(defined)) {
      if (typeof define === 'function' && define.name.startsWith('define')) define(program, session)
    }
  }
  return new Map(
    program.commands.map((command) => [
      command.name(),
      new Set(command.options.flatMap(({ long, short }) => [long ?? '', short ?? ''])),
    ]),
  )
}

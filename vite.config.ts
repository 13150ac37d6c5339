import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { defineConfig, type EnvironmentOptions, type Plugin, type Rollup } from 'vite'

/** So that `show` and `list` look for few files, and other commands share these. */
const COMMANDS = {
  start: 'src/cli/session.ts',
  list: 'src/cli/commands/list.ts',
  prune: 'src/cli/commands/prune.ts',
  show: 'src/cli/commands/show.ts',
}

/** Each an entry of the package: `profview/koa`. */
const FRAMEWORKS = ['fastify', 'koa', 'hono']

/**
 * What people run, in few files and as CommonJS: looking for modules, and what Node's loader of ES
 * modules makes of `node:http`, would be most of an app's and of a command's start. One build for
 * each kind of thread, so that none loads what another needs; within one, what several entries need
 * is there once.
 */
export default defineConfig({
  environments: {
    app: bundle('app', {
      index: 'src/index.ts',
      ...Object.fromEntries(FRAMEWORKS.map((name) => [name, `src/middleware/${name}.ts`])),
      viewer: 'src/server/viewer.ts',
      tools: 'src/tools.ts',
      register: 'src/middleware/register.ts',
      'registered-servers': 'src/middleware/registered-servers.ts',
      'routes-of-fastify': 'src/middleware/routes-of-fastify.ts',
      'run-program': 'src/middleware/run-program.ts',
      'run-servers': 'src/middleware/run-servers.ts',
      attached: 'src/middleware/attached.ts',
    }),
    writer: bundle('writer', {
      'writer-worker': 'src/recorder/writer/writer-worker.ts',
      'recover-worker': 'src/recorder/writer/recover-worker.ts',
    }),
    cli: bundle('cli', { main: 'src/cli/main.ts' }, byFirstUse(COMMANDS)),
  },
  builder: {
    buildApp: async (builder) => {
      for (const name of ['app', 'writer', 'cli']) await builder.build(builder.environments[name]!)
    },
  },
  plugins: [
    ownUrl(),
    packageEntries({
      index: 'index',
      ...Object.fromEntries(FRAMEWORKS.map((name) => [name, `middleware/${name}`])),
      viewer: 'server/viewer',
      register: 'middleware/register',
    }),
  ],
})

function bundle(
  name: string,
  input: Record<string, string>,
  manualChunks: Rollup.GetManualChunk = () => undefined,
): EnvironmentOptions {
  return {
    consumer: 'server',
    build: {
      // As deep as what it is made of: the files beside it are found from there.
      outDir: 'dist/bundle',
      // The first of them.
      emptyOutDir: name === 'app',
      emitAssets: true,
      minify: false,
      target: 'node20',
      rollupOptions: {
        input,
        // Rollup takes a constructor that does no more than tag an object for one that does nothing.
        treeshake: false,
        output: {
          format: 'cjs',
          entryFileNames: '[name].js',
          chunkFileNames: `${name}.[name].js`,
          manualChunks,
        },
      },
    },
  }
}

/** A module is in the file of the first of these that loads it at its start. */
function byFirstUse(files: Readonly<Record<string, string>>): Rollup.GetManualChunk {
  const chunks = new Map<string, string>()
  return (id, { getModuleInfo }) => {
    if (chunks.size > 0) return chunks.get(id)
    for (const [name, file] of Object.entries(files)) {
      const reached = new Set([join(import.meta.dirname, file)])
      for (const module of reached) {
        if (!chunks.has(module)) chunks.set(module, name)
        for (const next of getModuleInfo(module)?.importedIds ?? []) reached.add(next)
      }
    }
    return chunks.get(id)
  }
}

/** Rollup would ask a browser’s document first. */
function ownUrl(): Plugin {
  return {
    name: 'own-url',
    resolveImportMeta: (property) =>
      property === 'url' ? `require('node:url').pathToFileURL(__filename).href` : null,
  }
}

/**
 * What the app's build needs beside it, from what the compiler has made in `dist`: for `import` a
 * module with the names of each entry, types of it for both ways of loading, the schema of our key,
 * and the preload of `run`, which reads its own URL and so stays an ES module.
 */
function packageEntries(entries: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'package-entries',
    applyToEnvironment: ({ name }) => name === 'app',
    generateBundle(_options, chunks) {
      const emit = (fileName: string, source: string) =>
        this.emitFile({ type: 'asset', fileName, source })
      emit('package.json', '{ "type": "commonjs" }\n')
      emit('schema.json', readFileSync('src/formats/cpuprofile/profview-key.schema.json', 'utf8'))
      emit('run-preload.mjs', readFileSync('dist/middleware/run-preload.js', 'utf8'))
      const types = new Set(Object.values(entries).map((path) => `${path}.d.ts`))
      // What a set gets while it is walked is walked, too.
      for (const path of types) {
        const text = readFileSync(`dist/${path}`, 'utf8')
        emit(`types/${path}`, text)
        for (const [, next] of text.matchAll(/(?:from |import\()['"](\..*?)\.js['"]/g)) {
          types.add(`${posix.join(posix.dirname(path), next!)}.d.ts`)
        }
      }
      for (const [name, path] of Object.entries(entries)) {
        const chunk = chunks[`${name}.js`]
        if (chunk?.type !== 'chunk') throw new Error(`${name}.js was not built`)
        emit(`${name}.mjs`, moduleOf(name, chunk.exports))
        emit(`${name}.d.mts`, `export * from './types/${path}.js'\n`)
      }
    },
  }
}

/**
 * An `import` of it would have Node read all of a CommonJS file for the names that it exports: 15 ms
 * and 5 MB on Node 20.
 */
function moduleOf(name: string, exported: readonly string[]): string {
  return `const { createRequire } = process.getBuiltinModule('node:module')
export const { ${exported.join(', ')} } = createRequire(import.meta.url)('./${name}.js')
`
}

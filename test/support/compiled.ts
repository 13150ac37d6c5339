/** Programs as compilers leave them, with their maps. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { transformSync } from 'esbuild'
import ts from 'typescript'

export const SOURCE = `export interface User { id: number }

export async function loadUser(id: number): Promise<User> {
  await new Promise((resolve) => setTimeout(resolve, 1))
  burn(80)
  return { id }
}

export const handler = async (id: number) => {
  const user = await loadUser(id)
  return [user].map((each) => each.id)
}

class Store {
  async find(id: number) {
    return handler(id)
  }
}

function burn(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end) Math.sqrt(2)
}

export async function main() {
  return new Store().find(3)
}
`

export type Compiler = 'ES5' | 'ES2015' | 'ES2022' | 'esbuild' | 'minified'
export const COMPILERS: readonly Compiler[] = ['ES5', 'ES2015', 'ES2022', 'esbuild', 'minified']

export interface Compiled {
  readonly code: string
  readonly map: string
}

/** `source`: the name of the original, from the map's folder. */
export function compile(by: Compiler, text = SOURCE, source = '../src/app.ts'): Compiled {
  if (by === 'esbuild' || by === 'minified') {
    const { code, map } = transformSync(text, {
      loader: 'ts',
      format: 'cjs',
      target: 'es2016',
      minify: by === 'minified',
      sourcemap: 'external',
      sourcesContent: false,
      sourcefile: source,
    })
    return { code, map }
  }
  const { outputText, sourceMapText } = ts.transpileModule(text, {
    fileName: 'app.ts',
    compilerOptions: {
      target: ts.ScriptTarget[by],
      module: ts.ModuleKind.CommonJS,
      sourceMap: true,
    },
  })
  const map = JSON.stringify({ ...JSON.parse(sourceMapText!), sources: [source] })
  return { code: outputText.replace(/\/\/# sourceMappingURL=.*/, ''), map }
}

/**
 * Writes `src/app.ts` and `dist/app.js` below a folder, the map in the code or beside it, and
 * returns the path of the latter.
 */
export function writeCompiled(
  dir: string,
  by: Compiler,
  { inline = false, text = SOURCE, tail = '' } = {},
): string {
  const { code, map } = compile(by, text)
  const file = join(dir, 'dist', 'app.js')
  mkdirSync(dirname(file), { recursive: true })
  mkdirSync(join(dir, 'src'), { recursive: true })
  writeFileSync(join(dir, 'src', 'app.ts'), text)
  const data = Buffer.from(map).toString('base64')
  const url = inline ? `data:application/json;base64,${data}` : 'app.js.map'
  if (!inline) writeFileSync(`${file}.map`, map)
  writeFileSync(file, `${code}${tail}\n//# sourceMappingURL=${url}\n`)
  return file
}

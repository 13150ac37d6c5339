/** Examples as after `npm install`: copied, what they need linked, the built package among it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { ROOT } from '../support/app.js'

export const EXAMPLES = join(ROOT, 'examples')

/** Programs of scripts, without the shell and links that npm would make. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  node: [],
  tsx: [join(ROOT, 'node_modules/tsx/dist/cli.mjs')],
  tsc: [join(ROOT, 'node_modules/typescript/bin/tsc')],
}

export class Example {
  readonly folder: string
  readonly #children: ChildProcess[] = []

  constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `profview-example-${name}-`))
    cpSync(join(EXAMPLES, name), this.folder, { recursive: true })
    const { dependencies, devDependencies = {} } = readJson(join(this.folder, 'package.json'))
    for (const needed of Object.keys({ ...dependencies, ...devDependencies })) {
      const link = join(this.folder, 'node_modules', needed)
      mkdirSync(dirname(link), { recursive: true })
      const target = needed === 'profview' ? ROOT : join(ROOT, 'node_modules', needed)
      symlinkSync(target, link, 'junction')
    }
  }

  /** A script of its package.json. */
  commandOf(script: string): [program: string, args: string[]] {
    const [name, ...args] = readJson(join(this.folder, 'package.json')).scripts[script].split(' ')
    return [process.execPath, [...PROGRAMS[name]!, ...args]]
  }

  /** Starts a script; resolves to what the first line holds of this. */
  async start(script: string, wanted: RegExp, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const [program, args] = this.commandOf(script)
    const child = spawn(program, args, {
      cwd: this.folder,
      env: { ...process.env, PORT: '0', NODE_ENV: 'development', PROFVIEW: '', ...env },
      stdio: 'pipe',
    })
    this.#children.push(child)
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    for await (const line of createInterface({ input: child.stdout })) {
      const [found] = wanted.exec(line) ?? []
      if (found !== undefined) return found
    }
    throw new Error(`${script} has ended: ${said}`)
  }

  async remove(): Promise<void> {
    for (const child of this.#children) {
      const ended = new Promise((resolve) => child.once('close', resolve))
      if (child.exitCode === null && child.kill()) await ended
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export function readJson(file: string) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

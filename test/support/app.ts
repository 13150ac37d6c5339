/** Real servers and real processes with the built profview inside. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, onTestFinished } from 'vitest'
import type { FunctionOptions, ProfileInfo, ProfilerOptions } from '../../src/index.js'
import { checkDump, type Dump } from './dump-check.js'

const load = createRequire(import.meta.url)
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** As users load it: the writer's thread needs the built files. */
export const profview: typeof import('../../src/index.js') = load('../../dist/bundle/index.js')
export const express5: typeof import('express') = load('express')
/** Express 4, which has no types of its own; what the tests use is the same. */
export const express4: typeof import('express') = load('express4')

/** In memory where that can be: on a disk that others use, `fsync` may take seconds. */
const TEMPORARY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

export function temporaryDir(): string {
  const dir = mkdtempSync(join(TEMPORARY, 'profview-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** The same for tests that run at once: for as long as any of their file runs. */
export function temporaryDirs(): () => string {
  const dirs: string[] = []
  afterAll(() => {
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true })
  })
  return () => {
    const dir = mkdtempSync(join(TEMPORARY, 'profview-test-'))
    dirs.push(dir)
    return dir
  }
}

export interface Running {
  readonly server: Server
  readonly port: number
  /** Answers are read to their end. */
  get(path: string, init?: RequestInit): Promise<Response>
}

export async function serve(handler: RequestListener): Promise<Running> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => close(server))
  const { port } = server.address() as AddressInfo
  return {
    server,
    port,
    async get(path, init) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init })
      const body = await answer.arrayBuffer()
      const empty = [204, 304].includes(answer.status)
      return new Response(empty ? null : body, answer)
    },
  }
}

export function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

/** Dumps as they are written. */
export class Dumps {
  readonly dir: string
  readonly files: string[] = []
  readonly warnings: string[] = []
  #arrived = () => {}

  constructor(dir = join(temporaryDir(), 'profiles')) {
    this.dir = dir
  }

  /** Options for a middleware that writes here. */
  options(options: ProfilerOptions = {}): ProfilerOptions {
    return {
      dir: this.dir,
      onProfile: (info) => this.add(info),
      logger: { info: () => {}, warn: (message) => this.#warn(message) },
      ...options,
    }
  }

  /** Options for a job whose dump is written here. */
  jobOptions(options: FunctionOptions = {}): FunctionOptions {
    const { onProfile, logger } = this.options()
    return { dir: this.dir, onProfile: onProfile!, logger: logger!, ...options }
  }

  add(info: ProfileInfo): void {
    this.files.push(info.file)
    this.#arrived()
  }

  #warn(message: string): void {
    // Told once in a process, by whichever of its tests comes first.
    if (message.includes('for development only')) return
    this.warnings.push(message)
    this.#arrived()
  }

  /** The next `count` dumps, checked and taken out. */
  async take(count: number): Promise<Dump[]> {
    await this.until(() => this.files.length >= count)
    return this.files.splice(0, count).map(checkDump)
  }

  async one(): Promise<Dump> {
    return (await this.take(1))[0]!
  }

  /** Until something that is told by a dump or a warning holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
  }
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>
  /** For Node itself. */
  readonly flags?: readonly string[]
  readonly args?: readonly string[]
  /** What follows `node [flags]`; default: the script as a module. */
  readonly type?: 'module' | 'commonjs'
}

/** Runs a script, given as text, in the package's own folder, so that it can import `profview`. */
export function runScript(script: string, options: ChildOptions = {}): Promise<Ended> {
  const { flags = [], args = [], type = 'module' } = options
  return runNode([...flags, `--input-type=${type}`, '-e', script, '--', ...args], options.env)
}

export function runNode(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Ended> {
  return run(process.execPath, args, env)
}

/**
 * Runs a program in the package's own folder. What a developer is told of triggers, and that they
 * are for development, is no part of what it wrote.
 */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const ended = await runWhole(program, args, env)
  return { ...ended, err: ended.err.replace(FOR_DEVELOPMENT, '').replace(OF_EACH, '') }
}

export function runWhole(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...inherited(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
    killSignal: 'SIGKILL',
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text
  })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
}

/** A raw connection: what it gets, and when it is over. */
export async function rawConnection(port: number): Promise<{
  readonly socket: Socket
  readonly received: () => string
  /** Until what was received matches. */
  until(pattern: RegExp): Promise<string>
}> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let arrived = () => {}
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk
    arrived()
  })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  return {
    socket,
    received: () => text,
    async until(pattern) {
      while (!pattern.test(text)) {
        await new Promise<void>((resolve) => {
          arrived = resolve
        })
      }
      return text
    },
  }
}

// --- internal ---

const OF_EACH = /^profview: .* · npx profview show .*\n/gm
/** Node adds a line to its first warning. */
const FOR_DEVELOPMENT = /^.*for development only.*\n(\(Use .*\n)?/gm

/** The tests' own environment must not decide what a child does. */
function inherited(): NodeJS.ProcessEnv {
  const env = { ...process.env }
  for (const name of Object.keys(env)) {
    if (/^(PROFVIEW|NODE_|VITEST)/.test(name)) delete env[name]
  }
  return env
}

/** What shells complete, and the examples of the help, are what there is. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Session } from '../../src/cli/session.js'
import { profview } from '../support/cli.js'

const COMMANDS = join(import.meta.dirname, '../../src/cli/commands')
const scriptOf = (shell: string) => profview(['completion', shell]).out
const hasShell = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0

const program = new Command()
beforeAll(async () => {
  const { stdout, stderr } = process
  const session = new Session({ stdout, stderr, env: {}, cwd: '/' })
  for (const file of readdirSync(COMMANDS)) {
    const defined = await import(/* @vite-ignore */ join(COMMANDS, file))
    for (const define of Object.values(defined)) {
      if (typeof define === 'function' && define.name.startsWith('define')) define(program, session)
    }
  }
})

describe('bash', () => {
  /** What it offers behind these words. */
  const offered = (...words: string[]) => {
    const line = ['profview', ...words].map((word) => `'${word}'`).join(' ')
    const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _profview; echo "\${COMPREPLY[@]}"`
    const text = execFileSync('bash', ['-c', `${scriptOf('bash')}\n${ask}`], { encoding: 'utf8' })
    return text.trim().split(' ')
  }

  test.runIf(hasShell('bash'))('offers commands, options and what options take', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['open', 'list', 'show', 'completion']))
    expect(offered('sh')).toEqual(['show'])
    expect(offered('list', '--s')).toEqual(['--sort', '--stalls'])
    expect(offered('list', '--sort', 'b')).toEqual(['blocked'])
    expect(offered('show', '--kind', '')).toContain('stall')
    expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(offered('prune', '--a')).toEqual(['--age'])
    // Paths: the shell's own.
    expect(offered('show', 'pro')).toEqual([''])
  })
})

describe.each(['bash', 'zsh', 'fish'])('%s', (shell) => {
  test('is offered each command and option, and no other', () => {
    const script = scriptOf(shell)
    for (const command of program.commands) {
      const lines = script
        .split('\n')
        .filter((line) => new RegExp(`\\b${command.name()}\\b`).test(line))
      for (const { long } of command.options) {
        const name = shell === 'fish' ? `-l ${long!.slice(2)} ` : long!
        expect(
          lines.some((line) => line.includes(name)),
          `${command.name()} ${long}`,
        ).toBe(true)
      }
    }
    const known = new Set(
      program.commands.flatMap(({ options }) => options.map(({ long }) => long)),
    )
    const bare = script.replaceAll(/\[[^\]]*\]|-d '.*'$/gm, '')
    for (const [option] of bare.matchAll(/--[a-z][a-z-]+/g)) {
      expect([...known, '--help', '--version']).toContain(option)
    }
  })

  test.runIf(hasShell(shell))('reads it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'profview-completion-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const file = join(dir, 'script')
    writeFileSync(file, scriptOf(shell))
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })
})

test('a shell that is not known is told which are', () => {
  expect(profview(['completion', 'tcsh'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('Allowed choices are bash, zsh, fish.'),
  })
})

test('the help of each command ends with an example, of options that exist', () => {
  const help = profview([]).out
  for (const command of program.commands) {
    const name = command.name()
    expect(help).toMatch(new RegExp(`^  ${name} `, 'm'))
    const { out } = profview([name, '--help'])
    const examples = [...out.matchAll(new RegExp(`^  .*\\bprofview ${name}\\b(.*)$`, 'gm'))]
    expect(examples.length, name).toBeGreaterThan(0)
    for (const [line, rest] of examples) {
      const given = rest!.match(/(?<=\s)--?[a-z][a-z0-9-]*/g) ?? []
      const known = command.options.flatMap(({ long, short }) => [long, short])
      if (name !== 'run') for (const option of given) expect(known, line).toContain(option)
    }
  }
})

/** Scripts for shells, made of commander's commands: what they offer is what there is. */
import type { Command, Option } from 'commander'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export function completionFor(shell: Shell, commands: readonly Command[]): string {
  return WRITERS[shell](commands)
}

// --- internal ---

const WRITERS: Readonly<Record<Shell, (commands: readonly Command[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

function bashScript(commands: readonly Command[]): string {
  const flags = commands.map((command) => {
    const all = command.options.flatMap(({ short, long }) => [short, long].filter(Boolean))
    return `    ${command.name()}) flags='${[...all, '--help'].join(' ')}' ;;`
  })
  const values = commands.flatMap((command) => {
    return command.options.flatMap((option) =>
      (option.argChoices ?? []).length === 0
        ? []
        : [`    ${command.name()}' '${option.long}) values='${option.argChoices!.join(' ')}' ;;`],
    )
  })
  const named = commands.flatMap((command) => {
    const choices = command.registeredArguments[0]?.argChoices
    return choices ? [`    ${command.name()}) values='${choices.join(' ')}' ;;`] : []
  })
  return `# bash completion of profview: source <(profview completion bash)
_profview() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]} flags= values=
  local before=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map((command) => command.name()).join(' ')} --help --version' -- "$cur"))
    return
  fi
  case $command in
${flags.join('\n')}
  esac
  case $command' '$before in
${values.join('\n')}
  esac
  case $command in
${named.join('\n')}
  esac
  if [ -n "$values" ]; then
    COMPREPLY=($(compgen -W "$values" -- "$cur"))
  elif [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  fi
}
# Else paths.
complete -o default -F _profview profview
`
}

function zshScript(commands: readonly Command[]): string {
  const named = commands.map(
    (command) =>
      `      ${quoted(`${command.name()}:${command.description().replaceAll(':', '\\:')}`)}`,
  )
  const cases = commands.map((command) => {
    const choices = command.registeredArguments[0]?.argChoices
    const rest = choices ? `*:value:(${choices.join(' ')})` : '*:file:_files'
    const specs = [...command.options.map(zshOption), quoted('--help[help]'), quoted(rest)]
    return `    ${command.name()}) _arguments ${specs.join(' ')} ;;`
  })
  return `#compdef profview
# zsh completion of profview: source <(profview completion zsh)
_profview() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${named.join('\n')}
    )
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _profview ]; then _profview "$@"; else compdef _profview profview; fi
`
}

/** `'(-o --output)'{-o,--output}'[where to write it]:value:_files'` */
function zshOption(option: Option): string {
  const { short, long, description, argChoices } = option
  const text = description.replaceAll(/[[\]:\\]/g, (sign) => `\\${sign}`)
  const value = takesValue(option)
    ? `:value:${argChoices ? `(${argChoices.join(' ')})` : '_files'}`
    : ''
  const tail = quoted(`[${text}]${value}`)
  return short && long ? `'(${short} ${long})'{${short},${long}}${tail}` : `${short ?? long}${tail}`
}

function fishScript(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const name = command.name()
    const under = `complete -c profview -n '__fish_seen_subcommand_from ${name}'`
    const choices = command.registeredArguments[0]?.argChoices
    return [
      `complete -c profview -n __fish_use_subcommand -f -a ${name} -d ${fishQuoted(command.description())}`,
      ...(choices ? [`${under} -f -a '${choices.join(' ')}'`] : []),
      ...command.options.map((option) => `${under}${fishOption(option)}`),
    ]
  })
  return `# fish completion of profview: profview completion fish | source
${lines.join('\n')}
`
}

function fishOption(option: Option): string {
  const { short, long, description, argChoices } = option
  const names = [short && ` -s ${short.slice(1)}`, long && ` -l ${long.slice(2)}`]
  const value = !takesValue(option) ? '' : argChoices ? ` -x -a '${argChoices.join(' ')}'` : ' -r'
  return `${names.filter(Boolean).join('')}${value} -d ${fishQuoted(description)}`
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, (sign) => `\\${sign}`)}'`
}

import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Tree {
  name: string;
  options: readonly Option[];
  commands: readonly { name: string; about: string; options: readonly Option[] }[];
}

/** The script that completes the commands, options and values of a program, made from its command tree. */
export function completionScript(shell: Shell, program: Command): string {
  const shared = program.options.filter((option) => !option.hidden);
  const tree: Tree = {
    name: program.name(),
    options: shared,
    commands: program.commands.map((command) => ({
      name: command.name(),
      about: command.summary(),
      options: [...command.options.filter((option) => !option.hidden), ...shared],
    })),
  };
  return { bash, zsh, fish }[shell](tree);
}

function flagsOf(option: Option): string[] {
  return [option.short, option.long].filter((flag) => flag !== undefined && flag !== null);
}

function words(options: readonly Option[]): string {
  return options.flatMap(flagsOf).join(' ');
}

/** Captures are files, so file names are offered wherever nothing else fits. */
function bash({ name, options, commands }: Tree): string {
  const cases = commands.map((command) => `    ${command.name}) options=${quote(words(command.options))} ;;`);
  const values = choices(commands.flatMap((command) => command.options)).map(
    ([flag, allowed]) => `    ${flag}) COMPREPLY=($(compgen -W ${quote(allowed.join(' '))} -- "$word")); return ;;`,
  );
  return `# bash completion of ${name}
_${name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} options=
  case $before in
${values.join('\n')}
  esac
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
    *) options=${quote(words(options))} ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ${quote(commands.map((command) => command.name).join(' '))} -- "$word") $(compgen -f -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _${name} ${name}
`;
}

function zsh({ name, options, commands }: Tree): string {
  const list = commands.map((command) => `    ${quote(`${command.name}:${command.about}`)}`);
  const cases = commands.map(
    (command) => `    ${command.name}) _arguments -s ${command.options.map(zshOption).join(' ')} '*:capture:_files' ;;`,
  );
  return `#compdef ${name}
_${name}() {
  local -a commands=(
${list.join('\n')}
  )
  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
    _describe command commands
    _files
    return
  fi
  case $words[2] in
${cases.join('\n')}
    *) _arguments -s ${options.map(zshOption).join(' ')} '*:capture:_files' ;;
  esac
}
_${name} "$@"
`;
}

function zshOption(option: Option): string {
  const about = option.description.replace(/[[\]:]/g, ' ');
  const value = option.required ? `:value:${option.argChoices ? `(${option.argChoices.join(' ')})` : '_files'}` : '';
  return flagsOf(option)
    .map((flag) => quote(`*${flag}[${about}]${value}`))
    .join(' ');
}

function fish({ name, options, commands }: Tree): string {
  const names = commands.map((command) => command.name).join(' ');
  const lines = [
    `# fish completion of ${name}`,
    ...commands.map(
      (command) =>
        `complete -c ${name} -n "not __fish_seen_subcommand_from ${names}" -a ${command.name} -d ${quote(command.about)}`,
    ),
    ...options.map((option) => `complete -c ${name} ${fishOption(option)}`),
  ];
  for (const command of commands) {
    for (const option of command.options) {
      if (options.includes(option)) continue;
      lines.push(`complete -c ${name} -n "__fish_seen_subcommand_from ${command.name}" ${fishOption(option)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function fishOption(option: Option): string {
  const flags = flagsOf(option).map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value = option.required ? (option.argChoices ? ` -x -a ${quote(option.argChoices.join(' '))}` : ' -r') : '';
  return `${flags.join(' ')}${value} -d ${quote(option.description)}`;
}

/** Options with a fixed set of values, by each of their flags. */
function choices(options: readonly Option[]): [string, readonly string[]][] {
  const found = new Map<string, readonly string[]>();
  for (const option of options) {
    if (option.argChoices === undefined) continue;
    for (const flag of flagsOf(option)) {
      found.set(flag, [...new Set([...(found.get(flag) ?? []), ...option.argChoices])]);
    }
  }
  return [...found];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

import type { Command, Option } from 'commander';
import { FINDING_IDS } from '../detect/catalogue.ts';
import { packetFields } from '../render/packet-fields.ts';
import { REPORT_KINDS } from './check-reports.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Tree {
  name: string;
  options: readonly Option[];
  commands: readonly {
    name: string;
    about: string;
    options: readonly Option[];
    /** What its first argument may be, but for files. */
    words: readonly string[];
  }[];
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
      options: [...allOptions(command), ...shared],
      words: wordsOf(command),
    })),
  };
  return { bash, zsh, fish }[shell](tree);
}

/** Those of the command and of its subcommands. */
function allOptions(command: Command): Option[] {
  const own = [command, ...command.commands].flatMap(({ options }) => options.filter((option) => !option.hidden));
  return own.filter((option, i) => own.findIndex(({ flags }) => flags === option.flags) === i);
}

function wordsOf(command: Command): readonly string[] {
  if (command.commands.length > 0) return command.commands.map((sub) => sub.name());
  if (command.name() === 'findings') return FINDING_IDS;
  return command.registeredArguments[0]?.argChoices ?? [];
}

/** Values that are offered besides those that an option is limited to: the first word of a list, or of `KIND=FILE`. */
const SUGGESTIONS: Readonly<Record<string, () => readonly string[]>> = {
  '--report': () => REPORT_KINDS,
  '--fail-on': () => ['error', 'warning', ...FINDING_IDS],
  '--fields': () => ['list', ...packetFields(() => 0n).map(({ key }) => key)],
};

function valuesOf(option: Option): readonly string[] | undefined {
  return option.argChoices ?? SUGGESTIONS[option.long ?? '']?.();
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
  const named = commands.map((command) => command.name).join('|');
  const values = commands.flatMap((command) =>
    choices(command.options).map(
      ([flag, allowed]) =>
        `    '${command.name} ${flag}') COMPREPLY=($(compgen -W ${quote(allowed.join(' '))} -- "$word")); return ;;`,
    ),
  );
  const first = commands
    .filter((command) => command.words.length > 0)
    .map(
      (command) =>
        `    ${command.name}) COMPREPLY=($(compgen -W ${quote(command.words.join(' '))} -- "$word")); return ;;`,
    );
  return `# bash completion of ${name}
_${name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} options=
  local command=\${COMP_WORDS[1]}
  case $command in ${named}) ;; *) command=analyze ;; esac
  case "$command $before" in
${values.join('\n')}
  esac
  if ((COMP_CWORD == 2)) && [[ $word != -* ]]; then
    case $command in
${first.join('\n')}
    esac
  fi
  case $command in
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
    (command) =>
      `    ${command.name}) _arguments -s ${command.options.map(zshOption).join(' ')}${zshFirst(command.words)} '*:capture:_files' ;;`,
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

/** The command is the first word, so its argument is the second. */
function zshFirst(list: readonly string[]): string {
  return list.length === 0 ? '' : ` ${quote(`2:argument:(${list.join(' ')})`)}`;
}

function zshOption(option: Option): string {
  const about = option.description.replace(/[[\]:]/g, ' ');
  const values = valuesOf(option);
  const value = option.required ? `:value:${values ? `(${values.join(' ')})` : '_files'}` : '';
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
        `complete -c ${name} -n "not __fish_seen_subcommand_from ${names}" -a ${command.name} -d ${fishQuote(command.about)}`,
    ),
    ...options.map((option) => `complete -c ${name} ${fishOption(option)}`),
  ];
  for (const command of commands) {
    if (command.words.length > 0)
      lines.push(
        `complete -c ${name} -n "__fish_seen_subcommand_from ${command.name}" -f -a ${fishQuote(command.words.join(' '))}`,
      );
    for (const option of command.options) {
      if (options.includes(option)) continue;
      lines.push(`complete -c ${name} -n "__fish_seen_subcommand_from ${command.name}" ${fishOption(option)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function fishOption(option: Option): string {
  const values = valuesOf(option);
  const flags = flagsOf(option).map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value = option.required ? (values ? ` -x -a ${fishQuote(values.join(' '))}` : ' -r') : '';
  return `${flags.join(' ')}${value} -d ${fishQuote(option.description)}`;
}

/** Options with a fixed set of values, by each of their flags. */
function choices(options: readonly Option[]): [string, readonly string[]][] {
  const found = new Map<string, readonly string[]>();
  for (const option of options) {
    const values = valuesOf(option);
    if (values === undefined) continue;
    for (const flag of flagsOf(option)) {
      found.set(flag, [...new Set([...(found.get(flag) ?? []), ...values])]);
    }
  }
  return [...found];
}

/** Unlike other shells fish knows escapes within single quotes. */
function fishQuote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

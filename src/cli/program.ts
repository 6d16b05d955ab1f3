import { Command, Option } from 'commander';
import { UsageError } from '../model/errors.ts';
import { escapeText } from '../model/escape.ts';
import { nearest } from '../model/suggest.ts';
import type { Style } from '../render/style.ts';
import { COMMANDS } from './commands/index.ts';
import type { Context } from './context.ts';
import { hintFor, hintForSameLetters } from './hints.ts';
import { type CaptureOptions, takeFilterWords, takeTimeWindow, withExamples, withNote } from './options.ts';
import { isForReading } from './paging.ts';
import { statsOf } from './stats.ts';
import { COLOR_CHOICES, type ColorChoice } from './terminal.ts';
import { packageVersion } from './version.ts';
import { viewsOf } from './views.ts';

/** What the shell is to complete is every command's. */
const NEEDS_ALL = ['completion'];

/** Their exit status is wanted whether or not somebody reads to the end. */
const STATUS_MATTERS = ['check', 'compare'];

interface GlobalOptions {
  color: ColorChoice | false;
  pager: boolean;
  quiet?: boolean;
}

const FOOTER =
  'Exit status: 0 done, 1 a check failed or a file was left out, 2 wrong usage, 3 nothing could be read or written, ' +
  '4 a check cannot tell, 70 internal error, 130 interrupted.';

/**
 * The command tree, as far as `argv` can need it: the commands that it names and the default one are whole, of the others
 * only the names are there.
 */
export async function buildProgram(context: Context, argv: readonly string[]): Promise<Command> {
  context.configure(colorChoice(argv), false);
  const program = new Command('tcpscope');
  // Before the version is told: tshark's -V is something else.
  program.on('option:version', () => refuseForeign(argv));
  program
    .description('Reads captures, verifies them and replays every TCP connection packet by packet.')
    .usage('[command] [options] CAPTURE...')
    .version(packageVersion(), '-V, --version')
    .addOption(new Option('--color <when>', 'colours').choices(COLOR_CHOICES).default('auto'))
    .option('--no-color', 'the same as --color never')
    .option('--no-pager', 'long output on a terminal is not shown page by page')
    .helpOption('-h, --help', 'help; also after a command')
    .helpCommand(false)
    .configureHelp({
      showGlobalOptions: true,
      helpWidth: helpWidth(context),
      subcommandTerm: (command) => command.name(),
      optionDescription: describe,
      // The width of the terminal breaks the lines, not that of the source.
      commandDescription: (command) => command.description().replace(/(?<!\n)\n(?!\n)/g, ' '),
    })
    .configureOutput({
      outputError: (text, write) => write(`tcpscope: ${complaint(text, argv)}\n`),
      writeOut: (text) => context.output.write(painted(text, context.stdout.style)),
    })
    .showHelpAfterError(false)
    .exitOverride()
    .hook('preAction', async (_, command) => {
      const { color, quiet, pager } = command.optsWithGlobals<GlobalOptions>();
      context.configure(color || 'never', quiet ?? false);
      refuseForeign(argv);
      const mayBeCommand = !argv.includes(command.name());
      if (mayBeCommand) requireCommandFirst(command.args);
      context.views = viewsOf(command.opts<CaptureOptions>(), command.name() === 'packets');
      takeFilterWords(command);
      if (mayBeCommand) requireNoCommand(command.args);
      takeTimeWindow(command);
      if (pager && isForReading(command)) await context.page(!STATUS_MATTERS.includes(command.name()));
    });
  withNote(program, FOOTER);
  withExamples(program, [
    ['tcpscope trace.pcap', 'what happened, and in which connection'],
    ['tcpscope packets trace.pcap', 'packet by packet'],
    ['tcpdump -U -w - | tcpscope packets -', 'the same, live'],
    ['tcpscope states trace.pcap --at 1.5', 'what netstat showed 1.5 s into it'],
  ]);
  for (const { name, about, isDefault, load } of COMMANDS) {
    if (isDefault || argv.includes(name) || NEEDS_ALL.some((word) => argv.includes(word))) {
      const register = await load();
      register(program, context);
    } else program.command(name);
    program.commands.at(-1)!.summary(about);
  }
  return program;
}

/** Before anything is parsed: help and messages about the command line have colours too. */
function colorChoice(argv: readonly string[]): ColorChoice {
  if (argv.includes('--no-color')) return 'never';
  const at = argv.findIndex((word) => word === '--color' || word.startsWith('--color='));
  const choice = at < 0 ? '' : argv[at].slice('--color='.length) || argv[at + 1];
  return COLOR_CHOICES.find((known) => known === choice) ?? 'auto';
}

/** Help with its headings and remarks told apart. */
function painted(help: string, style: Style): string {
  return help
    .replace(/^[A-Z][A-Za-z ]+:(?= |$)/gm, (heading) => style.title(heading))
    .replace(/# .*$/gm, (remark) => style.quiet(remark));
}

/** What commander says: one line, and perhaps a second one with a suggestion; the words of the command line may hold anything. */
function complaint(text: string, argv: readonly string[]): string {
  const [, message = text, suggestion = ''] = /^(.*?)(\n\(Did you mean .*\?\))?\n?$/s.exec(text) ?? [];
  const hint = hintFor(message, argv);
  return hint === null ? escapeText(message) + suggestion : escapeText(`${message}; ${hint}`);
}

/** Options of tshark that are others here. */
function refuseForeign(argv: readonly string[]): void {
  const hint = hintForSameLetters(argv, (word) => statsOf(word) !== null);
  if (hint !== null) throw new UsageError(hint);
}

/** The default command takes any word for a capture: one that is none, and a command, was meant to be one. */
function requireCommandFirst(words: readonly string[]): void {
  const misplaced = words.find((word) => COMMANDS.some(({ name }) => name === word) && statsOf(word) === null);
  if (misplaced !== undefined) throw new UsageError(`the command stands first: tcpscope ${misplaced} ...`);
}

/** The same of a first word that is almost a command. */
function requireNoCommand(words: readonly string[]): void {
  const [word = ''] = words;
  if (!/^[a-z]+$/i.test(word) || statsOf(word) !== null) return;
  const meant = nearest(
    word,
    COMMANDS.map(({ name }) => name),
  );
  if (meant !== null) throw new UsageError(`${word} is neither a command nor a file; did you mean ${meant}?`);
}

/** `how to print: text, json or csv (default: text)` */
function describe({ description, argChoices, defaultValue }: Option): string {
  const list = argChoices === undefined ? '' : `: ${argChoices.slice(0, -1).join(', ')} or ${argChoices.at(-1)}`;
  const isWorthSaying = typeof defaultValue === 'string' || (typeof defaultValue === 'number' && defaultValue > 0);
  return description + list + (isWorthSaying ? ` (default: ${defaultValue})` : '');
}

function helpWidth(context: Context): number {
  return Math.min(context.stdout.width ?? 80, 100);
}

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CongestionOptions } from '../congestion/stage.ts';
import { compileFilter } from '../filter/compile.ts';
import { ALGORITHM_NAMES, Algorithm, type AlgorithmName, REPLAYED_ALGORITHMS } from '../model/congestion.ts';
import { UsageError } from '../model/errors.ts';
import type { SegmentView } from '../model/segment.ts';
import { shellWord } from '../model/shell-word.ts';
import { wrap } from '../render/text.ts';
import { MOMENT_FORMS, type MomentChoice, parseMoment } from './moment.ts';
import { statsOf } from './stats.ts';
import { collectStreams, type StreamChoice } from './stream-choice.ts';
import { timedFilter } from './time-window.ts';

/** What every command that reads captures understands. */
export interface CaptureOptions {
  read?: string[];
  /** That of the command line, and of `--since` and `--until`: `startFilter` makes it the one to ask. */
  filter?: (view: SegmentView) => boolean;
  since?: MomentChoice;
  until?: MomentChoice;
  stream?: StreamChoice;
  quiet?: boolean;
  /** Name of the point of view that is analysed. */
  view?: string;
  /** Names of interfaces that have a number only. */
  interface?: ReadonlyMap<number, string>;
}

/** Adds the captures as arguments and the options in the letters of tcpdump that all these commands share. */
export function withCaptures(command: Command, takes: 'streams' | 'one stream' = 'streams'): Command {
  const isOne = takes === 'one stream';
  // tcpdump's length of packets means nothing here; where one connection is wanted the letter is free for it.
  if (!isOne) command.addOption(new Option('-s <length>', 'accepted: a capture is read as long as it is').hideHelp());
  command
    .argument('[captures...]', 'pcap, pcapng (plain, gzip, zstd) or tcpdump -x/-X text; - is standard input')
    .option('-r, --read <file>', 'a capture, as tcpdump has it; may be repeated', collect)
    .option(
      '-f, --filter <expression>',
      'packets that a pcap-filter(7) expression accepts, and connections with one; also after the captures',
      parseFilter,
    )
    .option(
      isOne ? '-s, --stream <number>' : '--stream <numbers>',
      isOne ? 'the connection of this number' : 'only these connections: 3, or 3,7-9; may be repeated',
      collectStreams,
    )
    .option('--view <name>', 'of a capture of several interfaces, the one on whose packets the analysis runs')
    .option(
      '--interface <number=name>',
      'name an interface that the capture has by number only; may be repeated',
      nameInterface,
    )
    .option('-q, --quiet', 'results only: no headings, no warnings, no progress');
  if (!isOne) withTimeWindow(command, 'packets', ', and connections with one');
  return command
    .addOption(new Option('-n', 'accepted: names are never looked up').hideHelp())
    .addOption(new Option('-l', 'accepted: lines are written as soon as they are there').hideHelp());
}

/** Adds `--since` and `--until`, which leave `what` of that time. */
export function withTimeWindow(command: Command, what: string, more = ''): Command {
  return command
    .option('--since <time>', `${what} from then on${more}: ${MOMENT_FORMS}`, parseMoment)
    .option('--until <time>', `${what} until then${more}; +10s is ten seconds after --since`, parseMoment);
}

/** For commands that list connections. */
export interface SelectOptions {
  select?: string;
}

/** Adds `--select`. */
export function withSelect(command: Command): Command {
  return command.option(
    '--select <condition>',
    "only connections of which it is true, as in check: 'retransmissions.count > 2'",
  );
}

/** Takes the times into the filter, which all commands ask. */
export function takeTimeWindow(command: Command): void {
  const { since, until, filter } = command.opts<CaptureOptions>();
  if (since === undefined && until === undefined) return;
  command.setOptionValue('filter', timedFilter({ since, until }, filter));
}

/** `2=veth12` */
export function nameInterface(
  value: string,
  names: ReadonlyMap<number, string> = new Map(),
): ReadonlyMap<number, string> {
  const [, number, name] = /^(\d{1,10})=(.+)$/.exec(value) ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError(
      `A number and a name are expected, as in 2=veth12. To capture: tcpdump -U -i ${shellWord(value)} -w - | tcpscope packets -`,
    );
  }
  const other = [...names].find(([key, known]) => key === Number(number) || known === name);
  if (other !== undefined) throw new InvalidArgumentError(`interface ${other[0]} is ${other[1]} already.`);
  return new Map([...names, [Number(number), name]]);
}

/**
 * As with tcpdump, the words after the captures may be a filter: those from which on none is the name of a file, if they
 * make sense as one. Takes them away from the arguments.
 */
export function takeFilterWords(command: Command): void {
  const { read, filter } = command.opts<CaptureOptions>();
  const words = command.processedArgs.at(-1);
  if (!Array.isArray(words)) return;
  if (words.includes('')) throw new UsageError('the name of a capture is empty');
  if (filter !== undefined) {
    const second = words.find((word) => !mayBeCapture(word) && isExpression(word));
    if (second !== undefined) throw new UsageError(`${second} is no file, and -f gives a filter already`);
    return;
  }
  const from = words.findLastIndex(mayBeCapture) + 1;
  const early = words.slice(0, from).find((word) => !mayBeCapture(word) && isExpression(word));
  if (early !== undefined) throw new UsageError(`${early} is no file; a filter comes after the captures, or with -f`);
  const rest: string[] = words.slice(from);
  const mayBeFiles = rest.every((word) => looksLikeFile(word));
  const isAlone = from === 0 && read === undefined;
  if (isAlone && isFilter(rest))
    throw new UsageError(
      `a filter comes after the captures: name one, or - for standard input, before ${rest.join(' ')}`,
    );
  if (rest.length === 0 || (isAlone && !rest.some(isExpression))) return;
  try {
    const filter = compileFilter(rest.join(' '));
    command.setOptionValue('filter', filter);
    words.length = from;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // Names of files that are missing, then: opening them will say so.
    if (mayBeFiles || rest.some((word) => statsOf(word)?.isDirectory())) return;
    const [reason, ...shown] = error.lines;
    throw new UsageError(
      `${rest.join(' ')} is neither a file nor a valid filter: ${reason.replace('filter: ', '')}`,
      ...shown,
    );
  }
}

/** Words that make sense as a filter. */
function isFilter(words: readonly string[]): boolean {
  if (words.length === 0) return false;
  try {
    compileFilter(words.join(' '));
    return true;
  } catch {
    return false;
  }
}

/** No name of a file: somebody meant a filter, or most of one. */
function isExpression(word: string): boolean {
  return /[\s=<>!&|()[\]]/.test(word) && !looksLikeFile(word);
}

/** A path, or a name with an ending: a word that a filter could hold has neither, but for addresses. */
function looksLikeFile(word: string): boolean {
  return (
    /^[^=<>!&|]*\/[^=<>!&|]*[^\d/)][^=<>!&|)]*$/.test(word) || /^[^=<>!&|]*\.(?=[\w-]*[a-z])[\w-]{1,12}$/i.test(word)
  );
}

/** A folder is none: `src` is a word of filters, and the name of many. */
function mayBeCapture(name: string): boolean {
  return name === '-' || statsOf(name)?.isDirectory() === false;
}

/** All captures of the command line: the arguments and what was given with -r. */
export function captureNames(args: readonly string[], options: CaptureOptions): string[] {
  return [...(options.read ?? []), ...args];
}

/** What stands around the options in the help of a command; for the manual pages. */
interface HelpParts {
  examples: readonly [line: string, about: string][];
  notes: string[];
}

const HELP_PARTS = new WeakMap<Command, HelpParts>();

/** What stands around the options in the help of a command; scripts/man.mjs writes it into the manual pages. */
export function helpPartsOf(command: Command): HelpParts {
  let parts = HELP_PARTS.get(command);
  if (parts === undefined) {
    parts = { examples: [], notes: [] };
    HELP_PARTS.set(command, parts);
  }
  return parts;
}

/** Examples stand first in the help: they are what most people look for. Remarks stand beside them where there is room. */
export function withExamples(command: Command, examples: readonly [line: string, about: string][]): Command {
  helpPartsOf(command).examples = examples;
  const longest = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  return command.addHelpText('before', () => {
    const room = longest(examples.map(([line]) => line));
    const isWide = room + longest(examples.map(([, about]) => about)) + '    # '.length <= helpWidth(command);
    const lines = examples.map(([line, about]) =>
      isWide ? `  ${line.padEnd(room)}  # ${about}` : `  # ${about}\n  ${line}`,
    );
    return `Examples:\n${lines.join('\n')}\n`;
  });
}

/** CUBIC with HyStart++, as Windows and FreeBSD have it; without, CUBIC is that of Linux. */
const CUBIC_RFC_9406 = 'cubic-hystart++';

/** For commands that show congestion windows. */
export interface ModelOptions {
  cc?: AlgorithmName | typeof CUBIC_RFC_9406;
}

/** The option `--cc`. */
export function modelOption(): Option {
  const names = REPLAYED_ALGORITHMS;
  return new Option('--cc <algorithm>', 'assume this algorithm of congestion control').choices([
    ...names,
    CUBIC_RFC_9406,
  ]);
}

/** What `--cc` says to the replay of the senders. */
export function modelsOf({ cc }: ModelOptions): CongestionOptions {
  if (cc === undefined) return {};
  if (cc === CUBIC_RFC_9406) return { algorithm: Algorithm.CUBIC, followsRfc9406: true };
  return { algorithm: ALGORITHM_NAMES.indexOf(cc) };
}

/** A paragraph after the options. */
export function withNote(command: Command, text: string): Command {
  helpPartsOf(command).notes.push(text);
  return command.addHelpText('after', () => `\n${wrap(text, helpWidth(command)).join('\n')}`);
}

function helpWidth(command: Command): number {
  return command.configureHelp().helpWidth ?? 80;
}

/** For options that count how often they are given: `-ttt`. */
export function increase(_: string, count: number): number {
  return count + 1;
}

/** Gathers the values of an option that may be given several times. */
export function collect(value: string, values: string[] | undefined): string[] {
  return [...(values ?? []), value];
}

/** A whole number of at most 15 digits; else commander reports the error. */
export function parseCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** A whole number from 1 on; else commander reports the error. */
export function parsePositive(text: string): number {
  const count = parseCount(text);
  if (count === 0) throw new InvalidArgumentError('It must be at least 1.');
  return count;
}

/** Seconds, fractions allowed; else commander reports the error. */
export function parseSeconds(text: string): number {
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(text))
    throw new InvalidArgumentError('It must be a number of seconds, such as 0.5.');
  return Number(text);
}

function parseFilter(text: string): (view: SegmentView) => boolean {
  return compileFilter(text);
}

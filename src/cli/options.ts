import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CongestionOptions } from '../congestion/stage.ts';
import { compileFilter } from '../filter/compile.ts';
import { ALGORITHM_NAMES, Algorithm, type AlgorithmName } from '../model/congestion.ts';
import { UsageError } from '../model/errors.ts';
import type { SegmentView } from '../model/segment.ts';
import { wrap } from '../render/text.ts';
import { statsOf } from './input.ts';

/** What every command that reads captures understands. */
export interface CaptureOptions {
  read?: string[];
  filter?: (view: SegmentView) => boolean;
  stream?: number;
  quiet?: boolean;
}

/** Adds the captures as arguments and the options in the letters of tcpdump that all these commands share. */
export function withCaptures(command: Command): Command {
  return command
    .argument('[captures...]', 'pcap, pcapng (plain, gzip, zstd) or tcpdump -x/-X text; - is standard input')
    .option('-r, --read <file>', 'a capture, as tcpdump has it; may be repeated', collect)
    .option(
      '-f, --filter <expression>',
      'packets that a pcap-filter(7) expression accepts, and connections with one; also behind the captures',
      parseFilter,
    )
    .option('--stream <number>', 'only the connection of this number', parseCount)
    .option('-q, --quiet', 'results only: no headings, no warnings, no progress')
    .addOption(new Option('-s <length>', 'accepted: a capture is read as long as it is').hideHelp())
    .addOption(new Option('-n', 'accepted: names are never looked up').hideHelp())
    .addOption(new Option('-l', 'accepted: lines are written as soon as they are there').hideHelp());
}

/**
 * As with tcpdump, the words behind the captures may be a filter: those from which on none is the name of a file, if they
 * make sense as one. Takes them away from the arguments.
 */
export function takeFilterWords(command: Command): void {
  const { read, filter } = command.opts<CaptureOptions>();
  const words = command.processedArgs.at(-1);
  if (filter !== undefined || !Array.isArray(words)) return;
  const from = words.findLastIndex(mayBeCapture) + 1;
  if (from === words.length || (from === 0 && read === undefined)) return;
  try {
    command.setOptionValue('filter', compileFilter(words.slice(from).join(' ')));
    words.length = from;
  } catch (error) {
    // Names of files that are missing, then: opening them will say so.
    if (!(error instanceof UsageError)) throw error;
  }
}

/** A folder is none: `src` is a word of filters, and the name of many. */
function mayBeCapture(name: string): boolean {
  return name === '-' || statsOf(name)?.isDirectory() === false;
}

/** All captures of the command line: the arguments and what was given with -r. */
export function captureNames(args: readonly string[], options: CaptureOptions): string[] {
  return [...(options.read ?? []), ...args];
}

/** Examples stand first in the help: they are what most people look for. Remarks stand behind them where there is room. */
export function withExamples(command: Command, examples: readonly [line: string, about: string][]): Command {
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

export function modelOption(): Option {
  const names = ALGORITHM_NAMES.filter((name) => name !== 'unknown');
  return new Option('--cc <algorithm>', 'congestion control that is taken for given').choices([
    ...names,
    CUBIC_RFC_9406,
  ]);
}

export function modelsOf({ cc }: ModelOptions): CongestionOptions {
  if (cc === undefined) return {};
  if (cc === CUBIC_RFC_9406) return { algorithm: Algorithm.CUBIC, followsRfc9406: true };
  return { algorithm: ALGORITHM_NAMES.indexOf(cc) };
}

/** A paragraph behind the options. */
export function withNote(command: Command, text: string): Command {
  return command.addHelpText('after', () => `\n${wrap(text, helpWidth(command)).join('\n')}`);
}

function helpWidth(command: Command): number {
  return command.configureHelp().helpWidth ?? 80;
}

/** For options that count how often they are given: `-ttt`. */
export function increase(_: string, count: number): number {
  return count + 1;
}

export function collect(value: string, values: string[] | undefined): string[] {
  return [...(values ?? []), value];
}

export function parseCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function parsePositive(text: string): number {
  const count = parseCount(text);
  if (count === 0) throw new InvalidArgumentError('It must be at least 1.');
  return count;
}

export function parseSeconds(text: string): number {
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(text))
    throw new InvalidArgumentError('It must be a number of seconds, such as 0.5.');
  return Number(text);
}

function parseFilter(text: string): (view: SegmentView) => boolean {
  return compileFilter(text);
}

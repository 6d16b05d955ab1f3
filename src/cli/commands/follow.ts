import { type Command, Option } from 'commander';
import { UsageError } from '../../model/errors.ts';
import { GAP_TYPES, OVERLAP_POLICIES, type OverlapPolicy, URGENT_MODES, type UrgentMode } from '../../model/stream.ts';
import { formatBytes } from '../../model/units.ts';
import { Reassembler } from '../../tcp/reassembler.ts';
import { choiceError, MAX_LISTED, oneStream, requireStream } from '../choice.ts';
import type { Context } from '../context.ts';
import { Exit } from '../exit.ts';
import { Follower } from '../follower.ts';
import { choosesByFilter, onlyAccepted } from '../one-connection.ts';
import {
  type CaptureOptions,
  captureNames,
  parsePositive,
  withCaptures,
  withExamples,
  withNote,
  withTimeWindow,
} from '../options.ts';
import { othersLeave } from '../others-leave.ts';
import { type OutputFile, ReplacementFile } from '../output-file.ts';
import { analyzeCaptures } from '../run.ts';
import { StreamChoice } from '../stream-choice.ts';
import { HeldTarget } from '../stream-target.ts';
import { startWindow } from '../time-window.ts';

const SIDES = ['client', 'server', 'both'] as const;
const FORMS = ['text', 'hex', 'raw', 'ndjson'] as const;
const GAP_HANDLING = ['skip', 'marker', 'zero', 'fail'] as const;

/** Without `--stream`, so much is kept until it is known that there is only one. */
const MAX_HELD = 1 << 26;

/** Zeros that `--gap zero` writes unless more are allowed; what is no file would have to take all of them through memory. */
const MAX_ZEROS = 1 << 24;
const MOST_ZEROS_IN_PIPE = 1 << 28;

interface FollowOptions extends CaptureOptions {
  side: (typeof SIDES)[number];
  as: (typeof FORMS)[number];
  output?: string;
  overlap: OverlapPolicy;
  urgent: UrgentMode;
  gap?: (typeof GAP_HANDLING)[number];
  maxZeros: number;
}

export function registerFollow(program: Command, context: Context): void {
  const choice = (flags: string, about: string, choices: readonly string[]) =>
    new Option(flags, about).choices(choices);
  const command = withCaptures(program.command('follow'), 'one stream')
    .description(
      'Puts the bytes of one connection in order and prints them, with what is missing and what is doubtful.',
    )
    .addOption(choice('--side <side>', 'whose bytes', SIDES).default('both'))
    .addOption(choice('--as <form>', 'how to print them', FORMS).default('text'))
    .option('-o, --output <file>', 'write there; raw bytes of both sides go to <file>.client and <file>.server')
    .addOption(choice('--overlap <policy>', 'whose bytes count in one place', OVERLAP_POLICIES).default('linux'))
    .addOption(choice('--urgent <mode>', 'what becomes of urgent octets', URGENT_MODES).default('inline'))
    .addOption(choice('--gap <what>', 'what to print for missing bytes (default: marker; raw: skip)', GAP_HANDLING))
    .option('--max-zeros <bytes>', 'zeros that --gap zero writes at most', parsePositive, MAX_ZEROS);
  withTimeWindow(command, 'what was delivered');
  withExamples(command, [
    ['tcpscope follow trace.pcap --stream 3', 'both sides as text'],
    ['tcpscope follow trace.pcap -s 3 --side server --as raw -o page', 'what the server sent, byte for byte'],
    ['tcpscope follow trace.pcap -s 3 --since 17:42:16 --until +1s', 'what was delivered then'],
    ['tcpscope follow trace.pcap -s 3 --as ndjson | jq .', 'for programs'],
    ['tcpscope follow trace.pcap -s 3 --overlap bsd', 'as another receiver would have read it'],
  ]);
  withNote(
    command,
    `Bytes may be ${GAP_TYPES.slice(0, -1).join(', ')} or ${GAP_TYPES[GAP_TYPES.length - 1]}. --stream may be left out when ` +
      'the capture holds one connection, or when --filter accepts packets of one only. Raw bytes of both sides on standard ' +
      'output come in the order in which they were delivered. With --gap fail a stream with a gap ends with exit status 1, and -o writes no file.',
  );
  command.action((captures: string[], options: FollowOptions) => follow(captures, options, context));
}

async function follow(captures: readonly string[], options: FollowOptions, context: Context): Promise<void> {
  const names = captureNames(captures, options);
  requireMeaning(options, context);
  context.files.reads(names.length === 0 ? ['-'] : names);
  const files: OutputFile[] = [];
  for (const name of writtenFiles(options)) files.push(await context.files.claim(name));
  if (options.maxZeros > MOST_ZEROS_IN_PIPE && !files.every((file) => file instanceof ReplacementFile))
    throw new UsageError(
      `--max-zeros: more than ${formatBytes(MOST_ZEROS_IN_PIPE)} of zeros go into a file only (-o FILE)`,
    );
  if (choosesByFilter(names, options)) {
    const stream = await onlyAccepted(names, options, context);
    if (stream !== null) await print(names, files, { ...options, stream: StreamChoice.of(stream) }, context, true);
  } else await print(names, files, options, context);
}

async function print(
  names: readonly string[],
  files: readonly OutputFile[],
  options: FollowOptions,
  context: Context,
  isRepeated = false,
): Promise<void> {
  const { overlap, urgent } = options;
  const stream = oneStream(options);
  const wanted = stream ?? 0;
  const held = stream === undefined ? files.map((file) => new HeldTarget(file, MAX_HELD)) : null;
  const [client, server = client] = held ?? files;
  const follower = new Follower(options, { client, server }, context);
  let reassembler: Reassembler | undefined;
  const run = { captures: names, isStreaming: true, isRepeated, atEnd: () => reassembler?.end() };
  const { analyzer } = await analyzeCaptures(context, run, (session) => {
    follower.runs(session);
    const isWithin = startWindow(options.filter, session.origin);
    return {
      ...othersLeave((id) => (stream === undefined ? id < MAX_LISTED : id === stream)),
      onSegment: (t, view) => {
        if (t.connection.id !== wanted) {
          // One more connection: what is kept of the first is not wanted, only the list is.
          if (stream === undefined) follower.silence();
          return;
        }
        follower.shows(isWithin(view));
        reassembler ??= new Reassembler(t.connection, follower, { overlap, urgent });
        reassembler.segment(t, view);
      },
    };
  });
  if (reassembler === undefined && context.isCutOff) return;
  const { opened } = analyzer;
  if (stream === undefined && opened > 1) throw choiceError(analyzer.connections, options, opened);
  requireStream(opened, options, context);
  if (reassembler === undefined) throw choiceError([], options);
  for (const target of held ?? []) target.release();
  // A stream that stops at a gap is not the file that was asked for.
  if (follower.failure === null || files[0].isStandardOutput)
    for (const file of files) await context.files.commit(file);
  else context.files.discardAll();
  follower.report();
  if (follower.failure === null) return;
  context.error(follower.failure);
  context.status = Exit.FAILED;
}

/** Options that contradict each other, or what they are given for. */
function requireMeaning(options: FollowOptions, context: Context): void {
  const { as, output, gap } = options;
  if (as === 'raw' && output === undefined && context.stdout.isTerminal) {
    throw new UsageError('raw bytes are not written to a terminal: use -o FILE, a pipe, or --as text or hex');
  }
  oneStream(options);
  if (gap === 'zero' && as !== 'raw') throw new UsageError('--gap zero is for --as raw');
  if (options.maxZeros !== MAX_ZEROS && gap !== 'zero') throw new UsageError('--max-zeros is for --gap zero');
}

function writtenFiles({ as, side, output }: FollowOptions): string[] {
  if (output === undefined || output === '-') return ['-'];
  return as === 'raw' && side === 'both' ? [`${output}.client`, `${output}.server`] : [output];
}

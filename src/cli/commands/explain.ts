import { type Command, Option } from 'commander';
import { LANGUAGE_NAMES, LANGUAGES, type LanguageName } from '../../messages/languages.ts';
import { budgetOf } from '../../model/budget.ts';
import { UsageError } from '../../model/errors.ts';
import { formatNumberOf } from '../../model/units.ts';
import { StoryText } from '../../render/story-text.ts';
import { PacketTeller } from '../../story/packet.ts';
import { Steps } from '../../story/steps.ts';
import { storyOf } from '../../story/story.ts';
import type { Context } from '../context.ts';
import { canBeRepeated } from '../input.ts';
import { readOne } from '../one-connection.ts';
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
import { analyzeCaptures } from '../run.ts';
import { StreamChoice } from '../stream-choice.ts';

interface ExplainOptions extends CaptureOptions {
  packet?: number;
  full?: boolean;
  lang: LanguageName;
}

export function registerExplain(program: Command, context: Context): void {
  const command = withCaptures(program.command('explain'), 'one stream')
    .description(
      'Tells one connection in plain words: how it was opened, what was asked and answered, where the time went, what went\n' +
        'wrong, how it ended, and what would help.',
    )
    .addOption(new Option('--full', 'every packet: why these numbers, and which state follows').conflicts('packet'))
    .option('--packet <number>', 'one packet: its fields, why it was sent, what follows from it', parsePositive)
    .addOption(new Option('--lang <language>', 'English or Chinese').choices([...LANGUAGE_NAMES]).default('en'));
  withTimeWindow(command, 'with --full, packets');
  withExamples(command, [
    ['tcpscope explain trace.pcap --stream 3', 'the story of a connection'],
    ['tcpscope explain trace.pcap --stream 3 --full', 'packet by packet'],
    ['tcpscope explain trace.pcap --full --since 17:42:16 --until +1s', 'what happened then'],
    ['tcpscope explain trace.pcap --packet 42', 'one packet of any connection'],
    ['tcpscope explain trace.pcap --lang zh', '用中文讲解'],
  ]);
  withNote(
    command,
    'Sequence numbers are relative to the SYN. Each advice says how sure it is; what the capture cannot show is not blamed.',
  );
  command.action((captures: string[], options: ExplainOptions) => explain(captures, options, context));
}

async function explain(captures: readonly string[], options: ExplainOptions, context: Context): Promise<void> {
  const names = captureNames(captures, options);
  if (!options.full && (options.since !== undefined || options.until !== undefined))
    throw new UsageError(
      '--since and --until go with --full: the story is told of the whole connection, and a packet has its number',
    );
  const { stdout, output } = context;
  const written = { language: LANGUAGES[options.lang], width: stdout.width, style: stdout.style };
  const text = new StoryText(written);
  const write = (lines: readonly string[]) => {
    for (const line of lines) output.line(line);
  };
  if (options.packet !== undefined) await onePacket(names, options.packet, options, context, text, write);
  else if (options.full) {
    const steps = new Steps();
    let isFirst = true;
    await readOne(names, options, context, (row, isShown) => {
      // Each is told by what came before it, whether that is shown or not.
      const step = steps.take(row);
      if (!isShown) return;
      if (!isFirst) output.line('');
      isFirst = false;
      write(text.step(step));
    });
  } else {
    const one = await readOne(names, options, context, () => {});
    if (one === null) return;
    const { connection, facts, isClocked } = one;
    const origin = facts.times === 'unknown' ? null : facts.firstTimestamp;
    write(new StoryText({ ...written, origin }).story(storyOf(connection, budgetOf(connection), isClocked)));
  }
}

async function onePacket(
  names: readonly string[],
  packet: number,
  options: ExplainOptions,
  context: Context,
  text: StoryText,
  write: (lines: readonly string[]) => void,
): Promise<void> {
  const { stream, filter } = options;
  // A packet tells which connection is meant: files can be read once more for the rest of it.
  const isOpen = stream === undefined && filter === undefined;
  const canRepeat = isOpen && canBeRepeated(names);
  const found = canRepeat ? await streamWith(packet, names, context) : stream;
  if (canRepeat && context.isCutOff) return;
  const chosen: ExplainOptions = canRepeat ? { ...options, stream: StreamChoice.of(found as number) } : options;
  const teller = new PacketTeller(packet);
  const one = await readOne(names, chosen, context, (row) => teller.take(row));
  if (one === null) return;
  const tale = teller.tell();
  if (tale === null) throw new UsageError(`--packet: stream ${one.connection.id} has no packet ${packet}`);
  write(text.packet(tale));
}

/** The connection that a packet belongs to. What is wrong with the captures is said when they are read for it. */
async function streamWith(packet: number, captures: readonly string[], context: Context): Promise<number> {
  let found: number | null = null;
  const { analyzer } = await analyzeCaptures(context, { captures, isRepeated: true }, (session) => ({
    ...othersLeave(null),
    onSegment: ({ connection }, view) => {
      if (view.frame !== packet) return;
      found = connection.id;
      session.stop();
    },
    congestion: false,
    detection: false,
    timeBudget: false,
  }));
  if (found !== null || context.isCutOff) return found ?? 0;
  const { total } = analyzer.counts;
  throw new UsageError(
    packet > total
      ? `--packet: there is no packet ${packet}: the capture holds ${formatNumberOf(total, 'packet')}`
      : `--packet: packet ${packet} belongs to no TCP connection`,
  );
}

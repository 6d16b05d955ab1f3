import { LANGUAGE_NAMES, LANGUAGES, type LanguageName } from '../../messages/languages.ts';
import { budgetOf } from '../../model/budget.ts';
import { UsageError } from '../../model/errors.ts';
import { formatNumberOf } from '../../model/units.ts';
import { StoryText } from '../../render/story-text.ts';
import { PLAIN } from '../../render/style.ts';
import { PacketTeller } from '../../story/packet.ts';
import { storyOf } from '../../story/story.ts';
import { isClocked } from '../../summary/trust.ts';
import { warningsOf } from './analyses.ts';
import { pageOfLines } from './page.ts';
import type { Page, Question, Tool } from './tool.ts';

type Args = {
  readonly stream?: number;
  readonly packet?: number;
  readonly lang?: LanguageName;
};

export const EXPLAIN_TOOL: Tool = {
  name: 'explain_connection',
  title: 'Explain a connection, or one packet',
  description:
    'What tcpscope explain prints: how the connection was opened, what was asked and answered, where the time went, what ' +
    'went wrong, how it ended, what would help and how sure that is. With packet: the fields of that packet, why it was ' +
    'sent, what follows from it.',
  properties: {
    stream: {
      type: 'integer',
      minimum: 0,
      description: 'number of the connection; may be left out where there is one',
    },
    packet: { type: 'integer', minimum: 1, description: 'number of a packet of the capture, of any connection' },
    lang: { enum: LANGUAGE_NAMES, description: 'English or Chinese (default: en)' },
  },
  required: [],
  answers: { stream: { type: 'integer', description: 'number of the connection' } },
  answer: async (question: Question<Args>) => {
    const { args, analyses, capture, from, signal } = question;
    const written = { language: LANGUAGES[args.lang ?? 'en'], width: null, style: PLAIN };
    if (args.packet !== undefined) return await packetPage(question, args.packet, new StoryText(written));
    const analysis = await analyses.of(capture, 'story', undefined, signal);
    const { connections } = analysis.analyzer;
    if (args.stream === undefined && connections.length !== 1)
      throw new UsageError(`there are ${formatNumberOf(connections.length, 'connection')}: choose one by its stream`);
    const connection = args.stream === undefined ? connections[0] : connections.find(({ id }) => id === args.stream);
    if (connection === undefined)
      throw new UsageError(
        `there is no stream ${args.stream}: the capture holds ${formatNumberOf(connections.length, 'connection')}`,
      );
    const { times, firstTimestamp } = analysis.facts;
    const text = new StoryText({ ...written, origin: times === 'unknown' ? null : firstTimestamp });
    const lines = [
      ...text.story(storyOf(connection, budgetOf(connection), isClocked(analysis.analyzer.findings))),
      ...warningsOf(analysis),
    ];
    return pageOfLines(lines, from, { stream: connection.id });
  },
};

/** A packet is told by what its connection was until then: the capture is read for its connection, and once more for it. */
async function packetPage(
  { args, analyses, capture, from, signal }: Question<Args>,
  packet: number,
  text: StoryText,
): Promise<Page> {
  let stream = -1;
  const { analyzer } = await analyses.read(
    capture,
    (session) => ({
      onSegment: ({ connection }, view) => {
        if (view.frame !== packet) return;
        stream = connection.id;
        session.stop();
      },
      congestion: false,
      detection: false,
      timeBudget: false,
    }),
    signal,
  );
  if (stream < 0) {
    const { total } = analyzer.counts;
    const holds = `there is no packet ${packet}: the capture holds ${formatNumberOf(total, 'packet')}`;
    throw new UsageError(packet > total ? holds : `packet ${packet} belongs to no TCP connection`);
  }
  if (args.stream !== undefined && args.stream !== stream)
    throw new UsageError(`packet ${packet} belongs to stream ${stream}, not to stream ${args.stream}`);
  const teller = new PacketTeller(packet);
  const onRow = (row: Parameters<PacketTeller['take']>[0]) => {
    if (row.connection.id === stream) teller.take(row);
  };
  await analyses.read(capture, { onRow }, signal);
  return pageOfLines(text.packet(teller.tell()!), from, { stream });
}

import { PLAIN } from '../../render/style.ts';
import { captureReport } from '../../report/capture.ts';
import { sortedFindings } from '../../report/finding.ts';
import { Departed } from '../../summary/departed.ts';
import { summaryReport } from '../../summary/report.ts';
import { GROUPINGS, type Grouping } from '../../summary/service.ts';
import { summarize } from '../../summary/summary.ts';
import { printScreen } from '../report-screen.ts';
import { warningsOf } from './analyses.ts';
import { pageOfLines } from './page.ts';
import { CONNECTION_FILTER, type Question, type Tool } from './tool.ts';

type Args = {
  readonly filter?: string;
  readonly by?: Grouping;
  readonly top?: number;
};

/** Groups and connections in `data`, unless `top` says otherwise. */
const USUAL = 10;

export const SUMMARY_TOOL: Tool = {
  name: 'summarize_capture',
  title: 'Summarise a capture',
  description:
    'The first screen of tcpscope: what the capture is worth, what went wrong by its cost in time, where the time went, ' +
    'which services and connections are worst. Begin here.',
  properties: {
    filter: CONNECTION_FILTER,
    by: { enum: GROUPINGS, description: 'gather the connections by it (default: service)' },
    top: { type: 'integer', minimum: 1, maximum: 50, description: 'groups and connections that are listed' },
  },
  required: [],
  answers: {
    summary: { type: 'object', description: 'as `summary` in tcpscope --json, its lists cut to the worst' },
    packets: { type: 'object', description: 'as `capture.packets` in tcpscope --json' },
    dropped: { type: ['integer', 'null'], description: 'packets that the capturing system dropped' },
  },
  answer: async ({ args, analyses, capture, from, signal }: Question<Args>) => {
    const { filter, by, top } = args;
    const analysis = await analyses.of(capture, 'screen', filter, signal);
    const { analyzer, facts } = analysis;
    const connections = analyzer.list;
    const findings = sortedFindings(analyzer);
    const lines: string[] = [];
    const sheet = {
      output: { line: (text: string) => void lines.push(...text.split('\n')), yieldWhenFull: () => undefined },
      stdout: { style: PLAIN, width: null, isTerminal: false },
      isQuiet: false,
    };
    const options = { captures: [capture.shown], isList: false, hasRoundTrips: false, by, top };
    // Nobody leaves: where the memory gets short, the reading ends.
    await printScreen({ ...analysis, connections, findings, departed: new Departed(by) }, options, sheet);
    const { packets, dropped, damages } = captureReport(analyzer, facts);
    const grouping = by === undefined ? {} : { grouping: by };
    const worth = { dropped, damages };
    const summary = summaryReport(summarize(connections, findings, worth, grouping), facts.firstTimestamp ?? 0n);
    const cut = <T>(list: readonly T[]) => list.slice(0, top ?? USUAL);
    const { services, kinds, worst } = summary;
    const data = {
      summary: { ...summary, services: cut(services), kinds: cut(kinds), worst: cut(worst) },
      packets,
      dropped,
    };
    return pageOfLines([...lines, ...warningsOf(analysis)], from, data);
  },
};

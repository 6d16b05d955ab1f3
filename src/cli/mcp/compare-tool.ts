import { CaptureSession } from '../../capture/session.ts';
import { Comparison } from '../../compare/comparison.ts';
import { requirePlaces, withShortNames } from '../../compare/place-names.ts';
import { PlacesReader, readPlaces } from '../../compare/places.ts';
import type { Point } from '../../compare/point.ts';
import { compareReport } from '../../compare/report.ts';
import { UsageError } from '../../model/errors.ts';
import { compareText } from '../../render/compare-text.ts';
import { PLAIN } from '../../render/style.ts';
import { MAX_VANTAGES } from '../../views/packet-table.ts';
import { damageLines } from '../damages.ts';
import { heapWatch } from '../memory.ts';
import { sourceOf } from './analyses.ts';
import { pageOfLines } from './page.ts';
import type { Question, Tool } from './tool.ts';

type Args = {
  readonly others?: readonly string[];
  readonly symmetric?: boolean;
};

/** Connections in `data`, those that lost most. */
const CONNECTIONS = 20;

export const COMPARE_TOOL: Tool = {
  name: 'compare_captures',
  title: 'Compare captures of several places',
  description:
    'The same traffic captured at several places (client and server, before and after a firewall or NAT), or one capture of ' +
    'several interfaces (-i any): between which places packets were lost, how long they took, what was changed on the way, ' +
    'how the clocks stand. As tcpscope compare says it, without the time line.',
  properties: {
    others: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 4096 },
      maxItems: MAX_VANTAGES - 1,
      description: 'the other captures, in any order; none for a capture of several interfaces',
    },
    symmetric: { type: 'boolean', description: 'take both directions for equally fast (default: false)' },
  },
  required: [],
  answers: {
    vantageOrder: { type: 'array', items: { type: 'string' }, description: 'places from the client to the server' },
    clocks: { type: 'array', items: { type: 'object' }, description: 'as in tcpscope compare --json' },
    links: { type: 'array', items: { type: 'object' }, description: 'delays, losses and changes between neighbours' },
    connections: { type: 'array', items: { type: 'object' }, description: 'those that lost most' },
    notes: { type: 'array', items: { type: 'object' }, description: 'what bears on how far it can be trusted' },
  },
  answer: async ({ args, capture, files, from, signal }: Question<Args>) => {
    const { others = [], symmetric = false } = args;
    const captures = [capture, ...others.map(files)];
    const double = captures.find(({ path }, i) => captures.findIndex((one) => one.path === path) !== i);
    if (double !== undefined)
      throw new UsageError(`${double.shown} is named twice: a capture is not compared with itself`);
    const points: Point[] = [];
    const warnings: string[] = [];
    for (const file of captures) {
      let session = new CaptureSession();
      let reader = new PlacesReader(file.shown, session);
      const source = sourceOf(file, signal);
      const places = await readPlaces(source, (isOnePlace) => {
        session = new CaptureSession();
        reader = new PlacesReader(file.shown, session, { isMemoryShort: heapWatch(), isOnePlace });
        return { session, reader };
      });
      points.push(...places.points);
      warnings.push(...damageLines(session.facts.damages, reader.packets).map(({ text }) => text));
      if (reader.isCutShort) warnings.push(`${file.shown}: the memory is nearly full: the rest was not read`);
    }
    requirePlaces(points);
    const report = compareReport(new Comparison(withShortNames(points), { isSymmetric: symmetric }));
    const { vantageOrder, clocks, links, connections, notes } = report;
    const worst = [...connections].sort((a, b) => b.lost - a.lost || a.stream - b.stream).slice(0, CONNECTIONS);
    const lines = [...compareText(report, null, PLAIN), ...warnings];
    return pageOfLines(lines, from, { vantageOrder, clocks, links, connections: worst, notes });
  },
};

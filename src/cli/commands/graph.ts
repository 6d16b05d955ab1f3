import { type Command, Option } from 'commander';
import { GraphCollector } from '../../picture/collector.ts';
import { GRAPH_TYPES, type GraphType } from '../../picture/graph.ts';
import { graphCsv } from '../../render/picture/graph-csv.ts';
import { graphSvg } from '../../render/picture/graph-svg.ts';
import { graphText } from '../../render/picture/graph-text.ts';
import type { Context } from '../context.ts';
import { chosenFormat, withFormats } from '../format.ts';
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

const FORMATS = ['text', 'svg', 'csv'] as const;
const SIDES = ['client', 'server'] as const;

interface GraphOptions extends CaptureOptions {
  type: GraphType;
  side?: (typeof SIDES)[number];
  height?: number;
}

export function registerGraph(program: Command, context: Context): void {
  const command = withCaptures(program.command('graph'), 'one stream')
    .description(
      'Draws one connection over time: sequence numbers, round trips, throughput, windows, congestion control.',
    )
    .addOption(new Option('--type <type>', 'what to draw').choices(GRAPH_TYPES).default('sequence'))
    .addOption(new Option('--side <side>', 'whose data (default: of the end that sent more)').choices(SIDES))
    .option('--height <rows>', 'rows of the drawing in text (default: 20)', parsePositive);
  withTimeWindow(command, 'the graph');
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpscope graph trace.pcap', 'sequence numbers of the only connection'],
    ['tcpscope graph trace.pcap --stream 3 --type rtt', 'round trips'],
    ['tcpscope graph trace.pcap --since 10s --until +500ms', 'half a second of it'],
    ['tcpscope graph trace.pcap --type congestion --format svg > cwnd.svg', 'for a document'],
    ['tcpscope graph trace.pcap --type window --csv', 'the points'],
  ]);
  withNote(
    command,
    'The sequence graph has the grammar of tcptrace: upright strokes are segments, the line below them what is acknowledged, ' +
      'the line above them the edge of the receive window, and letters what stands out (R retransmission, T by timeout, P tail ' +
      'loss probe, o reordered, d duplicate, x lost, Z zero window). A series of more than 262,144 points is thinned.',
  );
  command.action((captures: string[], options: GraphOptions) => graph(captures, options, command, context));
}

async function graph(
  captures: readonly string[],
  options: GraphOptions,
  command: Command,
  context: Context,
): Promise<void> {
  const format = chosenFormat(command, FORMATS);
  const collector = new GraphCollector(options.type);
  await readOne(captureNames(captures, options), options, context, (row, isShown) => collector.take(row, isShown));
  const drawn = collector.graph(options.side ?? null);
  if (drawn === null) return;
  if (drawn.series.length === 0 && drawn.bands.length === 0) {
    context.note(`${drawn.title}: the capture shows nothing of it`);
    return;
  }
  const { output, stdout } = context;
  if (format === 'svg') output.write(graphSvg(drawn));
  else if (format === 'csv') {
    for (const line of graphCsv(drawn)) {
      output.line(line);
      await output.yieldWhenFull();
    }
  } else {
    const { height: rows } = options;
    const lines = graphText(drawn, {
      width: stdout.width,
      style: stdout.style,
      ...(rows === undefined ? {} : { rows }),
    });
    for (const line of lines) output.line(line);
  }
}

import type { PacketRow } from '../../model/row.ts';
import { GraphCollector } from '../../picture/collector.ts';
import type { Graph, Series } from '../../picture/graph.ts';
import type { GraphData, SeriesData } from '../model.ts';

const TYPES = ['sequence', 'window', 'congestion', 'rtt', 'throughput'] as const;
const SIDES = ['client', 'server'] as const;

/** Makes all graphs of one connection, of what each of its ends sent. */
export class GraphsBuilder {
  private readonly collectors = TYPES.map((type) => ({ type, collector: new GraphCollector(type) }));

  take(row: PacketRow): void {
    for (const { collector } of this.collectors) collector.take(row);
  }

  /** Those that show something, the sequence graph first. */
  build(): GraphData[] {
    return this.collectors.flatMap(({ type, collector }) =>
      SIDES.flatMap((side) => {
        const graph = collector.graph(side);
        return graph === null || graph.series.length === 0 ? [] : [dataOf(graph, type, side)];
      }),
    );
  }
}

function dataOf(graph: Graph, type: GraphData['type'], side: GraphData['side']): GraphData {
  const { title, unit, what, series, bands, end: duration } = graph;
  return { type, side, title, unit, what, duration, bands, series: series.map(seriesOf) };
}

function seriesOf({ name, shape, tone, letter = '', points }: Series): SeriesData {
  const kept = shape === 'step' ? cornersOf(points) : Array.from({ length: points.length }, (_, i) => i);
  const column = (figure: (i: number) => number) => Float64Array.from(kept, (i) => Math.round(figure(i)));
  const hasEnds = shape === 'strokes';
  return {
    name,
    shape,
    tone,
    letter,
    time: column((i) => points.time(i)),
    value: column((i) => points.value(i)),
    to: hasEnds ? column((i) => points.to(i)) : new Float64Array(0),
  };
}

/** Of a value that holds until the next one, the points where it changes, and the last. */
function cornersOf(points: Series['points']): number[] {
  const corners: number[] = [];
  for (let i = 0; i < points.length; i++) {
    const isLast = i === points.length - 1;
    if (i === 0 || isLast || points.value(i) !== points.value(i - 1)) corners.push(i);
  }
  return corners;
}

import { FactCollector } from '../check/facts/collect.ts';
import { exportScript } from '../check/script/export.ts';
import { UsageError } from '../model/errors.ts';
import type { Context } from './context.ts';
import type { CaptureOptions } from './options.ts';
import { analyzeCaptures } from './run.ts';

/** `tcpscope script`. */
export async function printScript(
  captures: readonly string[],
  { filter, stream }: CaptureOptions,
  context: Context,
): Promise<void> {
  const collector = new FactCollector(true);
  const { analyzer, facts } = await analyzeCaptures(context, { captures }, () => ({
    onRow: (row) => {
      if (stream === undefined || row.connection.id === stream) collector.take(row);
    },
    ...(filter === undefined ? {} : { filter }),
  }));
  const { flows } = collector.finish(analyzer, facts, true);
  if (flows.length === 0) throw new UsageError('the capture holds no TCP connection');
  if (stream === undefined && flows.length > 1) {
    throw new UsageError(`the capture holds ${flows.length} connections: choose one with --stream, from 0`);
  }
  const flow = flows[stream ?? 0];
  if (flow === undefined)
    throw new UsageError(`there is no connection ${stream}: the capture holds ${flows.length}, from 0`);
  context.output.write(exportScript(flow));
}

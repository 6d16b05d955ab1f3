import { FactCollector } from '../check/facts/collect.ts';
import { exportScript } from '../check/script/export.ts';
import { choiceError, chosenConnections, isStream, oneStream } from './choice.ts';
import type { Context } from './context.ts';
import { Exit } from './exit.ts';
import type { CaptureOptions } from './options.ts';
import { analyzeCaptures } from './run.ts';

/** `tcpscope script`. */
export async function printScript(
  captures: readonly string[],
  options: CaptureOptions,
  context: Context,
): Promise<void> {
  const { filter } = options;
  oneStream(options);
  const collector = new FactCollector(true);
  const { analyzer, facts } = await analyzeCaptures(context, { captures }, () => ({
    onRow: (row) => {
      if (isStream(row.connection.id, options)) collector.take(row);
    },
    ...(filter === undefined ? {} : { filter }),
  }));
  if (context.status === Exit.UNREADABLE) return;
  const chosen = chosenConnections(analyzer.connections, options, context);
  const [only] = chosen;
  if (only === undefined || chosen.length > 1) throw choiceError(chosen, options);
  const { flows } = collector.finish(analyzer, facts, true);
  context.output.write(exportScript(flows[only.id]));
}

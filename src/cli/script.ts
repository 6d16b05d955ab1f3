import { FactCollector } from '../check/facts/collect.ts';
import { exportScript } from '../check/script/export.ts';
import type { Connection } from '../model/connection.ts';
import { isClocked } from '../summary/trust.ts';
import { choiceError, chosenConnections, isStream, MAX_LISTED, oneStream } from './choice.ts';
import type { Context } from './context.ts';
import { Exit } from './exit.ts';
import type { CaptureOptions } from './options.ts';
import { AcceptedStay, othersLeave } from './others-leave.ts';
import { analyzeCaptures } from './run.ts';

/** `tcpscope script`. */
export async function printScript(
  captures: readonly string[],
  options: CaptureOptions,
  context: Context,
): Promise<void> {
  const { filter } = options;
  // Then there is one connection, or it is an error.
  const isOpen = oneStream(options) === undefined && filter === undefined;
  const collector = new FactCollector(true);
  const accepted = new AcceptedStay();
  const onLeave = (connection: Connection) => {
    collector.drop(connection);
    accepted.onLeave(connection);
  };
  const { analyzer, facts } = await analyzeCaptures(context, { captures }, () => ({
    ...(filter === undefined
      ? othersLeave((id) => (isOpen ? id < MAX_LISTED : isStream(id, options)))
      : { staysFor: accepted.staysFor, onLeave, rowsByConnection: true }),
    rowsOf: ({ id }) => (isOpen ? id === 0 : isStream(id, options)),
    ...collector.rows,
    ...(filter === undefined ? {} : { filter }),
  }));
  if (context.status === Exit.UNREADABLE) return;
  const chosen = chosenConnections(analyzer.connections, options, context, analyzer.opened);
  const [only] = chosen;
  const count = isOpen ? analyzer.opened : chosen.length + accepted.others;
  if (only === undefined || count > 1) throw choiceError(chosen, options, count);
  const { flows } = collector.finish(analyzer, facts, true, [only]);
  const flow = flows.find(({ connection }) => connection === only)!;
  const clocked = isClocked(analyzer.findings);
  if (!clocked) context.warn('no one clock gave the times of the capture: the script leaves them open');
  context.output.write(exportScript(flow, clocked));
}

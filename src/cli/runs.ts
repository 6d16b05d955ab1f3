import { compareRuns, Run } from '../compare/runs.ts';
import { UsageError } from '../model/errors.ts';
import { runsText } from '../render/runs-text.ts';
import { isClocked } from '../summary/trust.ts';
import type { Context } from './context.ts';
import { analyzeCaptures } from './run.ts';

/** `compare --runs BEFORE AFTER`. */
export async function printRuns(captures: readonly string[], format: 'text' | 'json', context: Context): Promise<void> {
  const [before, after] = captures;
  if (captures.length !== 2)
    throw new UsageError('--runs takes two captures: the run before a change, and the one after it');
  if (before === after) throw new UsageError(`${before} is named twice: a run is not compared with itself`);
  const runs: Run[] = [];
  for (const name of captures) {
    const { analyzer } = await analyzeCaptures(context, { captures: [name] }, () => ({ congestion: false }));
    if (context.isCutOff) return;
    const isTimed = isClocked(analyzer.findings);
    if (!isTimed)
      context.warn(`${name}: no one clock gave the times of the capture: how long anything took is not compared`);
    runs.push(new Run(name, analyzer.connections, isTimed));
  }
  const report = compareRuns(runs[0], runs[1]);
  const { output, stdout } = context;
  if (format === 'json') output.line(JSON.stringify(report, null, 2));
  else for (const line of runsText(report, stdout.width, stdout.style)) output.line(line);
}

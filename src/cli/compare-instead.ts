import { Comparison } from '../compare/comparison.ts';
import { withShortNames } from '../compare/place-names.ts';
import { compareReport } from '../compare/report.ts';
import { compareText } from '../render/compare-text.ts';
import type { Context } from './context.ts';
import { readPoints } from './points.ts';

/** What `compare` says first, for captures that were to be read as one and are views of the same packets. */
export async function compareInstead(captures: readonly string[], context: Context): Promise<void> {
  const points = await readPoints(context, captures);
  if (points === null) return;
  const { output, stdout, isQuiet } = context;
  if (!isQuiet) {
    output.line('These captures hold the same packets, seen at different places: they are compared, not read as one.');
    output.line('');
  }
  const report = compareReport(new Comparison(withShortNames(points)));
  for (const line of compareText(report, stdout.width, stdout.style)) output.line(line);
  if (isQuiet) return;
  output.line('');
  output.line(
    stdout.style.quiet('tcpscope compare shows the packets; analyze each capture alone for what its end saw.'),
  );
}

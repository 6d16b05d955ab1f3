import { checkCompared } from '../check/compared.ts';
import { EXIT_STATUS } from '../check/outcome.ts';
import { Comparison } from '../compare/comparison.ts';
import { withShortNames } from '../compare/place-names.ts';
import { UsageError } from '../model/errors.ts';
import { claimReports, publish } from './check-reports.ts';
import type { CheckOptions } from './checking.ts';
import type { Context } from './context.ts';
import { readPoints } from './points.ts';

/** `check --compare`: conditions on captures of several places. */
export async function runCompared(
  captures: readonly string[],
  files: readonly string[],
  options: CheckOptions,
  context: Context,
): Promise<void> {
  const { expect = [], select, expectFlows, failOn, baseline, evidence, merge, filter, stream } = options;
  const others = { select, 'expect-flows': expectFlows, 'fail-on': failOn, baseline, evidence, merge, filter, stream };
  const other = Object.entries(others).find(([, value]) => value !== undefined);
  if (other !== undefined)
    throw new UsageError(`--${other[0]} speaks of one capture: --compare takes --expect and --report`);
  if (files.length > 0) throw new UsageError(`${files[0]}: rules speak of one capture: --compare takes --expect`);
  if (expect.length === 0)
    throw new UsageError('nothing to check: --compare takes --expect, such as lost_between("a.pcap", "b.pcap") == 0');
  const reports = await claimReports(options.report ?? [], context);
  const points = await readPoints(context, captures, {
    purpose: 'checked',
    ...(options.interface === undefined ? {} : { interfaceNames: options.interface }),
  });
  if (points === null) return;
  const report = checkCompared(new Comparison(withShortNames(points)), expect);
  await publish(report, reports, context);
  context.conclude(EXIT_STATUS[report.outcome]);
}

import { appendFileSync, writeFileSync } from 'node:fs';
import type { CheckReport } from '../check/outcome.ts';
import { InputError, UsageError } from '../model/errors.ts';
import type { Context } from './context.ts';

export const REPORT_KINDS = ['json', 'junit', 'sarif', 'tap', 'github', 'markdown'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** A report to write; `file` null is standard output. */
export interface ReportTarget {
  readonly kind: ReportKind;
  readonly file: string | null;
}

/** Writers are loaded when they are asked for. */
const WRITERS: Record<ReportKind, () => Promise<(report: CheckReport, version: string) => string>> = {
  json: async () => (report) => `${JSON.stringify(report, null, 2)}\n`,
  junit: async () => (await import('../render/check-junit.ts')).checkJunit,
  sarif: async () => (await import('../render/check-sarif.ts')).checkSarif,
  tap: async () => (await import('../render/check-tap.ts')).checkTap,
  github: async () => (await import('../render/check-github.ts')).checkGithub,
  markdown: async () => (await import('../render/check-markdown.ts')).checkMarkdown,
};

/** `junit=out.xml`, or `tap` for standard output. */
export function parseReportTarget(text: string): ReportTarget {
  const equals = text.indexOf('=');
  const kind = REPORT_KINDS.find((name) => name === (equals < 0 ? text : text.slice(0, equals)));
  if (kind === undefined)
    throw new UsageError(`--report ${text}: reports are ${REPORT_KINDS.join(', ')}, each alone or as KIND=FILE`);
  const file = equals < 0 ? null : text.slice(equals + 1);
  if (file === '') throw new UsageError(`--report ${text}: the file is missing behind =`);
  return { kind, file: file === '-' ? null : file };
}

/** Writes all reports; true when one of them went to standard output. */
export async function writeReports(
  report: CheckReport,
  targets: readonly ReportTarget[],
  version: string,
  context: Context,
): Promise<boolean> {
  const toOutput = targets.filter(({ file }) => file === null);
  if (toOutput.length > 1) {
    const kinds = toOutput.map(({ kind }) => kind).join(' and ');
    throw new UsageError(`${kinds}: only one report fits on standard output; write KIND=FILE`);
  }
  for (const { kind, file } of targets) {
    const text = (await WRITERS[kind]())(report, version);
    if (file === null) context.output.write(text);
    else write(file, text);
    if (kind === 'github') await writeJobSummary(report, version, context);
  }
  // Annotations are not meant to be read: people get the report for people too.
  return toOutput.some(({ kind }) => kind !== 'github');
}

/** GitHub Actions shows what is appended to this file on the page of the run. */
async function writeJobSummary(report: CheckReport, version: string, { env }: Context): Promise<void> {
  const file = env.GITHUB_STEP_SUMMARY;
  if (file === undefined || file === '') return;
  const text = (await WRITERS.markdown())(report, version);
  try {
    appendFileSync(file, text);
  } catch (error) {
    throw new InputError(file, `cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new InputError(file, `cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

import type { CheckReport } from '../check/outcome.ts';
import { UsageError } from '../model/errors.ts';
import { jsonOf } from '../render/json.ts';
import { PLAIN } from '../render/style.ts';
import type { Context } from './context.ts';
import type { OutputFile } from './output-file.ts';
import { packageVersion } from './version.ts';

export const REPORT_KINDS = ['json', 'junit', 'sarif', 'tap', 'github', 'markdown'] as const;
type ReportKind = (typeof REPORT_KINDS)[number];

/** A report to write; `-` is standard output. */
export interface ReportTarget {
  readonly kind: ReportKind;
  readonly name: string;
}

/** A report and the file that is claimed for it. */
export interface ClaimedReport {
  readonly kind: ReportKind;
  readonly file: OutputFile;
}

/** Writers are loaded when they are asked for. */
const WRITERS: Record<ReportKind, () => Promise<(report: CheckReport, version: string) => string>> = {
  json: async () => (report) => `${jsonOf(report, 2)}\n`,
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
  const name = equals < 0 ? '-' : text.slice(equals + 1);
  if (name === '') throw new UsageError(`--report ${text}: the file is missing after =`);
  return { kind, name };
}

/** Claims the files of reports, before the captures are read. */
export async function claimReports(targets: readonly ReportTarget[], { files }: Context): Promise<ClaimedReport[]> {
  const claimed: ClaimedReport[] = [];
  for (const { kind, name } of targets) claimed.push({ kind, file: await files.claim(name) });
  const toOutput = claimed.filter(({ file }) => file.isStandardOutput);
  if (toOutput.length > 1) {
    const kinds = toOutput.map(({ kind }) => kind).join(' and ');
    throw new UsageError(`${kinds}: only one report fits on standard output; write KIND=FILE`);
  }
  return claimed;
}

/** Writes all reports; true when one of them went to standard output. */
async function writeReports(
  report: CheckReport,
  targets: readonly ClaimedReport[],
  version: string,
  context: Context,
): Promise<boolean> {
  for (const { kind, file } of targets) {
    const text = (await WRITERS[kind]())(report, version);
    await context.files.write(file, text);
    if (kind === 'github') await writeJobSummary(report, version, context);
  }
  // Annotations are not meant to be read: people get the report for people too.
  return targets.some(({ kind, file }) => file.isStandardOutput && kind !== 'github');
}

/** Writes all reports, and the one for people unless another stands on standard output. */
export async function publish(report: CheckReport, targets: readonly ClaimedReport[], context: Context): Promise<void> {
  const { output, stdout, isQuiet } = context;
  if (await writeReports(report, targets, packageVersion(), context)) return;
  const { checkTerminal } = await import('../render/check-terminal.ts');
  output.write(checkTerminal(report, stdout.style ?? PLAIN, isQuiet, stdout.width));
}

/** GitHub Actions shows what is appended to this file on the page of the run. */
async function writeJobSummary(report: CheckReport, version: string, { env, files }: Context): Promise<void> {
  const file = env.GITHUB_STEP_SUMMARY;
  if (file === undefined || file === '') return;
  files.append(file, (await WRITERS.markdown())(report, version));
}

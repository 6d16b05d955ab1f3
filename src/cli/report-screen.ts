import { IN_ENGLISH } from '../messages/message.ts';
import { budgetOf } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { type ConnectionList, objectsOf } from '../model/connection-list.ts';
import type { Finding } from '../model/finding.ts';
import { formatNumberOf } from '../model/units.ts';
import { captureText } from '../render/capture-text.ts';
import { firstScreen } from '../render/first-screen.ts';
import { nextLines } from '../render/next-lines.ts';
import { connectionLines, findingText } from '../render/report-text.ts';
import { roundTripLines } from '../render/round-trips.ts';
import { DEFAULT_WIDTH, type ScreenOptions } from '../render/screen-options.ts';
import { StoryText } from '../render/story-text.ts';
import { verdictLines } from '../render/verdict-lines.ts';
import { captureReport } from '../report/capture.ts';
import { connectionReport } from '../report/connection.ts';
import { findingReport } from '../report/finding.ts';
import { shortStoryOf } from '../story/story.ts';
import type { Departed } from '../summary/departed.ts';
import type { Grouping } from '../summary/service.ts';
import { type Order, summarize } from '../summary/summary.ts';
import { isClocked } from '../summary/trust.ts';
import { captureWords } from './input.ts';
import type { Output } from './output.ts';
import type { ConcludedAnalysis } from './run.ts';
import type { Screen } from './terminal.ts';

/** Where the report is printed: standard output, or what takes its place. */
export interface Sheet {
  readonly output: Pick<Output, 'line' | 'yieldWhenFull'>;
  readonly stdout: Screen;
  readonly isQuiet: boolean;
}

/** An analysis with the connections and findings that are wanted of it. */
export interface Chosen extends ConcludedAnalysis {
  readonly connections: ConnectionList;
  readonly findings: readonly Finding[];
  /** The sums of those that left before the end. */
  readonly departed: Departed;
}

export interface ReportOptions {
  /** Captures as the user named them. */
  readonly captures: readonly string[];
  /** Every connection and finding, one after the other. */
  readonly isList: boolean;
  readonly hasRoundTrips: boolean;
  readonly by?: Grouping | undefined;
  readonly sort?: Order | undefined;
  readonly top?: number | undefined;
}

/** Groups and connections of the first screen, unless `--top` says otherwise. */
const GROUPS = 6;
const WORST = 10;

/** The report as text: the answer on one screen, the story of one connection, or the list of all. */
export async function printScreen(chosen: Chosen, options: ReportOptions, context: Sheet): Promise<void> {
  const { analyzer, facts, connections, findings, departed } = chosen;
  const { output, stdout, isQuiet } = context;
  const { style, width, isTerminal } = stdout;
  if (!isQuiet) for (const line of captureText(captureReport(analyzer, facts), width, style)) output.line(line);
  if (connections.length === 0) {
    if (!isQuiet) output.line('');
    const isSieved = analyzer.connections.length > 0;
    output.line(isSieved ? 'No connection has a packet that is selected.' : 'No TCP connections.');
    await printFindings(chosen, context);
    return;
  }
  const { by, sort, top } = options;
  const screen: ScreenOptions = {
    width,
    style,
    hasBars: isTerminal,
    capture: captureWords(options.captures),
    origin: facts.times === 'unknown' ? null : facts.firstTimestamp,
    groups: top ?? GROUPS,
    worst: top ?? WORST,
  };
  const summary = summarize(connections, findings, captureReport(analyzer, facts), {
    departed,
    ...(by === undefined ? {} : { grouping: by }),
    ...(sort === undefined ? {} : { order: sort }),
  });
  if (connections.length > 1 && !options.isList) {
    for (const line of firstScreen(summary, screen)) output.line(line);
    return;
  }
  if (!isQuiet) for (const line of verdictLines(summary, screen)) output.line(line);
  const listed =
    sort === undefined ? objectsOf(connections) : Array.from(summary.worst, ({ connection }) => connection);
  if (!isQuiet) output.line(`\n${style.title(formatNumberOf(listed.length, 'connection'))}`);
  for (const line of await connectionLines(listed, width, style)) {
    output.line(line);
    await output.yieldWhenFull();
  }
  if (options.hasRoundTrips)
    for (const connection of listed) await printRoundTrips(connection, listed.length > 1, context);
  if (connections.length > 1 || options.isList || isQuiet) await printFindings(chosen, context);
  else {
    const only = connections.at(0);
    for (const line of [...storyLines(only, isClocked(findings), screen), ...nextSteps(only, screen)])
      output.line(line);
  }
}

function storyLines(
  connection: Connection,
  isClocked: boolean,
  { width, style, hasBars, origin }: ScreenOptions,
): string[] {
  const text = new StoryText({ language: IN_ENGLISH, width: width ?? DEFAULT_WIDTH, style, hasBars, origin });
  return text.sections(shortStoryOf(connection, budgetOf(connection), isClocked));
}

function nextSteps({ id }: Connection, screen: ScreenOptions): string[] {
  return nextLines(
    (name) => [
      `tcpscope explain ${name} --stream ${id}`,
      `tcpscope flow ${name} --stream ${id}`,
      `tcpscope ${name} --stream ${id} --all`,
    ],
    screen,
  );
}

/** Of a connection that was asked for by its number. */
async function printRoundTrips(connection: Connection, isOneOfMany: boolean, { output, stdout, isQuiet }: Sheet) {
  const { client, server } = connectionReport(connection, 0n);
  const lines = await roundTripLines(client, server, stdout.width, stdout.style);
  if (lines.length === 0) return;
  if (!isQuiet) output.line('');
  if (isOneOfMany) output.line(stdout.style.title(`stream ${connection.id}`));
  for (const line of lines) output.line(line);
}

async function printFindings({ findings, facts }: Chosen, { output, stdout, isQuiet }: Sheet): Promise<void> {
  const { style, width } = stdout;
  if (findings.length === 0) return;
  if (!isQuiet) output.line(`\n${style.title(formatNumberOf(findings.length, 'finding'))}`);
  for (const finding of findings) {
    const report = findingReport(finding, facts.firstTimestamp ?? 0n);
    output.line(findingText(report, width, style, facts.times === 'dated'));
    await output.yieldWhenFull();
  }
}

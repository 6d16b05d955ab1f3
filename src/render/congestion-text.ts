import { limitTimes } from '../congestion/report.ts';
import { TIME_USES, waitsOf } from '../model/budget.ts';
import {
  ALGORITHM_TITLES,
  Algorithm,
  type CongestionState,
  lossesOf,
  PHASE_NAMES,
  STALL_CAUSE_NAMES,
  TRIGGER_NAMES,
  Vantage,
} from '../model/congestion.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatRate,
  formatSeconds,
  formatShare,
} from '../model/units.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { textWidth, wrap } from './text.ts';

/** Rows of a table that are printed; JSON has all. */
const MAX_ROWS = 40;

/** One sender as lines: its algorithm and window, the path, what limited it and when, its episodes, pauses and violations. */
export async function senderLines(state: CongestionState, width: number | null, style: Style): Promise<string[]> {
  const { endpoint } = state;
  const fact = (name: string, text: string) => factLines(name, text, width, style);
  const lines = [
    style.title(`stream ${endpoint.connection.id}: ${endpoint.role} ${endpoint.name} to ${endpoint.peer.name}`),
    ...fact('control', algorithmText(state)),
    ...fact('window', windowText(state)),
    ...fact('path', pathText(state)),
    ...fact('limited by', limitText(state)),
  ];
  const sheet = { width, style };
  for (const part of [timeline, episodes, stalls]) lines.push(...(await part(state, sheet)));
  for (const { frame, text, cite } of endpoint.violations ?? []) {
    // Most texts name the packet where they speak of it.
    const place = new RegExp(`\\bpackets? .*\\b${frame}\\b`).test(text) ? '' : ` (packet ${frame})`;
    lines.push(...fact('against', `${cite}: ${text}${place}`));
  }
  return lines;
}

const NAME_WIDTH = 10;
const INDENT = NAME_WIDTH + 4;
/** Narrower text is worse than one that the terminal breaks. */
const LEAST_TEXT = 30;

function factLines(name: string, text: string, width: number | null, style: Style): string[] {
  const [first, ...rest] = width === null ? [text] : wrap(text, Math.max(width - INDENT, LEAST_TEXT));
  return [`  ${style.heading(name.padEnd(NAME_WIDTH))}  ${first}`, ...rest.map((line) => ' '.repeat(INDENT) + line)];
}

function algorithmText({ algorithm, given, runnerUp, confidence, vantage }: CongestionState): string {
  const parts: string[] = [
    algorithm === Algorithm.UNKNOWN
      ? 'unknown: not enough to tell, or none that is known'
      : ALGORITHM_TITLES[algorithm],
  ];
  if (given !== Algorithm.UNKNOWN) parts[0] += ' (as given)';
  else if (algorithm !== Algorithm.UNKNOWN) {
    const second = runnerUp === Algorithm.UNKNOWN ? '' : `; second choice ${ALGORITHM_TITLES[runnerUp]}`;
    parts[0] += ` (confidence ${confidence.toFixed(2)}${second})`;
  }
  if (vantage === Vantage.RECEIVER) parts.push('captured at the receiver: worked out from timestamps and round trips');
  if (vantage === Vantage.PATH) parts.push('captured on the path: worked out from timestamps and round trips');
  return parts.join(', ');
}

function windowText({ cwnd, ssthresh, smss, phase }: CongestionState): string {
  if (Number.isNaN(cwnd)) return 'unknown: no packet of the other host is in the capture';
  const threshold = Number.isFinite(ssthresh) ? `ssthresh ${Math.round(ssthresh)}` : 'ssthresh never set';
  const window = `${formatNumberOf(Math.round(cwnd), 'segment')} of ${smss} bytes (${formatBytes(Math.round(cwnd * smss))})`;
  return `${window}, ${threshold}, ${PHASE_NAMES[phase]}`;
}

function pathText({ minRtt, bottleneckRate, bdp, smss }: CongestionState): string {
  const rtt = Number.isNaN(minRtt) ? 'round trip unknown' : `shortest round trip ${formatDuration(minRtt)}`;
  if (Number.isNaN(bottleneckRate)) return `${rtt}, no bottleneck seen`;
  const rate = `bottleneck about ${formatRate(bottleneckRate * 8)}`;
  return Number.isNaN(bdp)
    ? `${rtt}, ${rate}`
    : `${rtt}, ${rate}, filled by ${formatNumberOf(Math.round(bdp / smss), 'segment')}`;
}

/** Smaller shares would be written as 0.0 %. */
const LEAST_SHARE = 0.0005;

function limitText({ endpoint }: CongestionState): string {
  const times = limitTimes(waitsOf(endpoint));
  if (times.length === 0) return 'unknown';
  const all = times.reduce((sum, { time }) => sum + time, 0);
  return times
    .filter(({ time }) => time / all >= LEAST_SHARE)
    .map(({ use, time }) => `${useText(use)} ${formatShare(time, all)}`)
    .join(', ');
}

function useText(use: number): string {
  const { owner, cause } = TIME_USES[use];
  return owner === 'network' || owner === cause ? cause : `${owner} ${cause}`;
}

type Cells = readonly string[];

interface Sheet {
  readonly width: number | null;
  readonly style: Style;
}

async function table(
  title: string,
  columns: Parameters<typeof renderTable>[0],
  rows: readonly Cells[],
  { width, style }: Sheet,
  unlisted = 0,
) {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, MAX_ROWS);
  const wide = await renderTable(columns, shown);
  const fits = width === null || wide.every((line) => textWidth(line) + 4 <= width);
  const lines = fits ? wide : await renderTable(columns, shown, ' ');
  const listed = unlisted > 0 ? `the first ${formatCount(rows.length)}` : 'all';
  const left = rows.length + unlisted - MAX_ROWS;
  const more = left > 0 ? [style.quiet(`    and ${formatCount(left)} more: --json has ${listed}`)] : [];
  return ['', style.heading(`  ${title}`), ...lines.map((line) => `    ${line}`), ...more];
}

const right = (header: string) => ({ header, align: 'right' as const });
const left = (header: string) => ({ header });

function timeline({ endpoint }: CongestionState, sheet: Sheet): Promise<string[]> {
  const rows = waitsOf(endpoint).map(({ use, start, end }) => [
    formatSeconds(start),
    formatDuration(end - start),
    useText(use),
  ]);
  return table('what limited it', [right('from s'), right('for'), left('by')], rows, sheet);
}

function episodes({ episodes: list, endpoint, unlistedEpisodes }: CongestionState, sheet: Sheet): Promise<string[]> {
  const count = (segments: number) => (Number.isFinite(segments) ? String(Math.round(segments)) : '-');
  const rows = list.map((e) => [
    formatSeconds(e.startTime - endpoint.connection.firstTime),
    e.endFrame === 0 ? 'not over' : formatDuration(e.endTime - e.startTime),
    TRIGGER_NAMES[e.trigger],
    e.endFrame === 0 ? `${e.startFrame}-` : `${e.startFrame}-${e.endFrame}`,
    String(lossesOf(e)),
    String(e.retransmissions),
    count(e.cwndBefore),
    Number.isFinite(e.ssthreshAfter) ? `${count(e.ssthreshBefore)} to ${count(e.ssthreshAfter)}` : '-',
    e.undone ? 'undone: it was needless' : '',
  ]);
  const columns = [
    right('from s'),
    right('for'),
    left('trigger'),
    left('packets'),
    right('lost'),
    right('sent again'),
    right('cwnd'),
    left('ssthresh'),
    left(''),
  ];
  return table('recovery', columns, rows, sheet, unlistedEpisodes);
}

function stalls({ stalls: list, endpoint, unlistedStalls }: CongestionState, sheet: Sheet): Promise<string[]> {
  const rows = list.map(({ start, end, startFrame, endFrame, cause }) => [
    formatSeconds(start - endpoint.connection.firstTime),
    formatDuration(end - start),
    `${startFrame}-${endFrame}`,
    STALL_CAUSE_NAMES[cause],
  ]);
  return table(
    'pauses with data under way',
    [right('from s'), right('for'), left('packets'), left('because')],
    rows,
    sheet,
    unlistedStalls,
  );
}

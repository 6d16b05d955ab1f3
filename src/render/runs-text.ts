import type { FigureChange, RunsReport, Spread } from '../compare/runs.ts';
import { escapeText } from '../model/escape.ts';
import { formatCount, formatDuration, formatNumberOf } from '../model/units.ts';
import type { Style } from './style.ts';
import { wrap } from './text.ts';

const LABELS: Record<FigureChange['figure'], string> = {
  handshake: 'handshake',
  'first-byte': 'time to the first byte',
  'server-thinking': 'server thinking',
  exchange: 'whole exchange',
  retransmissions: 'retransmitted',
};

/** Which figures became better or worse, by service. */
export function runsText(report: RunsReport, width: number | null, style: Style): string[] {
  const { before, after, services, level, onlyBefore, onlyAfter } = report;
  const fitted = (text: string) => (width === null ? [text] : wrap(text, width));
  const lines = [
    style.title(`${escapeText(before)} → ${escapeText(after)}`),
    ...fitted(answer(report)).map(style.strong),
  ];
  for (const { service, connections, figures } of services) {
    lines.push(
      '',
      `${style.heading(escapeText(service))}  ${style.quiet(`${formatNumberOf(connections.before, 'connection')} before, ${formatCount(connections.after)} after`)}`,
    );
    lines.push(
      style.quiet(
        `${''.padEnd(30)}${'before: median (25–75 %)'.padStart(32)}${'after'.padStart(32)}${'change'.padStart(12)}`,
      ),
    );
    for (const figure of figures) lines.push(figureLine(figure, style));
  }
  if (onlyBefore.length > 0) lines.push('', ...fitted(`only before: ${onlyBefore.map(escapeText).join(', ')}`));
  if (onlyAfter.length > 0) lines.push('', ...fitted(`only after: ${onlyAfter.map(escapeText).join(', ')}`));
  lines.push(
    '',
    ...fitted(
      `Better and worse: a difference that chance makes in less than ${level * 100} % of all cases (Mann-Whitney test, two-sided, adjusted for the number of figures by Holm's method). Effect: Cliff's delta, from -1 to 1.`,
    ).map(style.quiet),
  );
  return lines;
}

function answer({ services }: RunsReport): string {
  if (services.length === 0) return 'Nothing can be compared: the runs have no service in common.';
  const all = services.flatMap(({ figures }) => figures);
  const count = (verdict: FigureChange['verdict']) => all.filter((figure) => figure.verdict === verdict).length;
  const parts = [
    `${formatNumberOf(count('better'), 'figure')} better`,
    `${formatCount(count('worse'))} worse`,
    `${formatCount(count('no difference'))} without a difference beyond noise`,
  ];
  const little = count('too little');
  if (little > 0) parts.push(`${formatCount(little)} with too few values to tell`);
  return `${parts.join(', ')}.`;
}

function figureLine(
  { figure, place, unit, before, after, change, effect, adjustedP, verdict }: FigureChange,
  style: Style,
): string {
  const amount = (value: number) => (unit === 'ms' ? formatDuration(value * 1e6) : `${(100 * value).toFixed(2)} %`);
  const spread = ({ count, median, p25, p75 }: Spread) =>
    `${amount(median)} (${amount(p25)}–${amount(p75)}) n=${formatCount(count)}`;
  const label = place === null ? LABELS[figure] : `  ${LABELS[figure]}, #${place + 1}`;
  const sign = change > 0 ? '+' : '';
  const text = `${label.padEnd(30)}${spread(before).padStart(32)}${spread(after).padStart(32)}${`${sign}${amount(change)}`.padStart(12)}`;
  const words = `${verdict}${verdict === 'better' || verdict === 'worse' ? ` (effect ${effect.toFixed(2)}, p ${adjustedP < 0.001 ? '< 0.001' : adjustedP.toFixed(3)})` : ''}`;
  const colour = verdict === 'better' ? style.good : verdict === 'worse' ? style.error : style.quiet;
  return `${text}  ${colour(words)}`;
}

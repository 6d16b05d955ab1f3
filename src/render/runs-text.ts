import type { FigureChange, RunsReport, Spread } from '../compare/runs.ts';
import { escapeText } from '../model/escape.ts';
import { formatCount, formatDuration, formatNumberOf } from '../model/units.ts';
import type { Style } from './style.ts';
import { fit } from './text.ts';

const LABELS: Record<FigureChange['figure'], string> = {
  handshake: 'handshake',
  'first-byte': 'time to the first byte',
  'server-thinking': 'server thinking',
  exchange: 'whole exchange',
  retransmissions: 'retransmitted',
};

/** Columns that a figure takes with its spread and what the test says in one line. */
const WIDE = 150;

/** Which figures became better or worse, by service. */
export function runsText(report: RunsReport, width: number | null, style: Style): string[] {
  const { before, after, services, level, onlyBefore, onlyAfter } = report;
  const fitted = (text: string) => fit(text, width);
  const lines = [
    ...fitted(`${escapeText(before)} → ${escapeText(after)}`).map(style.title),
    ...fitted(answer(report)).map(style.strong),
  ];
  for (const { service, connections, figures } of services) {
    const isWide = width === null || width >= WIDE;
    lines.push(
      '',
      `${style.heading(escapeText(service))}  ${style.quiet(`${formatNumberOf(connections.before, 'connection')} before, ${formatCount(connections.after)} after`)}`,
    );
    if (isWide)
      lines.push(
        style.quiet(
          `${''.padEnd(30)}${'before: median (25–75 %)'.padStart(32)}${'after'.padStart(32)}${'change'.padStart(12)}`,
        ),
      );
    else
      lines.push(
        style.quiet(`${'medians'.padEnd(28)}${'before'.padStart(11)}${'after'.padStart(11)}${'change'.padStart(12)}`),
      );
    // What one exchange of a connection took says nothing where there are few of them.
    const isMeagre = ({ place, verdict }: FigureChange) => place !== null && verdict === 'too little';
    for (const figure of figures)
      if (!isMeagre(figure)) lines.push(...(isWide ? [figureLine(figure, style)] : figureLines(figure, style)));
    const meagre = figures.filter(isMeagre).length;
    if (meagre > 0)
      lines.push(
        ...fitted(
          `${formatNumberOf(meagre, 'figure')} of the first, second ... exchange of a connection: too few values (--json has them)`,
        ).map(style.quiet),
      );
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

const amountOf = (unit: FigureChange['unit'], value: number) =>
  unit === 'ms' ? formatDuration(value * 1e6) : `${(100 * value).toFixed(2)} %`;

function labelOf({ figure, place }: FigureChange): string {
  return place === null ? LABELS[figure] : `  ${LABELS[figure]}, #${place + 1}`;
}

function changeOf({ unit, change }: FigureChange): string {
  return `${change > 0 ? '+' : ''}${amountOf(unit, change)}`;
}

/** What the test says of a difference that is more than noise; empty for others. */
function effectOf({ verdict, effect, adjustedP }: FigureChange): string {
  if (verdict !== 'better' && verdict !== 'worse') return '';
  return `effect ${effect.toFixed(2)}, p ${adjustedP < 0.001 ? '< 0.001' : adjustedP.toFixed(3)}`;
}

function coloured(verdict: FigureChange['verdict'], text: string, style: Style): string {
  const colour = verdict === 'better' ? style.good : verdict === 'worse' ? style.error : style.quiet;
  return colour(text);
}

function figureLine(figure: FigureChange, style: Style): string {
  const { unit, before, after, verdict } = figure;
  const spread = ({ count, median, p25, p75 }: Spread) =>
    `${amountOf(unit, median)} (${amountOf(unit, p25)}–${amountOf(unit, p75)}) n=${formatCount(count)}`;
  const text = `${labelOf(figure).padEnd(30)}${spread(before).padStart(32)}${spread(after).padStart(32)}${changeOf(figure).padStart(12)}`;
  const effect = effectOf(figure);
  return `${text}  ${coloured(verdict, effect === '' ? verdict : `${verdict} (${effect})`, style)}`;
}

/** The same for narrow terminals: medians in a line, and their spread below where it says something. */
function figureLines(figure: FigureChange, style: Style): string[] {
  const { unit, before, after, verdict } = figure;
  const cells = [amountOf(unit, before.median), amountOf(unit, after.median)].map((cell) => cell.padStart(11));
  const line = `${labelOf(figure).padEnd(28)}${cells.join('')}${changeOf(figure).padStart(12)}  ${coloured(verdict, verdict, style)}`;
  if (verdict === 'too little') return [line];
  const range = ({ count, p25, p75 }: Spread) =>
    `${amountOf(unit, p25)}–${amountOf(unit, p75)} n=${formatCount(count)}`;
  const lines = [line, style.quiet(`    25–75 %: ${range(before)} before, ${range(after)} after`)];
  const effect = effectOf(figure);
  if (effect !== '') lines.push(style.quiet(`    ${effect}`));
  return lines;
}

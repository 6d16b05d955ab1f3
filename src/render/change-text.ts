import type { Change, Comparison } from '../check/changes.ts';
import { escapeText } from '../model/escape.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

const COLUMNS = [
  { header: 'figure' },
  { header: 'before', align: 'right' },
  { header: 'now', align: 'right' },
  { header: 'change', align: 'right' },
  { header: '' },
] as const;

/** Kept figures beside the present ones: of all connections, and of each server where there are several. */
export async function changeLines({ groups, gone, come }: Comparison, style: Style): Promise<string[]> {
  const lines: string[] = [];
  for (const { server, changes } of groups.length > 2 ? groups : groups.slice(0, 1)) {
    if (lines.length > 0) lines.push('');
    lines.push(style.title(server === null ? 'All connections' : `To ${escapeText(server)}`));
    const heads = COLUMNS.map((column) => ({ ...column, header: style.heading(column.header) }));
    const rows = changes.map((change) => [
      change.metric,
      change.was,
      change.is,
      shareText(change),
      paint(change, style),
    ]);
    lines.push(...(await renderTable(heads, rows)));
  }
  const others = [
    ['Only before', gone],
    ['Only now', come],
  ] as const;
  for (const [title, servers] of others)
    if (servers.length > 0) lines.push('', `${title}: ${servers.map(escapeText).join(', ')}`);
  return lines;
}

/** From ten times as much on, times say more than a percentage. */
const MANIFOLD = 9;

function shareText({ share, judgement }: Change): string {
  if (judgement === 'same') return '=';
  if (share === null) return '';
  if (share >= MANIFOLD) return `× ${Math.round(share + 1)}`;
  const percent = Math.round(100 * share);
  if (percent === 0) return share > 0 ? '< +1 %' : '> -1 %';
  return `${percent > 0 ? '+' : ''}${percent} %`;
}

/** Differences below a hundredth are noise of the measurement as a rule. */
const NOISE = 0.01;

function paint({ judgement, share }: Change, style: Style): string {
  if (judgement === 'unknown') return 'not known on both sides';
  if (judgement === 'same' || judgement === 'other' || (share !== null && Math.abs(share) < NOISE)) return '';
  return judgement === 'worse' ? style.warning('worse') : style.good('better');
}

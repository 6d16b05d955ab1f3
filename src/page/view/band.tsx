import { useCallback } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Owner } from '../../model/budget.ts';
import { formatDuration } from '../../model/units.ts';
import type { Detail } from '../model.ts';
import { colorOf, fillOf } from './palette.ts';
import { Panel } from './panel.tsx';
import { firstFrom, type Range, type TimeAxis } from './time-axis.ts';
import { useText } from './words.ts';

/** Lanes from above: an owner is told by its place too, not by its colour alone. */
const LANES: readonly { readonly name: string; readonly owners: readonly Owner[] }[] = [
  { name: 'network', owners: ['network'] },
  { name: 'server', owners: ['server'] },
  { name: 'client', owners: ['client'] },
  { name: 'nobody', owners: ['idle', 'closing', 'unknown'] },
];
const LANE = 16;
const MARKS = 14;

/** Whose the time was: the spans of the budget in lanes, and above them the findings. */
export function Band({ detail, axis }: { detail: Detail; axis: TimeAxis }) {
  const { report, packets } = detail;
  const spans = report.timeBudget?.spans ?? [];
  const draw = useCallback(
    (plot: uPlot, range: Range) => {
      drawSpans(plot, range, spans);
      drawFindings(plot, report.findings, packets);
    },
    [spans, report, packets],
  );
  const totals = report.timeBudget?.totals ?? [];
  const extent = useCallback(() => ({ least: 0, greatest: 1 }), []);
  const label = `Where the time went: ${totals.map(({ owner, cause, ms }) => `${useText(owner, cause)} ${formatDuration(ms * 1e6)}`).join(', ')}`;
  if (spans.length === 0) return null;
  return (
    <figure data-test="band" class="band">
      <figcaption>
        <span class="graph-title">Whose the time was</span>
        <Legend totals={totals} />
      </figcaption>
      <div class="lanes">
        <div class="lane-names" aria-hidden="true">
          {LANES.map(({ name }) => (
            <span key={name}>{name}</span>
          ))}
        </div>
        <Panel
          axis={axis}
          height={LANE * LANES.length + MARKS}
          label={label}
          unit={null}
          extent={extent}
          draw={draw}
          hasTimes={false}
        />
      </div>
      {report.timeBudget?.coarse && (
        <p class="quiet">Short stretches were joined to their neighbours in this picture; the sums are exact.</p>
      )}
    </figure>
  );
}

type Budget = NonNullable<Detail['report']['timeBudget']>;

/** Each span in the lane of its owner. */
function drawSpans(plot: uPlot, range: Range, spans: Budget['spans']): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const top = bbox.top + MARKS * scale;
  const lane = (bbox.height - MARKS * scale) / LANES.length;
  for (const { fromMs, toMs, owner, cause } of spans) {
    const [from, to] = [fromMs * 1e6, toMs * 1e6];
    if (to < range.from || from > range.to) continue;
    const index = LANES.findIndex(({ owners }) => owners.includes(owner));
    const left = Math.max(plot.valToPos(from, 'x', true), bbox.left);
    const right = Math.min(plot.valToPos(to, 'x', true), bbox.left + bbox.width);
    ctx.fillStyle = fillOf(owner, cause, ctx);
    ctx.fillRect(left, top + index * lane + scale, Math.max(right - left, scale), lane - 2 * scale);
  }
}

/** A mark above the lanes for each finding, the first one where several would lie on each other. */
function drawFindings(plot: uPlot, findings: Detail['report']['findings'], packets: Detail['packets']): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.font = `bold ${11 * scale}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  let previous = Number.NEGATIVE_INFINITY;
  for (const { severity, packet } of findings) {
    if (packet === null) continue;
    const row = firstFrom(packets.number, packet);
    if (row >= packets.number.length) continue;
    const at = plot.valToPos(packets.time[row], 'x', true);
    if (Math.abs(at - previous) < 2 * scale) continue;
    previous = at;
    ctx.fillStyle = colorOf(severity === 'error' ? 'error' : severity === 'warning' ? 'warning' : 'info');
    ctx.fillText(severity === 'error' ? '✕' : severity === 'warning' ? '▼' : '•', at, bbox.top);
  }
}

/** Who had how much of the time, the most first. */
function Legend({ totals }: { totals: Budget['totals'] }) {
  const whole = totals.reduce((sum, { ms }) => sum + ms, 0);
  return (
    <span class="legend">
      {[...totals]
        .sort((a, b) => b.ms - a.ms)
        .map(({ owner, cause, ms }) => (
          <span key={`${owner}${cause}`} class="entry">
            <span class={`swatch hatch ${owner} cause-${cause}`} aria-hidden="true" />
            {useText(owner, cause)}
            <span class="value">{` ${formatDuration(ms * 1e6)}, ${Math.round((100 * ms) / whole)} %`}</span>
          </span>
        ))}
    </span>
  );
}

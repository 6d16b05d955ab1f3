import { useComputed } from '@preact/signals';
import { useCallback, useMemo, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { formatBytes, formatDuration, formatRate } from '../../model/units.ts';
import type { Detail, GraphData, SeriesData } from '../model.ts';
import { Band } from './band.tsx';
import { drawSeries, extentOf } from './draw.ts';
import { colorOf } from './palette.ts';
import { Panel } from './panel.tsx';
import { firstFrom, pan, type Range, type TimeAxis, zoom } from './time-axis.ts';

const HEIGHTS: Readonly<Record<GraphData['type'], number>> = {
  sequence: 300,
  window: 130,
  congestion: 150,
  rtt: 110,
  throughput: 110,
};
const TITLES: Readonly<Record<GraphData['type'], string>> = {
  sequence: 'Sequence numbers',
  window: 'Receive window and bytes in flight',
  congestion: 'Congestion window, flight, receive window',
  rtt: 'Round trips',
  throughput: 'Throughput',
};

/** All pictures of a connection over one axis of time. */
export function Charts({ detail, axis, onTime }: { detail: Detail; axis: TimeAxis; onTime: (time: number) => void }) {
  const { report, graphs } = detail;
  const [side, setSide] = useState<'client' | 'server'>(
    report.client.payloadBytes > report.server.payloadBytes ? 'client' : 'server',
  );
  const shown = graphs.filter((graph) => graph.side === side);
  // The replayed window stands beside the same flight and receive window: the plainer graph is left out then.
  const hasCongestion = shown.some(({ type }) => type === 'congestion');
  const panels = shown.filter(({ type }) => !(hasCongestion && type === 'window'));
  return (
    <section aria-labelledby="pictures" class="charts">
      <div class="section-head">
        <h2 id="pictures">In time</h2>
        <Choice
          label="whose data"
          options={[
            { value: 'client', text: 'what the client sent' },
            { value: 'server', text: 'what the server sent' },
          ]}
          value={side}
          onChange={setSide}
        />
        <Zoom axis={axis} />
      </div>
      <Band detail={detail} axis={axis} />
      {panels.length === 0 && <p class="quiet">{`The ${side} sent no data that could be drawn.`}</p>}
      {panels.map((graph, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the table of packets has the keys
        <figure
          key={`${graph.type}${side}`}
          data-test={graph.type}
          onClick={() => {
            if (axis.pointed.value !== null) onTime(axis.pointed.value);
          }}
        >
          <GraphPanel graph={graph} axis={axis} hasTimes={i === 0 || i === panels.length - 1} />
        </figure>
      ))}
    </section>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly text: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few. */
export function Choice<T extends string>({ label, options, value, onChange }: ChoiceProps<T>) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}

/** The same as dragging, for keys; says what is shown. */
function Zoom({ axis }: { axis: TimeAxis }) {
  const { from, to } = axis.range.value;
  const isWhole = from === axis.whole.from && to === axis.whole.to;
  const button = (text: string, label: string, act: () => void, isOff = false) => (
    <button type="button" aria-label={label} title={label} onClick={act} disabled={isOff}>
      {text}
    </button>
  );
  return (
    <div class="zoom" role="group" aria-label="stretch of time">
      <output class="quiet" data-test="range">
        {isWhole
          ? `all ${formatDuration(axis.duration)}`
          : `${formatDuration(Math.round(to - from))} from ${formatDuration(Math.max(0, Math.round(from)))}`}
      </output>
      {button('−', 'zoom out', () => zoom(axis, 2), isWhole)}
      {button('+', 'zoom in', () => zoom(axis, 0.5))}
      {button('‹', 'earlier', () => pan(axis, -0.5), from === axis.whole.from)}
      {button('›', 'later', () => pan(axis, 0.5), to === axis.whole.to)}
      {button(
        'all',
        'all of the connection',
        () => {
          axis.range.value = axis.whole;
        },
        isWhole,
      )}
    </div>
  );
}

/** Edges of windows that are far away would flatten what is to be seen. */
const OUT_OF_RANGE: ReadonlySet<string> = new Set(['window edge']);
const ROOM = 0.06;

function GraphPanel({ graph, axis, hasTimes }: { graph: GraphData; axis: TimeAxis; hasTimes: boolean }) {
  const { type, series, unit, bands } = graph;
  const extent = useCallback(
    (range: Range) => {
      const found = extentOf(
        series.filter(({ name }) => !OUT_OF_RANGE.has(name)),
        range,
      ) ?? { least: 0, greatest: 1 };
      const floor = type === 'sequence' ? found.least : 0;
      const room = (found.greatest - floor) * ROOM || 1;
      return { least: type === 'sequence' ? floor - room : 0, greatest: found.greatest + room };
    },
    [series, type],
  );
  const draw = useCallback(
    (plot: uPlot, range: Range) => {
      const { ctx, bbox } = plot;
      const scale = devicePixelRatio;
      const x = (time: number) => plot.valToPos(time, 'x', true);
      const y = (value: number) => plot.valToPos(value, 'y', true);
      const height = 5 * scale;
      for (const { from, to, tone } of bands) {
        if (to < range.from || from > range.to) continue;
        ctx.fillStyle = colorOf(tone);
        ctx.fillRect(x(from), bbox.top + bbox.height - height, Math.max(x(to) - x(from), scale), height);
      }
      for (const one of inOrder(series)) drawSeries(one, { context: ctx, x, y, range, scale }, colorOf(one.tone));
    },
    [series, bands],
  );
  return (
    <>
      <figcaption>
        <span class="graph-title">{TITLES[type]}</span>
        <span class="legend">
          {series.map((one) => (
            <LegendEntry key={one.name} series={one} graph={graph} axis={axis} />
          ))}
          {phases(bands).map(({ name, tone }) => (
            <span key={name} class="entry">
              <span class={`swatch fill-${tone}`} aria-hidden="true" />
              {name}
            </span>
          ))}
        </span>
      </figcaption>
      <Panel
        axis={axis}
        height={HEIGHTS[type]}
        label={labelOf(graph)}
        unit={unit}
        extent={extent}
        draw={draw}
        hasTimes={hasTimes}
      />
    </>
  );
}

function phases(bands: GraphData['bands']): GraphData['bands'] {
  return bands.filter(({ name }, i) => bands.findIndex((other) => other.name === name) === i);
}

/** Marks are drawn over lines, and lines over strokes. */
function inOrder(series: readonly SeriesData[]): SeriesData[] {
  const rank = ({ shape }: SeriesData) => ['strokes', 'step', 'line', 'dots', 'marks'].indexOf(shape);
  return [...series].sort((a, b) => rank(a) - rank(b));
}

function labelOf({ title, series }: GraphData): string {
  return `${title}: ${series.map(({ name, time }) => `${time.length} of ${name}`).join(', ')}. The packets are in the table below.`;
}

function LegendEntry({ series, graph, axis }: { series: SeriesData; graph: GraphData; axis: TimeAxis }) {
  const { name, tone, shape, letter, time, value } = series;
  const text = useComputed(() => {
    const moment = axis.pointed.value;
    if (moment === null || shape === 'marks' || shape === 'strokes') return '';
    const i = firstFrom(time, moment + 1) - 1;
    return i < 0 ? '' : ` ${valueText(graph.unit, value[i])}`;
  });
  const swatch = useMemo(() => `swatch ${shape} tone-${tone}`, [shape, tone]);
  return (
    <span class="entry">
      <span class={swatch} aria-hidden="true">
        {letter}
      </span>
      {name}
      <span class="value">{text}</span>
    </span>
  );
}

function valueText(unit: GraphData['unit'], value: number): string {
  switch (unit) {
    case 'duration':
      return formatDuration(value);
    case 'rate':
      return formatRate(8 * value);
    case 'bytes':
      return formatBytes(Math.round(value));
    default:
      return String(value);
  }
}

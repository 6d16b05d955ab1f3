import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { formatDuration } from '../../model/units.ts';
import { axisOf } from '../../picture/axis.ts';
import { colorOf } from './palette.ts';
import { isDark, isNarrow } from './state.ts';
import type { Range, TimeAxis } from './time-axis.ts';

/** A picture over the shared axis of time. */
export interface PanelProps {
  readonly axis: TimeAxis;
  /** Pixels of the drawing, without its axis of time. */
  readonly height: number;
  /** What a screen reader says of it. */
  readonly label: string;
  /** The upright axis; null without one. */
  readonly unit: Parameters<typeof axisOf>[0] | null;
  readonly extent: (range: Range) => { readonly least: number; readonly greatest: number };
  readonly draw: (plot: uPlot, range: Range) => void;
  readonly hasTimes: boolean;
}

const TIMES = 26;
/** All drawings begin and end at the same place, whatever their numbers are. */
const gutter = () => (isNarrow.value ? 58 : 76);
const SYNC = 'time';

/** uPlot draws axes, and handles zoom and the cross that follows the pointer in all panels; the series are drawn here. */
export function Panel(props: PanelProps) {
  const { axis, label, unit, draw } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current!;
    const data: uPlot.AlignedData = [
      [axis.whole.from, axis.whole.to],
      [0, 1],
    ];
    const plot = new uPlot(optionsOf(props, element.clientWidth), data, element);
    // The mark stands where the range says, so it comes after it.
    const stops = [
      followSize(plot, element, wholeHeight(props)),
      followColors(plot),
      link(plot, axis),
      markChosen(plot, axis),
    ];
    return () => {
      for (const stop of stops) stop();
      plot.destroy();
    };
  }, [axis, unit, isNarrow.value, draw]);
  return <div class="panel" role="img" aria-label={label} ref={place} />;
}

/** Pixels, with the axis of time. */
function wholeHeight({ height, hasTimes }: PanelProps): number {
  return height + (hasTimes ? TIMES : 7);
}

// Each of these returns what ends it.

/** The picture is as wide as its place. */
function followSize(plot: uPlot, element: HTMLElement, height: number): () => void {
  const resize = new ResizeObserver(() => {
    if (Math.abs(element.clientWidth - plot.width) > 1) plot.setSize({ width: element.clientWidth, height });
  });
  resize.observe(element);
  return () => resize.disconnect();
}

/** Drawn anew at once when light and dark change: paper does not wait for a frame. */
function followColors(plot: uPlot): () => void {
  return effect(() => {
    void isDark.value;
    plot.redraw(false, true);
  });
}

/** An upright line at the time that was chosen. */
function markChosen(plot: uPlot, axis: TimeAxis): () => void {
  const line = document.createElement('div');
  line.className = 'chosen-line';
  plot.over.append(line);
  return effect(() => {
    const time = axis.chosen.value;
    const { from, to } = axis.range.value;
    line.hidden = time === null || time < from || time > to;
    if (!line.hidden) line.style.left = `${plot.valToPos(time!, 'x')}px`;
  });
}

/** The range and the pointer are the same in all panels: what happens here is told to the axis, and what the axis tells is shown here. */
function link(plot: uPlot, axis: TimeAxis): () => void {
  const stopRange = shareRange(plot, axis);
  const stopPointed = sharePointer(plot, axis);
  return () => {
    stopRange();
    stopPointed();
  };
}

function shareRange(plot: uPlot, axis: TimeAxis): () => void {
  let isOwn = false;
  const stop = effect(() => {
    const { from, to } = axis.range.value;
    if (plot.scales.x.min === from && plot.scales.x.max === to) return;
    isOwn = true;
    plot.setScale('x', { min: from, max: to });
    isOwn = false;
  });
  plot.hooks.setScale = [
    (own, key) => {
      const { min, max } = own.scales.x;
      if (isOwn || key !== 'x' || min == null || max == null) return;
      const { whole: all } = axis;
      axis.range.value = { from: Math.max(min, all.from), to: Math.min(max, all.to) };
    },
  ];
  return stop;
}

function sharePointer(plot: uPlot, axis: TimeAxis): () => void {
  // Whether the pointer is over this panel: uPlot keeps the last event of the pointer after it has left.
  let isHere = false;
  const stop = effect(() => {
    const time = axis.pointed.value;
    if (isHere && time !== null) return;
    const { from, to } = axis.range.value;
    const isIn = time !== null && time >= from && time <= to;
    plot.setCursor({ left: isIn ? plot.valToPos(time, 'x') : -10, top: isIn ? 0 : -10 }, false);
  });
  plot.hooks.setCursor = [
    (own) => {
      const { left } = own.cursor;
      if (!isHere) return;
      axis.pointed.value = left === undefined || left < 0 ? null : own.posToVal(left, 'x');
    },
  ];
  plot.over.addEventListener('pointerenter', () => {
    isHere = true;
  });
  plot.over.addEventListener('pointerleave', () => {
    isHere = false;
    axis.pointed.value = null;
  });
  return stop;
}

function optionsOf(props: PanelProps, width: number): uPlot.Options {
  const { axis, extent, hasTimes } = props;
  return {
    width: Math.max(width, 100),
    height: wholeHeight(props),
    padding: [6, 8, hasTimes ? 0 : 7, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, dist: 4 },
      sync: { key: SYNC, setSeries: false },
    },
    scales: {
      x: { time: false, range: (_, min, max) => [min, max] },
      y: {
        range: (plot) => {
          const { min, max } = plot.scales.x;
          const { least, greatest } = extent({ from: min ?? axis.whole.from, to: max ?? axis.whole.to });
          return [least, greatest];
        },
      },
    },
    series: [{}, { paths: () => null, points: { show: false } }],
    axes: [timeAxisOf(props), uprightAxisOf(props)],
    hooks: { draw: [(plot) => drawClipped(plot, props)] },
  };
}

function timeAxisOf({ hasTimes }: PanelProps): uPlot.Axis {
  return {
    show: true,
    size: hasTimes ? TIMES : 0,
    stroke: () => colorOf('quiet'),
    font: FONT,
    grid: { stroke: () => colorOf('line'), width: 0.5 },
    ticks: { show: false },
    splits: (_, __, min, max) => ticks('duration', min, max, isNarrow.value ? 3 : 8).map(({ value }) => value),
    values: (_, splits) => (hasTimes ? splits.map((value) => timeText(value, splits)) : splits.map(() => '')),
  };
}

function uprightAxisOf({ unit }: PanelProps): uPlot.Axis {
  return {
    show: true,
    size: gutter(),
    stroke: () => colorOf('quiet'),
    font: FONT,
    grid: { show: unit !== null, stroke: () => colorOf('line'), width: 0.5 },
    ticks: { show: false },
    splits: (_, __, min, max) => (unit === null ? [] : ticks(unit, min, max, 4).map(({ value }) => value)),
    values: (plot, splits) => {
      if (unit === null) return [];
      const { min = 0, max = 1 } = plot.scales.y;
      const texts = new Map(ticks(unit, min ?? 0, max ?? 1, 4).map(({ value, text }) => [value, text]));
      return splits.map((value) => texts.get(value) ?? '');
    },
  };
}

/** Draws the series, and nothing outside of the axes. */
function drawClipped(plot: uPlot, { draw }: PanelProps): void {
  const { left, top, width, height } = plot.bbox;
  const { min, max } = plot.scales.x;
  if (min == null || max == null) return;
  plot.ctx.save();
  plot.ctx.beginPath();
  plot.ctx.rect(left, top, width, height);
  plot.ctx.clip();
  draw(plot, { from: min, to: max });
  plot.ctx.restore();
}

const FONT = '11px system-ui, sans-serif';

function ticks(unit: Parameters<typeof axisOf>[0], min: number, max: number, wanted: number) {
  return axisOf(unit, min, max, wanted).ticks;
}

/** Neighbouring marks differ in what is written. */
function timeText(value: number, splits: readonly number[]): string {
  if (value === 0) return '0';
  const step = splits.length > 1 ? splits[1] - splits[0] : value;
  const factor = value >= 1e9 ? 1e9 : value >= 1e6 ? 1e6 : value >= 1e3 ? 1e3 : 1;
  const unit = { 1e9: 's', 1e6: 'ms', 1e3: 'µs', 1: 'ns' }[factor as 1];
  const digits = Math.max(0, Math.ceil(-Math.log10(step / factor) - 1e-9));
  return step <= 0 ? formatDuration(value) : `${(value / factor).toFixed(Math.min(digits, 9))} ${unit}`;
}

/** What the numbers of an axis are. */
export type Unit = 'bytes' | 'duration' | 'rate' | 'count';

/** Marks of an axis at round numbers, from the least value to the greatest. */
export interface Axis {
  readonly least: number;
  readonly greatest: number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

interface Scale {
  readonly factor: number;
  readonly name: string;
  /** Multiples of `factor` that a step may be, times a power of ten. */
  readonly steps: readonly number[];
}

const DECIMAL = [1, 2, 5, 10];
const BINARY = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** Factors from the largest down; durations are nanoseconds, rates bytes per second shown as bits. */
const SCALES: Readonly<Record<Unit, readonly Scale[]>> = {
  bytes: [
    { factor: 2 ** 30, name: 'GiB', steps: BINARY },
    { factor: 2 ** 20, name: 'MiB', steps: BINARY },
    { factor: 2 ** 10, name: 'KiB', steps: BINARY },
    { factor: 1, name: 'B', steps: BINARY },
  ],
  duration: [
    { factor: 1e9, name: 's', steps: DECIMAL },
    { factor: 1e6, name: 'ms', steps: DECIMAL },
    { factor: 1e3, name: 'µs', steps: DECIMAL },
    { factor: 1, name: 'ns', steps: DECIMAL },
  ],
  rate: [
    { factor: 125e6, name: 'Gbit/s', steps: DECIMAL },
    { factor: 125e3, name: 'Mbit/s', steps: DECIMAL },
    { factor: 125, name: 'kbit/s', steps: DECIMAL },
    { factor: 0.125, name: 'bit/s', steps: DECIMAL },
  ],
  count: [{ factor: 1, name: '', steps: DECIMAL }],
};

/** An axis from 0 or `least` to `greatest` with `wanted` marks or a few less. */
export function axisOf(unit: Unit, least: number, greatest: number, wanted: number): Axis {
  const top = greatest > least ? greatest : least + 1;
  const scales = SCALES[unit];
  const scale = scales.find(({ factor }) => top >= factor) ?? scales[scales.length - 1];
  const step = stepOf(scale, (top - least) / Math.max(wanted, 1));
  const ticks: { value: number; text: string }[] = [];
  for (let i = Math.ceil(least / step); i * step <= top * (1 + 1e-9); i++)
    ticks.push({ value: i * step, text: textOf((i * step) / scale.factor, step / scale.factor, scale.name) });
  return { least, greatest: top, ticks };
}

/** The least round number that is not below `wanted`. */
function stepOf({ factor, steps }: Scale, wanted: number): number {
  if (steps === BINARY) {
    const exact = Math.max(wanted / factor, 1 / 1024);
    return 2 ** Math.ceil(Math.log2(exact)) * factor;
  }
  const power = 10 ** Math.floor(Math.log10(wanted / factor));
  const multiple = steps.find((one) => one * power * factor >= wanted * (1 - 1e-9)) ?? 10;
  return multiple * power * factor;
}

function textOf(value: number, step: number, name: string): string {
  const digits = step >= 1 ? 0 : Math.min(Math.ceil(-Math.log10(step) - 1e-9), 9);
  if (value === 0) return '0';
  const text = value.toFixed(digits);
  return name === '' ? text : `${text} ${name}`;
}

import type { CaptureState } from './facts/capture-state.ts';
import type { FlowFacts } from './facts/flow-facts.ts';
import { BYTES, type Dimension, isSame, quantity, RATE, TIME } from './language/dimension.ts';
import { METRICS } from './metrics.ts';
import { RulesError } from './rules/error.ts';

/** Null where a capture does not tell it. */
export type Figures = Readonly<Record<string, number | null>>;

/** Figures to compare with: times in nanoseconds, rates in bytes per nanosecond. */
export interface Baseline {
  readonly all: Figures;
  /** By server, `address:port`: what stays the same from run to run. */
  readonly servers: Readonly<Record<string, Figures>>;
}

/** Servers that a baseline keeps. */
const MAX_SERVERS = 200;

/** The figures of a capture, of all connections and by server, for later captures to be compared with. */
export function baselineOf({ flows, noClock }: CaptureState): Baseline {
  const groups = new Map<string, FlowFacts[]>();
  for (const flow of flows) {
    const { name } = flow.connection.server;
    const group = groups.get(name);
    if (group !== undefined) group.push(flow);
    else if (groups.size < MAX_SERVERS) groups.set(name, [flow]);
  }
  const servers = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, group]) => [name, figuresOf(group, noClock === null)]);
  return { all: figuresOf(flows, noClock === null), servers: Object.fromEntries(servers) };
}

/** Says what a file is. */
const KIND = 'tcpscope baseline';

/** What `tcpscope baseline save` writes; `schema/baseline.schema.json` describes it. */
export interface BaselineDocument {
  readonly kind: typeof KIND;
  readonly schemaVersion: 2;
  /** Of each figure; empty for counts and shares. */
  readonly units: Readonly<Record<string, string>>;
  readonly all: Figures;
  readonly servers: Readonly<Record<string, Figures>>;
}

/** The unit in which figures of a dimension are kept. */
function unitOf(dimension: Dimension): string {
  if (isSame(dimension, TIME)) return 'ms';
  if (isSame(dimension, RATE)) return 'bit/s';
  return isSame(dimension, BYTES) ? 'B' : '';
}

/** What one of that unit is in a baseline that was read. */
function factorOf(metric: string): number {
  return quantity(1, unitOf(METRICS[metric].dimension))?.value ?? 1;
}

/** `figures`, each by its own factor. Metrics that are not known here are left out. */
function scaled(figures: Figures, factor: (metric: string) => number): Figures {
  const known = Object.entries(figures).filter(([metric]) => Object.hasOwn(METRICS, metric));
  return Object.fromEntries(
    known.map(([metric, value]) => [metric, value === null ? null : Number((value * factor(metric)).toPrecision(12))]),
  );
}

function eachScaled({ all, servers }: Baseline, factor: (metric: string) => number): Baseline {
  const entries = Object.entries(servers).map(([name, figures]) => [name, scaled(figures, factor)]);
  return { all: scaled(all, factor), servers: Object.fromEntries(entries) };
}

/** The figures of a capture as a document. */
export function baselineDocument(state: CaptureState): BaselineDocument {
  const units = Object.entries(METRICS).map(([metric, { dimension }]) => [metric, unitOf(dimension)]);
  return {
    kind: KIND,
    schemaVersion: 2,
    units: Object.fromEntries(units),
    ...eachScaled(baselineOf(state), (metric) => 1 / factorOf(metric)),
  };
}

/** Not `isClocked`: no clock gave the times, and what is made of them is not known. */
function figuresOf(flows: readonly FlowFacts[], isClocked: boolean): Figures {
  return Object.fromEntries(
    Object.entries(METRICS).map(([name, { of, dimension }]) => [
      name,
      isClocked || !isTimed(dimension) ? of(flows) : null,
    ]),
  );
}

/** A figure of this dimension is made of times. */
export function isTimed(dimension: Dimension): boolean {
  return isSame(dimension, TIME) || isSame(dimension, RATE);
}

/** Longer texts are refused: characters, or bytes of a file. */
export const MAX_BASELINE_FILE = 4 << 20;

/** Whether a text is a baseline, of this version or another one. */
export function isBaseline(text: string): boolean {
  try {
    return (JSON.parse(text) as Partial<BaselineDocument> | null)?.kind === KIND;
  } catch {
    return false;
  }
}

/** Reads what `tcpscope baseline save` wrote. Throws RulesError. */
export function parseBaseline(text: string, file: string): Baseline {
  const fail = (message: string) => new RulesError([{ location: { file, line: 1, column: 1 }, message }]);
  if (text.length > MAX_BASELINE_FILE) throw fail('the file is longer than 4 MiB');
  let value: Partial<BaselineDocument> | null;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail('not JSON');
  }
  if (value?.kind !== KIND || typeof value.all !== 'object' || typeof value.servers !== 'object') {
    throw fail('not a baseline: tcpscope baseline save CAPTURE -o FILE writes one');
  }
  if (value.schemaVersion !== 2) {
    throw fail(`a baseline of version ${value.schemaVersion}, expected 2: save it again with tcpscope baseline save`);
  }
  return eachScaled(value as BaselineDocument, factorOf);
}

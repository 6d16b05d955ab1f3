import { exchangeReport } from '../budget/report.ts';
import { budgetOf } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { adjusted, rankTest } from './rank-test.ts';

const RUNS_SCHEMA_VERSION = 1;
/** A difference counts as more than noise where chance makes one so large in less than so many of all cases. */
const LEVEL = 0.05;
/** Fewer values of a figure in either run tell too little of its spread. */
const LEAST_VALUES = 5;
/** Values of one figure that are kept of one service in one run. */
const MAX_VALUES = 100_000;
/** Exchanges of a connection that are compared one by one: the first, the second and so on. */
const MAX_PLACES = 8;

/** What is compared; less of it is better. The unit of all but `retransmissions` is a millisecond. */
const FIGURES = ['handshake', 'first-byte', 'server-thinking', 'exchange', 'retransmissions'] as const;
type Figure = (typeof FIGURES)[number];

export interface Spread {
  count: number;
  p25: number;
  median: number;
  p75: number;
  p95: number;
}

export interface FigureChange {
  figure: Figure;
  /** Place of the exchange in its connection, from 0; null for all of them, and for figures of connections. */
  place: number | null;
  unit: 'ms' | 'share';
  before: Spread;
  after: Spread;
  /** The median of all differences between a value after and one before. */
  change: number;
  /** Cliff's delta, from -1 (all values smaller than before) to 1. */
  effect: number;
  /** Probability of such a difference by chance, and the same adjusted for the number of figures that are compared. */
  p: number;
  adjustedP: number;
  verdict: 'better' | 'worse' | 'no difference' | 'too little';
}

interface ServiceChange {
  /** Address and port of the server; the port alone where the runs have different addresses. */
  service: string;
  connections: { before: number; after: number };
  figures: FigureChange[];
}

/** Two runs of the same thing, before and after a change. */
export interface RunsReport {
  schemaVersion: typeof RUNS_SCHEMA_VERSION;
  before: string;
  after: string;
  level: number;
  services: ServiceChange[];
  /** Services that only one of the runs has. */
  onlyBefore: string[];
  onlyAfter: string[];
}

/** The values of one run, by service and figure. */
export class Run {
  readonly name: string;
  readonly services = new Map<string, { connections: number; values: Map<string, number[]> }>();

  private readonly isClocked: boolean;

  /** Not `isClocked`: no clock gave the times of the run, of which nothing that lasted can be compared. */
  constructor(name: string, connections: readonly Connection[], isClocked: boolean) {
    this.name = name;
    this.isClocked = isClocked;
    for (const connection of connections) this.take(connection);
  }

  private take(connection: Connection): void {
    const { client, server, handshakeDuration } = connection;
    const service = server.name;
    let found = this.services.get(service);
    if (found === undefined) {
      found = { connections: 0, values: new Map() };
      this.services.set(service, found);
    }
    found.connections++;
    const { values } = found;
    const add = (figure: Figure, place: number | null, value: number | null) => {
      if (value === null || Number.isNaN(value)) return;
      const key = `${figure} ${place ?? ''}`;
      const list = values.get(key);
      if (list === undefined) values.set(key, [value]);
      else if (list.length < MAX_VALUES) list.push(value);
    };
    if (this.isClocked) add('handshake', null, handshakeDuration / 1e6);
    const data = client.dataPackets + server.dataPackets;
    if (data > 0) add('retransmissions', null, Math.min(1, (client.retransmissions + server.retransmissions) / data));
    for (const exchange of budgetOf(connection)?.exchanges ?? []) {
      const { firstByteMs, durationMs, thinkingMs, index, partial } = exchangeReport(
        exchange,
        connection,
        0n,
        this.isClocked,
      );
      if (partial) continue;
      for (const place of index < MAX_PLACES ? [null, index] : [null]) {
        add('first-byte', place, firstByteMs);
        add('exchange', place, durationMs);
        add('server-thinking', place, thinkingMs.server);
      }
    }
  }
}

/** Compares them service by service, and each service exchange by exchange. */
export function compareRuns(before: Run, after: Run): RunsReport {
  const pairs = pairServices([...before.services.keys()], [...after.services.keys()]);
  const services = pairs.map(([name, was, is]): ServiceChange => {
    const first = before.services.get(was)!;
    const second = after.services.get(is)!;
    return {
      service: name,
      connections: { before: first.connections, after: second.connections },
      figures: figuresOf(first.values, second.values),
    };
  });
  const all = services.flatMap(({ figures }) => figures);
  // What can never reach the level is no test of anything.
  const tested = all.filter(({ verdict }) => verdict !== 'too little');
  const probabilities = adjusted(tested.map(({ p }) => p));
  tested.forEach((figure, i) => {
    figure.adjustedP = probabilities[i];
    if (figure.adjustedP >= LEVEL || figure.effect === 0) return;
    figure.verdict = figure.effect < 0 ? 'better' : 'worse';
  });
  const paired = new Set(pairs.flatMap(([, was, is]) => [`before ${was}`, `after ${is}`]));
  return {
    schemaVersion: RUNS_SCHEMA_VERSION,
    before: before.name,
    after: after.name,
    level: LEVEL,
    services,
    onlyBefore: [...before.services.keys()].filter((name) => !paired.has(`before ${name}`)),
    onlyAfter: [...after.services.keys()].filter((name) => !paired.has(`after ${name}`)),
  };
}

/** Same address and port; of what is left, the same port where each run has one service of it. */
function pairServices(before: readonly string[], after: readonly string[]): [string, string, string][] {
  const same = before.filter((name) => after.includes(name));
  const port = (name: string) => name.slice(name.lastIndexOf(':'));
  const left = (names: readonly string[]) => names.filter((name) => !same.includes(name));
  const byPort = left(before).flatMap((name): [string, string, string][] => {
    const own = left(before).filter((other) => port(other) === port(name));
    const others = left(after).filter((other) => port(other) === port(name));
    return own.length === 1 && others.length === 1 ? [[port(name), name, others[0]]] : [];
  });
  return [...same.map((name): [string, string, string] => [name, name, name]), ...byPort];
}

function figuresOf(before: Map<string, number[]>, after: Map<string, number[]>): FigureChange[] {
  const changes: FigureChange[] = [];
  for (const figure of FIGURES)
    for (let place = -1; place < MAX_PLACES; place++) {
      const key = `${figure} ${place < 0 ? '' : place}`;
      const first = before.get(key);
      const second = after.get(key);
      if (first === undefined || second === undefined) continue;
      const { p, leastP, effect, shift } = rankTest(first, second);
      changes.push({
        figure,
        place: place < 0 ? null : place,
        unit: figure === 'retransmissions' ? 'share' : 'ms',
        before: spreadOf(first),
        after: spreadOf(second),
        change: rounded(shift),
        effect: rounded(effect),
        p,
        adjustedP: p,
        verdict: isTooLittle(first.length, second.length, leastP) ? 'too little' : 'no difference',
      });
    }
  return changes;
}

function isTooLittle(before: number, after: number, leastP: number): boolean {
  return Math.min(before, after) < LEAST_VALUES || leastP >= LEVEL;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) =>
    rounded(sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]);
  return { count: sorted.length, p25: at(0.25), median: at(0.5), p75: at(0.75), p95: at(0.95) };
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

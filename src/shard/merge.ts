import type { Concluded, PacketCounts } from '../analyze.ts';
import { Detection } from '../detect/index.ts';
import type { IsnChoice } from '../detect/isn.ts';
import type { CaptureFacts } from '../model/capture-facts.ts';
import type { Connection } from '../model/connection.ts';
import type { Finding } from '../model/finding.ts';
import type { LeftCounts } from '../model/left.ts';
import type { CaptureVantage } from '../views/vantages.ts';
import type { Part } from './part.ts';
import { type ConnectionSnapshot, findingsOf, revive, type Streams } from './snapshot.ts';

/** The analysis that all shards of a capture make together: as one of all its connections would have ended. */
export class Merged implements Concluded {
  readonly facts: CaptureFacts;
  readonly counts: PacketCounts;
  readonly connections: readonly Connection[];
  readonly selected: readonly Connection[];
  readonly opened: number;
  readonly left: LeftCounts;
  readonly isCutShort: boolean;
  /** Captures with several are not divided. */
  readonly vantages: readonly CaptureVantage[] = [];
  private readonly detection = new Detection();

  /** All parts of one capture, in any order. */
  constructor(parts: readonly Part[]) {
    const [first] = parts;
    this.facts = first.facts;
    const streams = numbersOf(parts);
    this.opened = parts.reduce((sum, { openedAt }) => sum + openedAt.length, 0);
    this.counts = { ...first.overview.counts, filteredOut: parts.reduce((sum, part) => sum + part.filteredOut, 0) };
    this.left = leftOf(parts);
    this.isCutShort = parts.some((part) => part.isCutShort);
    this.connections = parts
      .flatMap(({ connections }, i) => connections.map((stored) => this.adopt(stored, streams[i])))
      .sort((one, other) => one.id - other.id);
    this.selected = parts.some(({ isFiltered }) => isFiltered)
      ? this.connections.filter(({ isSelected }) => isSelected)
      : this.connections;
    this.detection.concludeJoined(
      first.overview.records,
      parts.map(({ gathered }) => gathered),
      {
        connections: this.connections,
        counts: this.counts,
        capture: this.facts,
        isCutShort: this.isCutShort,
        left: this.left,
        time: this.counts.endTime,
        frame: this.counts.total,
      },
    );
  }

  get findings(): readonly Finding[] {
    return this.detection.capture;
  }

  get isnChoices(): readonly IsnChoice[] {
    return this.detection.isnChoices;
  }

  private adopt(stored: ConnectionSnapshot, streams: Streams): Connection {
    const connection = revive(stored, streams);
    const settled = findingsOf(stored.findings, connection, streams);
    const findings = this.detection.adopt(connection, settled, stored.lacksPackets);
    for (const endpoint of [connection.a, connection.b]) {
      const { violations } = endpoint.index === 0 ? stored.a : stored.b;
      if (violations === null) continue;
      endpoint.violations = violations.map((violation) =>
        typeof violation === 'number'
          ? findings[violation]
          : this.detection.word(connection, findingsOf([violation], connection, streams)[0]),
      );
    }
    return connection;
  }
}

/** The number of each connection among all: they are counted in the order of their first packets. */
function numbersOf(parts: readonly Part[]): Streams[] {
  const frames = Float64Array.from(parts.flatMap(({ openedAt }) => openedAt)).sort();
  return parts.map(
    ({ openedAt }) =>
      (id) =>
        id < 0 ? id : placeOf(frames, openedAt[id]),
  );
}

function placeOf(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function leftOf(parts: readonly Part[]): LeftCounts {
  const sum: LeftCounts = {
    connections: 0,
    packets: 0,
    by: { attempt: 0, closed: 0, 'half-closed': 0, idle: 0 },
    heardAgain: 0,
    forMemory: 0,
  };
  for (const { left } of parts) {
    sum.connections += left.connections;
    sum.packets += left.packets;
    sum.heardAgain += left.heardAgain;
    sum.forMemory += left.forMemory;
    for (const why of Object.keys(sum.by) as (keyof typeof sum.by)[]) sum.by[why] += left.by[why];
  }
  return sum;
}

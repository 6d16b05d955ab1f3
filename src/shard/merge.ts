import type { Concluded } from '../analysis.ts';
import { Detection } from '../detect/index.ts';
import type { IsnChoice } from '../detect/isn.ts';
import type { CaptureFacts } from '../model/capture-facts.ts';
import type { Connection } from '../model/connection.ts';
import { type ConnectionList, listOf } from '../model/connection-list.ts';
import type { Finding } from '../model/finding.ts';
import { type LeftCounts, noneLeft } from '../model/left.ts';
import type { PacketCounts } from '../packet-counts.ts';
import type { CaptureVantage } from '../views/vantages.ts';
import type { ShardKnowledge } from './part.ts';
import type { Brought, Share } from './share.ts';
import type { Streams } from './telling.ts';

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

  /** All shards of one capture, in any order. */
  constructor(shares: readonly Share[]) {
    const known = shares.map(({ knowledge }) => knowledge);
    const [first] = known;
    this.facts = first.facts;
    const streams = numbersOf(known);
    this.opened = known.reduce((sum, { openedAt }) => sum + openedAt.length, 0);
    this.counts = { ...first.overview.counts, filteredOut: known.reduce((sum, part) => sum + part.filteredOut, 0) };
    this.left = leftOf(known);
    this.isCutShort = known.some((part) => part.isCutShort);
    const numbered: Connection[] = new Array(this.opened);
    shares.forEach((share, i) => {
      for (const one of share.connections(streams[i])) numbered[one.connection.id] = this.adopt(one);
    });
    // Without those that left.
    this.connections = numbered.filter(() => true);
    this.selected = known.some(({ isFiltered }) => isFiltered)
      ? this.connections.filter(({ isSelected }) => isSelected)
      : this.connections;
    this.detection.concludeJoined(
      first.overview.records,
      known.map(({ gathered }) => gathered),
      {
        connections: listOf(this.connections),
        counts: this.counts,
        capture: this.facts,
        isCutShort: this.isCutShort,
        left: this.left,
        time: this.counts.endTime,
        frame: this.counts.total,
      },
    );
  }

  get list(): ConnectionList {
    return listOf(this.selected);
  }

  get told(): readonly Connection[] {
    return this.selected;
  }

  get findings(): readonly Finding[] {
    return this.detection.capture;
  }

  get isnChoices(): readonly IsnChoice[] {
    return this.detection.isnChoices;
  }

  private adopt({ connection, findings, violations, lacksPackets }: Brought): Connection {
    const attached = this.detection.adopt(connection, findings, lacksPackets);
    for (const endpoint of [connection.a, connection.b]) {
      const own = violations[endpoint.index];
      if (own === null) continue;
      endpoint.violations = own.map((violation) =>
        typeof violation === 'number' ? attached[violation] : this.detection.word(connection, violation),
      );
    }
    return connection;
  }
}

/** The number of each connection among all: they are counted in the order of their first packets. */
function numbersOf(parts: readonly ShardKnowledge[]): Streams[] {
  const numbers = parts.map(({ openedAt }) => new Int32Array(openedAt.length));
  const total = numbers.reduce((sum, { length }) => sum + length, 0);
  // The next of each part that has no number yet.
  const next = parts.map(() => 0);
  for (let number = 0; number < total; number++) {
    let first = -1;
    let frame = Number.POSITIVE_INFINITY;
    parts.forEach(({ openedAt }, i) => {
      if (next[i] < openedAt.length && openedAt[next[i]] < frame) {
        first = i;
        frame = openedAt[next[i]];
      }
    });
    numbers[first][next[first]++] = number;
  }
  return numbers.map((of) => (id) => (id < 0 ? id : of[id]));
}

function leftOf(parts: readonly ShardKnowledge[]): LeftCounts {
  const sum = noneLeft();
  for (const { left } of parts) {
    sum.connections += left.connections;
    sum.packets += left.packets;
    sum.heardAgain += left.heardAgain;
    sum.forMemory += left.forMemory;
    for (const why of Object.keys(sum.by) as (keyof typeof sum.by)[]) sum.by[why] += left.by[why];
  }
  return sum;
}

import { say } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Gathering } from './detector.ts';

/** So many connections with one direction for each with both: a few hosts that are reached by another way do not make them. */
const MOSTLY = 9;

/** Of connections that left a shard before its end, as plain data. */
export interface ExtentFacts {
  readonly twoWays: number;
  readonly oneWays: number;
  readonly oneWay: readonly Example[];
  readonly midStreams: number;
  readonly midStream: readonly Example[];
}

/** Connections that are named. */
const MOST_EXAMPLES = 16;

/** What the capture holds of what there was: told once for the whole capture. */
export class CaptureExtent implements Gathering<ExtentFacts> {
  readonly ids = ['one-way-capture', 'mid-stream', 'snaplen-cut', 'capture-drop'] as const;
  readonly when = [];
  private readonly findings: Collector;
  private readonly oneWay: Example[] = [];
  private oneWays = 0;
  /** Connections of which both ends were captured. */
  private twoWays = 0;
  private readonly midStream: Example[] = [];
  private midStreams = 0;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  concludeConnection(connection: Connection): void {
    const { a, b } = connection;
    const unseen = a.seen ? b : a;
    if (unseen.seen) this.twoWays++;
    if (!unseen.seen && hasHeard(unseen.peer)) {
      this.oneWays++;
      if (this.oneWay.length < MOST_EXAMPLES) this.oneWay.push(exampleOf(connection));
    }
    if (!connection.sawHandshake && connection.continues < 0 && (a.dataPackets > 0 || b.dataPackets > 0)) {
      this.midStreams++;
      if (this.midStream.length < MOST_EXAMPLES) this.midStream.push(exampleOf(connection));
    }
  }

  gathered(): ExtentFacts {
    const { twoWays, oneWays, oneWay, midStreams, midStream } = this;
    return { twoWays, oneWays, oneWay, midStreams, midStream };
  }

  join(shards: readonly ExtentFacts[]): void {
    for (const { twoWays, oneWays, midStreams } of shards) {
      this.twoWays += twoWays;
      this.oneWays += oneWays;
      this.midStreams += midStreams;
    }
    this.oneWay.push(...firstOf(shards.flatMap(({ oneWay }) => oneWay)));
    this.midStream.push(...firstOf(shards.flatMap(({ midStream }) => midStream)));
  }

  /** Nearly all connections have one direction only: an end that is not there may have answered all the same. */
  get isOneWay(): boolean {
    return this.oneWays > MOSTLY * this.twoWays;
  }

  concludeCapture(end: CaptureEnd): void {
    const { counts, capture } = end;
    if (this.oneWays > 0) {
      this.findings.raise(at(this.oneWay), {
        id: 'one-way-capture',
        evidence: this.oneWay.map((connection) => connection.firstFrame),
        message: say('one-way-capture', { connections: this.oneWays }),
      });
    }
    if (this.midStreams > 0) {
      this.findings.raise(at(this.midStream), {
        id: 'mid-stream',
        evidence: this.midStream.map((connection) => connection.firstFrame),
        message: say('mid-stream', { connections: this.midStreams }),
      });
    }
    if (counts.snapped > 0) {
      this.findings.raise(
        { connection: null, row: null, frame: 1, time: 0 },
        {
          id: 'snaplen-cut',
          message: say('snaplen-cut', { cut: counts.snapped, total: counts.total, length: snapLength(counts) }),
          evidence: [],
        },
      );
    }
    for (const [id, { name, received, dropped }] of (capture?.interfaces ?? []).entries()) {
      if (dropped === null || dropped === 0) continue;
      this.findings.raise(
        { connection: null, row: null, frame: end.frame, time: end.time },
        {
          id: 'capture-drop',
          message: say('capture-drop', { name: name ?? `interface ${id}`, dropped, received }),
          evidence: [],
        },
      );
    }
  }
}

/** Where it begins: a connection that left is not kept for it. */
export interface Example {
  readonly firstFrame: number;
  readonly firstTime: number;
}

function exampleOf({ firstFrame, firstTime }: Connection): Example {
  return { firstFrame, firstTime };
}

function at(connections: readonly Example[]) {
  const [first] = connections;
  return { connection: null, row: null, frame: first.firstFrame, time: first.firstTime };
}

function snapLength({ snappedTo }: CaptureEnd['counts']): number | null {
  return snappedTo < 0 ? null : snappedTo;
}

function firstOf(examples: readonly Example[]): Example[] {
  return examples.toSorted((one, other) => one.firstFrame - other.firstFrame).slice(0, MOST_EXAMPLES);
}

/** It was answered: it acknowledges more than the first number, or, after its own SYN, a SYN,ACK that is not in the capture. */
function hasHeard({ lastAck, hasIss }: Endpoint): boolean {
  return lastAck > 1 || (lastAck === 1 && hasIss);
}

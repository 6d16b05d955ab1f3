import { say } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Gathering } from './detector.ts';

/** Questions that were given up of connections that left a shard before its end, as plain data. */
export interface LimitFacts {
  readonly forgotten: number;
  readonly worst: WorstEnd | null;
}

interface WorstEnd {
  readonly forgotten: number;
  readonly stream: number;
  readonly name: string;
  readonly role: 'client' | 'server';
}

/** What was given up for want of memory: questions that the verdict stage had open, and the rest of the input. */
export class Limits implements Gathering<LimitFacts> {
  readonly ids = ['questions-limit', 'memory-limit', 'connections-evicted'] as const;
  readonly when = [];
  private readonly findings: Collector;
  private forgotten = 0;
  private worst: WorstEnd | null = null;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  concludeConnection({ id, a, b }: Connection): void {
    for (const endpoint of [a, b]) {
      const forgotten = endpoint.outbound?.scoreboard.forgotten ?? 0;
      this.forgotten += forgotten;
      if (forgotten > (this.worst?.forgotten ?? 0)) {
        const { name, role } = endpoint;
        this.worst = { forgotten, stream: id, name, role };
      }
    }
  }

  gathered(): LimitFacts {
    const { forgotten, worst } = this;
    return { forgotten, worst };
  }

  join(shards: readonly LimitFacts[]): void {
    for (const { forgotten, worst } of shards) {
      this.forgotten += forgotten;
      if (worst !== null && worst.forgotten > (this.worst?.forgotten ?? 0)) this.worst = worst;
    }
  }

  concludeCapture(end: CaptureEnd): void {
    if (end.left !== null && end.left.connections > 0) {
      const { connections, packets, by, heardAgain, forMemory } = end.left;
      this.findings.raise(
        { connection: null, row: null, frame: end.frame, time: end.time },
        {
          id: 'connections-evicted',
          // Of a flood or scan the others say all that there is.
          severity: by.attempt === connections && heardAgain === 0 ? 'info' : 'warning',
          message: say('connections-evicted', { connections, packets, by: { ...by }, heardAgain, forMemory }),
          evidence: [],
        },
      );
    }
    if (end.isCutShort) {
      this.findings.raise(
        { connection: null, row: null, frame: end.frame, time: end.time },
        {
          id: 'memory-limit',
          message: say('memory-limit', {
            packets: end.counts.total,
            connections: end.connections.length + (end.left?.connections ?? 0),
          }),
          evidence: [],
        },
      );
    }
    if (this.worst === null) return;
    this.findings.raise(
      { connection: null, row: null, frame: end.frame, time: end.time },
      {
        id: 'questions-limit',
        message: say('questions-limit', {
          questions: this.forgotten,
          worst: this.worst,
          stream: this.worst.stream,
        }),
        evidence: [],
      },
    );
  }
}

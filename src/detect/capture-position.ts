import { say } from '../messages/message.ts';
import { answerTime, type Position, shownPosition } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Collector } from './collector.ts';
import type { Gathering } from './detector.ts';

/** Most connections that are asked where the capture was made. */
export const MOST_ASKED = 2000;
/** Which part of the path lies between the point of capture and an end. */
const PATH_PARTS = ['whole path', 'part of the path', 'host of the peer', 'unknown'] as const;
export type PathPart = (typeof PATH_PARTS)[number];

/** What a round trip of something that `sender` sent measures: from here to its peer and back. */
export function measuredPart(sender: Endpoint): PathPart {
  switch (shownPosition(sender.connection)) {
    case null:
      return 'unknown';
    case 'middle':
      return 'part of the path';
    case 'loopback':
      return 'whole path';
    case 'client':
      return sender.isClient ? 'whole path' : 'host of the peer';
    default:
      return sender.isClient ? 'host of the peer' : 'whole path';
  }
}

/** A connection that voted, as plain data: one that left is not kept for it. */
interface Example {
  readonly frame: number;
  readonly time: number;
  readonly address: string;
  readonly client: string;
  readonly server: string;
  readonly clientAnswers: number;
  readonly serverAnswers: number;
}

export interface Vote {
  readonly key: string;
  readonly position: Position;
  connections: number;
  readonly example: Example;
}

/** Says once where the capture was made, where the connections agree. */
export class CapturePosition implements Gathering<Readonly<Vote>[]> {
  readonly ids = ['capture-position'] as const;
  readonly when = [];
  private readonly findings: Collector;
  /** By address for an end, by the word for the rest. */
  private readonly votes = new Map<string, Vote>();
  private voters = 0;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  concludeConnection(connection: Connection): void {
    const position = shownPosition(connection);
    if (position === null || this.voters >= MOST_ASKED) return;
    this.voters++;
    const atEnd = position === 'client' || position === 'server';
    const key = atEnd ? connection[position].address : position;
    const vote = this.votes.get(key);
    if (vote !== undefined) vote.connections++;
    else this.votes.set(key, { key, position, connections: 1, example: exampleOf(connection, position) });
  }

  gathered(): Readonly<Vote>[] {
    return [...this.votes.values()];
  }

  /** Takes up the votes of connections that left the shards before their end. */
  join(shards: readonly (readonly Readonly<Vote>[])[]): void {
    for (const vote of shards.flat()) {
      this.voters += vote.connections;
      const known = this.votes.get(vote.key);
      if (known === undefined) this.votes.set(vote.key, { ...vote });
      else known.connections += vote.connections;
    }
  }

  concludeCapture(): void {
    const [best] = [...this.votes.values()].sort((x, y) => y.connections - x.connections);
    if (best === undefined || best.connections * 4 < this.voters * 3) return;
    const { frame, time, ...place } = best.example;
    this.findings.raise(
      { connection: null, row: null, frame, time },
      {
        id: 'capture-position',
        evidence: [frame],
        confidence: best.connections === this.voters ? 0.9 : 0.75,
        message: say('capture-position', {
          place: best.position,
          ...place,
          agreed: best.connections,
          asked: this.voters,
        }),
      },
    );
  }
}

function exampleOf({ client, server, firstFrame, firstTime }: Connection, position: Position): Example {
  return {
    frame: firstFrame,
    time: firstTime,
    address: position === 'server' ? server.address : client.address,
    client: client.name,
    server: server.name,
    clientAnswers: answerTime(client),
    serverAnswers: answerTime(server),
  };
}

import type { Connection } from '../model/connection.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { count, percent, plural } from './words.ts';

/** What the capture holds of what there was: told once for the whole capture. */
export class CaptureExtent implements Detector {
  readonly ids = ['one-way-capture', 'mid-stream', 'snaplen-cut', 'capture-drop'] as const;
  readonly when = 0;
  private readonly findings: Collector;
  private readonly oneWay: Connection[] = [];
  private oneWays = 0;
  private readonly midStream: Connection[] = [];
  private midStreams = 0;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  concludeConnection(connection: Connection): void {
    const { a, b } = connection;
    const unseen = a.seen ? b : a;
    // What the seen end acknowledges beyond the handshake shows that there was another.
    if (!unseen.seen && unseen.peer.lastAck > 1) {
      this.oneWays++;
      if (this.oneWay.length < 16) this.oneWay.push(connection);
    }
    if (!connection.sawHandshake && (a.dataPackets > 0 || b.dataPackets > 0)) {
      this.midStreams++;
      if (this.midStream.length < 16) this.midStream.push(connection);
    }
  }

  concludeCapture(end: CaptureEnd): void {
    const { counts, capture } = end;
    if (this.oneWays > 0) {
      const n = this.oneWays;
      this.findings.raise(at(this.oneWay), {
        id: 'one-way-capture',
        cause: 'the other direction did not pass here',
        evidence: this.oneWay.map((connection) => connection.firstFrame),
        text: `Of ${plural(n, 'connection')} only one direction is in the capture: what the unseen end did is inferred from the acknowledgments.`,
      });
    }
    if (this.midStreams > 0) {
      const n = this.midStreams;
      this.findings.raise(at(this.midStream), {
        id: 'mid-stream',
        cause: 'the capture began after the handshake',
        evidence: this.midStream.map((connection) => connection.firstFrame),
        text: `${plural(n, 'connection')} began before the capture: window scale and initial sequence numbers of ${n === 1 ? 'it' : 'them'} are unknown.`,
      });
    }
    if (counts.snapped > 0) {
      this.findings.raise(
        { connection: null, row: null, frame: 1, time: 0 },
        {
          id: 'snaplen-cut',
          cause: 'snapshot length',
          evidence: [],
          text: `${plural(counts.snapped, 'packet')} of ${count(counts.total)} (${percent(counts.snapped / counts.total)}) ${counts.snapped === 1 ? 'is' : 'are'} cut${lengthText(end)}: their checksums cannot be verified and their content is not there.`,
        },
      );
    }
    for (const [id, { name, received, dropped }] of (capture?.interfaces ?? []).entries()) {
      if (dropped === null || dropped === 0) continue;
      const of = received === null ? '' : ` of ${count(received)}`;
      this.findings.raise(
        { connection: null, row: null, frame: end.frame, time: end.time },
        {
          id: 'capture-drop',
          cause: 'the capture was too slow',
          evidence: [],
          text: `By its own count the capture on ${name ?? `interface ${id}`} dropped ${plural(dropped, 'packet')}${of}.`,
        },
      );
    }
  }
}

function at(connections: readonly Connection[]) {
  const [first] = connections;
  return { connection: null, row: null, frame: first.firstFrame, time: first.firstTime };
}

function lengthText({ capture }: CaptureEnd): string {
  const lengths = new Set((capture?.interfaces ?? []).map((described) => described.snaplen).filter((n) => n > 0));
  if (lengths.size !== 1) return '';
  return ` at ${plural([...lengths][0], 'byte')}`;
}

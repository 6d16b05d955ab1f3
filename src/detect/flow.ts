import { say } from '../messages/message.ts';
import { isNear } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Where } from './account.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';

/** Segments that show how an application writes, and their size on average (bytes). */
const MANY_SEGMENTS = 50;
const SMALL = 75;
/** So many times the segments of the other end: somebody who types is answered for each. */
const ONE_SIDED = 4;

/** A load that fills a queue: bytes, and bytes in a segment on average. */
const LOAD = 256 * 1024;
const LARGE = 500;
/** How far the round trip rises: times, and by so much (ns). */
const RISE = 3;
const NOTABLE_RISE = 50e6;
const ENOUGH_SAMPLES = 20;

/** What shows in a connection as a whole: how its data was written, and what its load did to the path. */
export class FlowShape implements Detector {
  readonly ids = ['small-segments', 'standing-queue'] as const;
  readonly when = [];
  private readonly findings: Collector;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  concludeConnection(connection: Connection): void {
    const where: Where = { connection, row: null, frame: connection.lastFrame, time: connection.lastTime };
    for (const endpoint of [connection.a, connection.b]) {
      this.segmentSizes(endpoint, where);
      this.queue(endpoint, where);
    }
  }

  private segmentSizes(sender: Endpoint, where: Where): void {
    const { dataPackets, payloadBytes, peer } = sender;
    if (dataPackets < MANY_SEGMENTS || payloadBytes > SMALL * dataPackets) return;
    if (!peer.seen || dataPackets < ONE_SIDED * peer.dataPackets) return;
    this.findings.raise(where, {
      id: 'small-segments',
      evidence: [],
      confidence: 0.8,
      message: say('small-segments', { sender, segments: dataPackets, bytes: payloadBytes }),
    });
  }

  /** At the end of a load the smoothed round trip is that of the load; the shortest one is that of the empty path. */
  private queue(sender: Endpoint, where: Where): void {
    const { outbound, dataPackets, payloadBytes } = sender;
    if (outbound === null || payloadBytes < LOAD || payloadBytes < LARGE * dataPackets || !isNear(sender)) return;
    const { min, srtt, samples } = outbound.rtt;
    if (samples < ENOUGH_SAMPLES || srtt < RISE * min || srtt - min < NOTABLE_RISE) return;
    this.findings.raise(where, {
      id: 'standing-queue',
      evidence: [],
      confidence: 0.7,
      message: say('standing-queue', { sender, shortest: min, loaded: srtt }),
    });
  }
}

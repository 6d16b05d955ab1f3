import type { Connection, Endpoint } from '../model/connection.ts';
import { Option } from '../model/segment.ts';
import type { FindingId } from './catalogue.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { duration, list, nameOf } from './words.ts';

/** Connections with less data than this lose nothing by an option that is missing: one window without scaling. */
const MUCH = 65536;
/** RFC 7323 section 2.3. */
const LARGEST_SHIFT = 14;
/** What is assumed without the option (RFC 9293 section 3.7.1). */
const DEFAULT_MSS = { 4: 536, 6: 1220 } as const;

/** What the SYNs agree on, or fail to. */
export class Options implements Detector {
  readonly ids = [
    'window-scale-too-large',
    'malformed-options',
    'mss-missing',
    'no-window-scaling',
    'no-sack',
    'no-timestamps',
  ] as const;
  readonly when = Fact.SYN | Fact.ODD_HEADER;
  private readonly findings: Collector;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { view, sender } = segment;
    if (segment.facts & Fact.SYN && view.options & Option.WSCALE && view.wscale > LARGEST_SHIFT) {
      this.findings.raise(segment, {
        id: 'window-scale-too-large',
        cause: 'a shift count above 14',
        evidence: [segment.frame],
        text: `${nameOf(sender)} offered a window scale of ${view.wscale}; ${LARGEST_SHIFT} is the largest, and is used.`,
      });
    }
    if (view.options & Option.MALFORMED) {
      this.findings.raise(segment, {
        id: 'malformed-options',
        cause: 'a length that cannot be',
        evidence: [segment.frame],
        text: `The options of packet ${segment.frame} of ${nameOf(sender)} are malformed: what stands behind the first bad one cannot be read.`,
      });
    }
  }

  concludeConnection(connection: Connection): void {
    const { client, server } = connection;
    if (!client.hasIss || !server.hasIss) return;
    const where = { connection, row: null, frame: connection.firstFrame, time: connection.firstTime };
    const raise = (id: FindingId, cause: string, text: string) =>
      this.findings.raise(where, { id, cause, text, evidence: [connection.firstFrame], confidence: 0.9 });

    for (const endpoint of [client, server]) {
      if (endpoint.mss >= 0 || endpoint.synOptions & Option.CUT || endpoint.peer.dataPackets < 2) continue;
      const assumed = DEFAULT_MSS[connection.ipVersion as 4 | 6];
      raise(
        'mss-missing',
        'the option is missing',
        `${nameOf(endpoint)} did not tell its MSS: ${endpoint.peer.name} must assume ${assumed} bytes.`,
      );
    }
    if (Math.max(client.sndNxt, server.sndNxt) < MUCH) return;
    const lacking = (has: (endpoint: Endpoint) => boolean) =>
      [client, server].filter((endpoint) => !has(endpoint) && !(endpoint.synOptions & Option.CUT));
    const noScale = lacking((endpoint) => endpoint.offeredShift >= 0);
    if (noScale.length > 0)
      raise(
        'no-window-scaling',
        'the option is missing',
        `${names(noScale)} did not offer window scaling: at most 65,535 bytes can be in flight${ceiling(connection)}.`,
      );
    const noSack = lacking((endpoint) => endpoint.sackPermitted);
    if (noSack.length > 0)
      raise(
        'no-sack',
        'the option is missing',
        `${names(noSack)} did not permit SACK: of several losses in a window one is repaired each round trip.`,
      );
    const noTimestamps = lacking((endpoint) => endpoint.timestamps);
    if (noTimestamps.length > 0)
      raise(
        'no-timestamps',
        'the option is missing',
        `${names(noTimestamps)} did not offer timestamps: round trips of repeated segments stay ambiguous.`,
      );
  }
}

function names(endpoints: readonly Endpoint[]): string {
  return list(endpoints.map(nameOf));
}

/** What one window per round trip comes to. */
function ceiling(connection: Connection): string {
  const [there, back] = [connection.client.flight?.minRtt ?? -1, connection.server.flight?.minRtt ?? -1];
  if (there < 0 || back < 0) return '';
  const round = there + back;
  const megabits = (65535 * 8 * 1000) / round;
  return `, that is ${megabits >= 10 ? Math.round(megabits) : megabits.toFixed(1)} Mbit/s with a round trip of ${duration(round)}`;
}

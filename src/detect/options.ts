import type { Message } from '../messages/message.ts';
import { say } from '../messages/message.ts';
import { answerTime } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Option } from '../model/segment.ts';
import { DEFAULT_MSS, DEFAULT_MSS_V6, MAX_WINDOW_SHIFT } from '../model/tcp-constants.ts';
import type { FindingId } from './catalogue.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import { weighed } from './header.ts';
import type { Inspection } from './inspection.ts';

/** Connections with less data than this lose nothing by an option that is missing: one window without scaling. */
const MUCH = 65536;

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
  readonly when = [Fact.SYN, Fact.ODD_HEADER];
  private readonly findings: Collector;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { view, sender } = segment;
    if (segment.has(Fact.SYN) && view.options & Option.WSCALE && view.wscale > MAX_WINDOW_SHIFT) {
      this.findings.raise(segment, {
        id: 'window-scale-too-large',
        ...weighed(view),
        message: say('window-scale-too-large', { sender, shift: view.wscale, largest: MAX_WINDOW_SHIFT }),
        evidence: [segment.frame],
      });
    }
    if (view.options & Option.MALFORMED) {
      this.findings.raise(segment, {
        id: 'malformed-options',
        ...weighed(view),
        message: say('malformed-options', { sender, frame: segment.frame }),
        evidence: [segment.frame],
      });
    }
  }

  concludeConnection(connection: Connection): void {
    const { client, server } = connection;
    if (!client.hasIss || !server.hasIss) return;
    const where = { connection, row: null, frame: connection.firstFrame, time: connection.firstTime };
    const raise = (id: FindingId, message: Message) =>
      this.findings.raise(where, { id, message, evidence: [connection.firstFrame], confidence: 0.9 });

    for (const endpoint of [client, server]) {
      if (endpoint.mss >= 0 || endpoint.synOptions & Option.CUT || endpoint.peer.dataPackets < 2) continue;
      const assumed = connection.ipVersion === 6 ? DEFAULT_MSS_V6 : DEFAULT_MSS;
      raise('mss-missing', say('mss-missing', { end: endpoint, peer: endpoint.peer.name, assumed }));
    }
    if (Math.max(client.sndNxt, server.sndNxt) < MUCH) return;
    const lacking = (has: (endpoint: Endpoint) => boolean) =>
      [client, server].filter((endpoint) => !has(endpoint) && !(endpoint.synOptions & Option.CUT));
    const noScale = lacking((endpoint) => endpoint.offeredShift >= 0);
    if (noScale.length > 0)
      raise('no-window-scaling', say('no-window-scaling', { ends: noScale, round: roundOf(connection) }));
    const noSack = lacking((endpoint) => endpoint.sackPermitted);
    if (noSack.length > 0) raise('no-sack', say('no-sack', { ends: noSack }));
    const noTimestamps = lacking((endpoint) => endpoint.timestamps);
    if (noTimestamps.length > 0) raise('no-timestamps', say('no-timestamps', { ends: noTimestamps }));
  }
}

/** Shortest round trip (ns) between the ends, null unknown. */
function roundOf(connection: Connection): number | null {
  const [there, back] = [answerTime(connection.server), answerTime(connection.client)];
  return there < 0 || back < 0 ? null : there + back;
}

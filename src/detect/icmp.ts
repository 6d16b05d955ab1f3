import { formatAddress } from '../model/address.ts';
import type { Connection, Endpoint } from '../model/connection.ts';
import type { PacketRow } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import { widen } from '../model/seq.ts';
import type { Collector } from './collector.ts';
import { Memory, note } from './memory.ts';
import { count, nameOf, times } from './words.ts';

const UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;
/** Codes of "destination unreachable" (RFC 792; RFC 1122 section 3.2.2.1). */
const UNREACHABLE_CODES = [
  'network unreachable',
  'host unreachable',
  'protocol unreachable',
  'port unreachable',
  'fragmentation needed',
  'source route failed',
  'network unknown',
  'host unknown',
  'source host isolated',
  'network administratively prohibited',
  'host administratively prohibited',
  'network unreachable for this type of service',
  'host unreachable for this type of service',
  'communication administratively prohibited',
  'host precedence violation',
  'precedence cutoff',
];
const OTHER_TYPES: Readonly<Record<number, string>> = {
  4: 'source quench',
  5: 'redirect',
  11: 'time exceeded',
  12: 'parameter problem',
};

const UNREACHABLE_V6 = 1;
const PACKET_TOO_BIG_V6 = 2;
/** RFC 4443 section 3.1. */
const UNREACHABLE_CODES_V6 = [
  'no route to destination',
  'communication administratively prohibited',
  'beyond the scope of the source address',
  'address unreachable',
  'port unreachable',
  'source address failed the policy',
  'route rejected',
];
const OTHER_TYPES_V6: Readonly<Record<number, string>> = { 3: 'time exceeded', 4: 'parameter problem' };

/** Different errors that are told apart for one sender. */
const MOST_REPORTS = 32;

interface Tally {
  count: number;
  frames: number[];
}

/** ICMP errors that quote a segment of a connection. */
export class IcmpErrors {
  readonly ids = ['icmp-unreachable', 'icmp-too-big', 'icmp-other'] as const;
  private readonly findings: Collector;
  /** By their text, for each sender. */
  private readonly reports = new Memory<Endpoint, Map<string, Tally>>(() => new Map());

  constructor(findings: Collector) {
    this.findings = findings;
  }

  /** `sender` is the one whose segment is quoted in `view`, `row` that segment's row or null. */
  see(view: SegmentView, connection: Connection, sender: Endpoint, row: PacketRow | null): void {
    const report = describe(view, sender);
    const known = this.reports.of(sender);
    let tally = known.get(report.text);
    if (report.id === 'icmp-too-big') {
      if (report.believed && sender.flight !== null) sender.flight.pmtuTime = view.time;
    } else connection.icmpError = true;
    if (tally !== undefined) {
      note(tally.frames, view.frame);
      tally.count++;
      return;
    }
    tally = { count: 1, frames: [view.frame] };
    // A hostile capture must not make one for every router that there is.
    if (known.size < MOST_REPORTS) known.set(report.text, tally);
    const made = tally;
    const where = { connection, row, frame: view.frame, time: view.time };
    this.findings.add(where, report.id, () => ({
      id: report.id,
      cause: report.cause,
      evidence: made.frames,
      confidence: report.believed ? 0.95 : 0.5,
      text: `${report.text}${made.count > 1 ? `, ${times(made.count)}` : ''}.${report.believed ? '' : ' It quotes a segment that is not outstanding, and may be forged.'}`,
    }));
  }
}

interface Report {
  id: 'icmp-unreachable' | 'icmp-too-big' | 'icmp-other';
  cause: string;
  text: string;
  believed: boolean;
}

function describe(view: SegmentView, sender: Endpoint): Report {
  const version = view.ipVersion;
  const router = formatAddress(version, view.icmpSrc0, view.icmpSrc1, view.icmpSrc2, view.icmpSrc3);
  const believed = isOutstanding(view, sender);
  const tooBig =
    version === 4
      ? view.icmpType === UNREACHABLE && view.icmpCode === FRAGMENTATION_NEEDED
      : view.icmpType === PACKET_TOO_BIG_V6;
  if (tooBig) {
    const mtu = view.icmpMtu > 0 ? `, which takes ${count(view.icmpMtu)} bytes` : '';
    return {
      id: 'icmp-too-big',
      cause: 'the next link is smaller',
      text: `${router} reported that a packet of ${nameOf(sender)} is too big for its next link${mtu}`,
      believed,
    };
  }
  const unreachable = view.icmpType === (version === 4 ? UNREACHABLE : UNREACHABLE_V6);
  const codes = version === 4 ? UNREACHABLE_CODES : UNREACHABLE_CODES_V6;
  const types = version === 4 ? OTHER_TYPES : OTHER_TYPES_V6;
  const cause = unreachable
    ? (codes[view.icmpCode] ?? `code ${view.icmpCode}`)
    : (types[view.icmpType] ?? `type ${view.icmpType}`);
  return {
    id: unreachable ? 'icmp-unreachable' : 'icmp-other',
    cause,
    text: `${router} reported "${cause}" for a packet of ${nameOf(sender)} to ${sender.peer.name}`,
    believed,
  };
}

/** Only errors about data in flight are to be believed: others are easily forged (RFC 5927 section 4.1). */
function isOutstanding(view: SegmentView, sender: Endpoint): boolean {
  if (!sender.hasBase) return true;
  const offset = widen(view.seq, sender.base, sender.sndNxt);
  return offset >= Math.max(sender.sndUna, 0) - 1 && offset <= sender.sndNxt;
}

import type { IcmpReason } from '../messages/en/findings/protocol.ts';
import { say } from '../messages/message.ts';
import { formatAddress } from '../model/address.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Icmp6Type, IcmpType } from '../model/icmp.ts';
import type { PacketRow } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import { isTooBig, quotesOutstanding } from '../verdict/path-mtu.ts';
import type { Collector } from './collector.ts';
import { Memory, note } from './memory.ts';

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
  /** By who reports what, for each sender. */
  private readonly reports = new Memory<Endpoint, Map<string, Tally>>(() => new Map());

  constructor(findings: Collector) {
    this.findings = findings;
  }

  /** `sender` is the one whose segment is quoted in `view`, `row` that segment's row or null. */
  see(view: SegmentView, connection: Connection, sender: Endpoint, row: PacketRow | null): void {
    const kind = kindOf(view);
    const believed = quotesOutstanding(view, sender);
    if (kind !== 'icmp-too-big') connection.icmpError = true;

    const router = formatAddress(view.ipVersion, view.icmpSrc0, view.icmpSrc1, view.icmpSrc2, view.icmpSrc3);
    const known = this.reports.of(sender);
    const name = `${router} ${view.icmpType} ${view.icmpCode} ${view.icmpMtu} ${believed}`;
    let tally = known.get(name);
    if (tally !== undefined) {
      note(tally.frames, view.frame);
      tally.count++;
      return;
    }
    tally = { count: 1, frames: [view.frame] };
    // A hostile capture must not make one for every router that there is.
    if (known.size < MOST_REPORTS) known.set(name, tally);
    const { frames } = tally;
    const made = tally;
    const { icmpMtu: mtu } = view;
    const reason = reasonOf(view);
    const where = { connection, row, frame: view.frame, time: view.time };
    this.findings.add(where, kind, () => {
      const values = { router, sender, messages: made.count, believed };
      return {
        id: kind,
        message:
          kind === 'icmp-too-big'
            ? say(kind, { ...values, mtu })
            : say(kind, { ...values, receiver: sender.peer.name, reason }),
        evidence: frames,
        confidence: believed ? 0.95 : 0.5,
      };
    });
  }
}

function kindOf(view: SegmentView): 'icmp-unreachable' | 'icmp-too-big' | 'icmp-other' {
  if (isTooBig(view)) return 'icmp-too-big';
  return view.icmpType === (view.ipVersion === 4 ? IcmpType.UNREACHABLE : Icmp6Type.UNREACHABLE)
    ? 'icmp-unreachable'
    : 'icmp-other';
}

function reasonOf(view: SegmentView): IcmpReason {
  const { ipVersion: version, icmpType: type, icmpCode: code } = view;
  return kindOf(view) === 'icmp-unreachable' ? { version, code } : { version, type };
}

import { say } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, SYN } from '../model/flags.ts';
import { Option } from '../model/segment.ts';
import { seqAdd, seqAfter } from '../model/seq.ts';
import { State } from '../model/state.ts';
import { MSL } from '../model/tcp-constants.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { remember } from './memory.ts';
import type { CaptureNature } from './nature.ts';

/** The longest time (ns) in TIME-WAIT (RFC 9293 section 3.6.1, MUST-13). */
const LONGEST_TIME_WAIT = 2 * MSL;
/** No network holds a SYN back for so long (ns) while the connection that it opened goes on. */
const HELD = 1e9;

/** A new connection between two sockets that had one before. */
export class PortReuse implements Detector {
  readonly ids = ['port-reused', 'port-reused-early'] as const;
  readonly when = [Fact.OPENED, Fact.SYN];
  private readonly findings: Collector;
  private readonly nature: CaptureNature;

  constructor(findings: Collector, nature: CaptureNature) {
    this.findings = findings;
    this.nature = nature;
  }

  inspect(segment: Inspection): void {
    const { connection, view, sender } = segment;
    if ((view.flags & (SYN | ACK)) !== SYN) return;
    if (!segment.has(Fact.OPENED)) {
      if (isAgain(segment, connection, sender)) this.nature.again(segment.frame);
      return;
    }
    const { previous } = connection;
    if (previous === null) return;
    const before = previous.a.port === sender.port && previous.a.address === sender.address ? previous.a : previous.b;
    if (isAgain(segment, previous, before)) {
      this.nature.again(segment.frame);
      return;
    }
    const gap = segment.time - previous.lastTime;
    // The file has it after the connection, but its time is earlier: two captures of the same traffic were joined.
    if (gap < 0) return;
    const states = [before.state, before.peer.state];
    const waits = states.includes(State.TIME_WAIT) && gap < LONGEST_TIME_WAIT;
    const open = before.rstFrame === 0 && before.peer.rstFrame === 0 && !previous.isOver;
    const laterNumber = before.hasBase && seqAfter(view.seq, seqAdd(before.base, before.sndNxt));
    const lastStamp = before.outbound?.clocks.maxTsVal ?? -1;
    const laterStamp = lastStamp >= 0 && (view.options & Option.TIMESTAMPS) !== 0 && ((view.tsVal - lastStamp) | 0) > 0;
    const sockets = { one: sender.name, other: sender.peer.name, gap };
    const evidence = [segment.frame, previous.lastFrame];
    // A connection of which only a SYN was seen may never have existed.
    const existed = before.peer.seen && before.sndNxt > 0 && before.peer.sndNxt > 0;
    if (existed && (open || (waits && !laterNumber && !laterStamp))) {
      const account: Account = {
        id: 'port-reused-early',
        // The packets that closed the connection may have taken another path.
        severity: open ? 'info' : 'warning',
        message: say('port-reused-early', { ...sockets, open }),
        evidence,
        confidence: 0.7,
      };
      const { firstFrame } = previous;
      const { frame } = segment;
      // The same ISN, and the time went back in between or the other end repeats its ISN too: the file holds the connection twice.
      if (before.hasBase && before.base === view.seq) {
        const { peer } = before;
        const other = sender.peer;
        remember(other);
        const { base } = peer;
        const isTwice = () =>
          this.nature.times.isSeam(firstFrame, frame) || (peer.hasIss && other.hasIss && other.base === base);
        this.findings.defer(segment, account.id, () => (isTwice() ? null : account));
      } else this.findings.raise(segment, account);
      return;
    }
    const reason = !waits ? 'over' : laterNumber ? 'number' : 'timestamp';
    this.findings.raise(segment, {
      id: 'port-reused',
      message: say('port-reused', { ...sockets, stream: previous.id, reason }),
      evidence,
      confidence: 0.9,
    });
  }
}

/**
 * The SYN of a connection that has got further, with its number and its timestamp: not sent once more, but in the capture once more,
 * as no network brings it so late.
 */
function isAgain(segment: Inspection, earlier: Connection, before: Endpoint): boolean {
  const { view, time } = segment;
  const elapsed = time - earlier.synTime;
  return (
    before.hasBase &&
    before.base === view.seq &&
    before.sndNxt > 1 &&
    before.peer.sndNxt > 1 &&
    (view.options & Option.TIMESTAMPS) !== 0 &&
    before.outbound?.clocks.firstTsVal === view.tsVal &&
    (segment.has(Fact.OPENED) || elapsed <= 0 || elapsed >= HELD)
  );
}

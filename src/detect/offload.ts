import { say } from '../messages/message.ts';
import { positionOf } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ChecksumStatus } from '../model/segment.ts';
import { Fate, Kind, type Verdict } from '../model/verdict.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Gathering } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { firstFrames, Memory, note } from './memory.ts';

/** Damaged segments of one sender that are followed one by one, and the latest of them that copies are compared with. */
const MOST_DAMAGED = 16;

/** Wrong checksums of one host that are no accident. */
const SEVERAL = 3;

/** Addresses that are told apart; from then on they are the others. */
const MOST_HOSTS = 4096;
const OTHERS = 'others';

/** What one address sends in a form that only a network card completes. */
export interface OffloadHost {
  address: string;
  /** Segments with only the sum of the pseudo-header, with a wrong sum, and IP headers with a wrong sum. */
  partial: number;
  wrong: number;
  wrongIp: number;
  checksumFrames: number[];
  oversize: number;
  largest: number;
  oversizeFrames: number[];
}

/** A segment with a wrong checksum that is no work of a network card. */
interface Damaged {
  readonly frame: number;
  readonly bytes: number;
  readonly found: number;
  readonly expected: number;
  /** Offset after it. */
  readonly end: number;
  /** -1 without. */
  readonly ipId: number;
  /** It takes no sequence space. */
  readonly isAck: boolean;
  /** Null of one that nobody keeps a row of and that is no data: a SYN, a reset, an ACK. */
  readonly verdict: Verdict | null;
}

/** Those of one sender: the first, how much came after them, and the latest, of which copies may come. */
interface Damage {
  readonly first: Damaged[];
  readonly latest: Damaged[];
  more: number;
  moreBytes: number;
}

/** Checksums that are not right as they stand, and segments that no wire carries as they are. */
export class Offload implements Gathering<OffloadHost[]> {
  readonly ids = ['checksum-offload', 'offload-segments', 'corrupted-segment'] as const;
  readonly when = [Fact.CHECKSUM, Fact.OVERSIZE];
  private readonly findings: Collector;
  private readonly hosts = new Map<string, OffloadHost>();
  private readonly hostOf = new Memory<Endpoint, OffloadHost>((endpoint) => this.host(endpoint.address));
  private readonly damages = new Memory<Endpoint, Damage>(() => ({ first: [], latest: [], more: 0, moreBytes: 0 }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { view, t } = segment;
    const host = this.hostOf.of(t.sender);
    if (segment.has(Fact.UNACCEPTABLE) && view.tcpChecksumStatus === ChecksumStatus.BAD) {
      // Where the card fills them in, a wrong one tells nothing.
      if (host.partial === 0) this.damaged(segment);
      return;
    }
    if (segment.has(Fact.CHECKSUM)) {
      if (view.tcpChecksumStatus === ChecksumStatus.OFFLOAD) host.partial++;
      else if (view.tcpChecksumStatus === ChecksumStatus.BAD) {
        // What arrives here has passed the card of its sender.
        if (positionOf(segment.connection) === segment.receiver.role) return;
        host.wrong++;
      }
      if (view.ipChecksumStatus === ChecksumStatus.BAD) host.wrongIp++;
      note(host.checksumFrames, segment.frame);
    }
    if (segment.has(Fact.OVERSIZE)) {
      host.oversize++;
      if (view.payloadLength > host.largest) host.largest = view.payloadLength;
      note(host.oversizeFrames, segment.frame);
    }
  }

  private host(address: string): OffloadHost {
    let host = this.hosts.get(address) ?? (this.hosts.size < MOST_HOSTS ? undefined : this.hosts.get(OTHERS));
    if (host === undefined) {
      if (this.hosts.size >= MOST_HOSTS) address = OTHERS;
      host = {
        address,
        partial: 0,
        wrong: 0,
        wrongIp: 0,
        checksumFrames: [],
        oversize: 0,
        largest: 0,
        oversizeFrames: [],
      };
      this.hosts.set(address, host);
    }
    return host;
  }

  gathered(): OffloadHost[] {
    return [...this.hosts.values()];
  }

  /** Takes up what shards have gathered, the hosts in the order of their first segments. */
  join(shards: readonly (readonly OffloadHost[])[]): void {
    const all = shards.flat().sort((one, other) => firstOf(one) - firstOf(other));
    for (const other of all) {
      const host = this.host(other.address);
      host.partial += other.partial;
      host.wrong += other.wrong;
      host.wrongIp += other.wrongIp;
      host.oversize += other.oversize;
      host.largest = Math.max(host.largest, other.largest);
      host.checksumFrames = firstFrames([host.checksumFrames, other.checksumFrames]);
      host.oversizeFrames = firstFrames([host.oversizeFrames, other.oversizeFrames]);
    }
  }

  private damaged(segment: Inspection): void {
    const { sender, view, verdict, frame } = segment;
    const known = this.damages.find(sender);
    const damage = known ?? this.damages.of(sender);
    const { ipId, payloadLength: bytes, tcpChecksumFound: found, tcpChecksumExpected: expected } = view;
    const { seq, end } = segment.t;
    const one: Damaged = { frame, bytes, found, expected, end, ipId, isAck: end === seq, verdict };
    // The same packet with the same damage once more is a copy of the capture or of the network.
    if (damage.latest.some((other) => isSame(one, other))) return;
    damage.latest.push(one);
    if (damage.latest.length > MOST_DAMAGED) damage.latest.shift();
    if (damage.first.length < MOST_DAMAGED) damage.first.push(one);
    else {
      damage.more++;
      damage.moreBytes += bytes;
    }
    if (known === undefined) this.findings.defer(segment, 'corrupted-segment', () => this.corrupted(sender, damage));
  }

  /** Null where receivers acknowledged what came damaged, though no other copy came: only the capture has it otherwise. */
  private corrupted(sender: Endpoint, damage: Damage): Account | null {
    const others = this.damages.find(sender.peer);
    return wasTaken(damage) || (others !== undefined && wasTaken(others)) ? null : corrupted(sender, damage);
  }

  concludeCapture(end: CaptureEnd): void {
    const left = [...this.hosts.values()].filter(leavesChecksums);
    if (left.length > 0) this.reportChecksums(left, end);
    const large = [...this.hosts.values()].filter((host) => host.oversize > 0);
    if (large.length > 0) this.reportOversize(large, end);
  }

  private reportChecksums(hosts: readonly OffloadHost[], end: CaptureEnd): void {
    const sum = (of: (host: OffloadHost) => number) => hosts.reduce((n, host) => n + of(host), 0);
    const [partial, wrong, wrongIp] = [sum((h) => h.partial), sum((h) => h.wrong), sum((h) => h.wrongIp)];
    const evidence = hosts[0].checksumFrames;
    this.findings.raise(
      { connection: null, row: null, frame: evidence[0], time: end.time },
      {
        id: 'checksum-offload',
        evidence,
        confidence: partial >= wrong ? 0.95 : 0.7,
        message: say('checksum-offload', { addresses: addressesOf(hosts), partial, wrong, wrongIp }),
      },
    );
  }

  private reportOversize(hosts: readonly OffloadHost[], end: CaptureEnd): void {
    const segments = hosts.reduce((n, host) => n + host.oversize, 0);
    const largest = Math.max(...hosts.map((host) => host.largest));
    const evidence = hosts[0].oversizeFrames;
    this.findings.raise(
      { connection: null, row: null, frame: evidence[0], time: end.time },
      {
        id: 'offload-segments',
        evidence,
        confidence: 0.9,
        message: say('offload-segments', { segments, addresses: addressesOf(hosts), largest }),
      },
    );
  }
}

/** One packet with the same damage. */
function isSame(one: Damaged, other: Damaged): boolean {
  const isDamagedAlike = one.found === other.found && one.expected === other.expected;
  return isDamagedAlike && one.ipId === other.ipId && one.end === other.end && one.bytes === other.bytes;
}

/** The receiver acknowledged most of the data that came damaged, as far as they are followed, before any other copy came. */
function wasTaken({ first }: Damage): boolean {
  const data = first.filter(({ bytes }) => bytes > 0);
  const taken = data.filter(({ verdict }) => verdict?.fate === Fate.DELIVERED);
  return taken.length > 0 && 2 * taken.length >= data.length;
}

/** Null where all of them were taken. */
function corrupted(sender: Endpoint, { first, more, moreBytes }: Damage): Account | null {
  // A copy that the capture made has its undamaged original beside it.
  const lost = first.filter(({ verdict }) => verdict?.fate !== Fate.DELIVERED && verdict?.kind !== Kind.DUPLICATE);
  if (lost.length === 0) return null;
  const [{ frame, found, expected }] = lost;
  return {
    id: 'corrupted-segment',
    // A segment that was not sent again may have been accepted as it is, and the next ACK makes up for a lost one.
    severity: lost.some(({ end }) => end > sender.sndNxt) || lost.every(({ isAck }) => isAck) ? 'info' : 'warning',
    evidence: lost.map((one) => one.frame),
    confidence: 0.9,
    message: say('corrupted-segment', {
      sender,
      segments: lost.length + more,
      bytes: lost.reduce((sum, { bytes }) => sum + bytes, moreBytes),
      frame,
      found,
      expected,
    }),
  };
}

/** The sum of the pseudo-header shows it at once; other wrong sums may be damage, unless there are several. */
function leavesChecksums({ partial, wrong, wrongIp }: OffloadHost): boolean {
  return partial > 0 || wrong + wrongIp >= SEVERAL;
}

function addressesOf(hosts: readonly OffloadHost[]): string[] {
  return hosts.map((host) => host.address);
}

function firstOf({ checksumFrames, oversizeFrames }: OffloadHost): number {
  return Math.min(...checksumFrames.slice(0, 1), ...oversizeFrames.slice(0, 1));
}

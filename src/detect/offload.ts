import type { Endpoint } from '../model/connection.ts';
import { ChecksumStatus } from '../model/segment.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { count, list, nameOf, plural } from './words.ts';

/** What one address sends in a form that only a network card completes. */
interface Host {
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

interface Damage {
  segments: number;
  bytes: number;
  frames: number[];
}

/** Checksums that are not right as they stand, and segments that no wire carries as they are. */
export class Offload implements Detector {
  readonly ids = ['checksum-offload', 'offload-segments', 'corrupted-segment'] as const;
  readonly when = Fact.CHECKSUM | Fact.OVERSIZE;
  private readonly findings: Collector;
  private readonly hosts = new Map<string, Host>();
  private readonly hostOf = new Memory<Endpoint, Host>((endpoint) => this.host(endpoint.address));
  private readonly damages = new Memory<Endpoint, Damage>(() => ({ segments: 0, bytes: 0, frames: [] }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { view, facts, t } = segment;
    if (facts & Fact.UNACCEPTABLE && view.tcpChecksumStatus === ChecksumStatus.BAD) {
      this.damaged(segment);
      return;
    }
    const host = this.hostOf.of(t.sender);
    if (facts & Fact.CHECKSUM) {
      if (view.tcpChecksumStatus === ChecksumStatus.OFFLOAD) host.partial++;
      else if (view.tcpChecksumStatus === ChecksumStatus.BAD) host.wrong++;
      if (view.ipChecksumStatus === ChecksumStatus.BAD) host.wrongIp++;
      note(host.checksumFrames, segment.frame);
    }
    if (facts & Fact.OVERSIZE) {
      host.oversize++;
      if (view.payloadLength > host.largest) host.largest = view.payloadLength;
      note(host.oversizeFrames, segment.frame);
    }
  }

  private host(address: string): Host {
    let host = this.hosts.get(address);
    if (host === undefined) {
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

  private damaged(segment: Inspection): void {
    const { sender, view } = segment;
    const known = this.damages.find(sender);
    const damage = known ?? this.damages.of(sender);
    damage.segments++;
    damage.bytes += view.payloadLength;
    note(damage.frames, segment.frame);
    if (known !== undefined) return;
    const { tcpChecksumFound, tcpChecksumExpected } = view;
    this.findings.add(segment, 'corrupted-segment', () => ({
      id: 'corrupted-segment',
      cause: 'changed on the way',
      evidence: damage.frames,
      confidence: 0.9,
      text: `${plural(damage.segments, 'segment')} (${plural(damage.bytes, 'byte')}) of ${nameOf(sender)} arrived damaged here: in packet ${damage.frames[0]} the checksum is ${hex(tcpChecksumFound)} and should be ${hex(tcpChecksumExpected)}. The receiver drops ${damage.segments === 1 ? 'it' : 'them'}.`,
    }));
  }

  concludeCapture(end: CaptureEnd): void {
    const left = [...this.hosts.values()].filter((host) => host.checksumFrames.length > 0);
    if (left.length > 0) this.reportChecksums(left, end);
    const large = [...this.hosts.values()].filter((host) => host.oversize > 0);
    if (large.length > 0) this.reportOversize(large, end);
  }

  private reportChecksums(hosts: readonly Host[], end: CaptureEnd): void {
    const sum = (of: (host: Host) => number) => hosts.reduce((n, host) => n + of(host), 0);
    const sorts = [];
    const [partial, wrong, wrongIp] = [sum((h) => h.partial), sum((h) => h.wrong), sum((h) => h.wrongIp)];
    if (partial > 0) sorts.push(`${count(partial)} with only the sum of the pseudo-header`);
    if (wrong > 0) sorts.push(`${count(wrong)} with another wrong sum`);
    if (wrongIp > 0) sorts.push(`${count(wrongIp)} with a wrong sum of the IP header`);
    const evidence = hosts[0].checksumFrames;
    this.findings.raise(
      { connection: null, row: null, frame: evidence[0], time: end.time },
      {
        id: 'checksum-offload',
        cause: 'the network card fills them in',
        evidence,
        confidence: partial >= wrong ? 0.95 : 0.7,
        text: `${addresses(hosts)} ${hosts.length === 1 ? 'leaves' : 'leave'} checksums to the network card: ${list(sorts)}. ${partial > 0 ? 'On the wire they are right' : 'On the wire they are right, unless the capture was edited (addresses replaced)'}.`,
      },
    );
  }

  private reportOversize(hosts: readonly Host[], end: CaptureEnd): void {
    const segments = hosts.reduce((n, host) => n + host.oversize, 0);
    const largest = Math.max(...hosts.map((host) => host.largest));
    const evidence = hosts[0].oversizeFrames;
    this.findings.raise(
      { connection: null, row: null, frame: evidence[0], time: end.time },
      {
        id: 'offload-segments',
        cause: 'captured before the card cut them or after it joined them',
        evidence,
        confidence: 0.9,
        text: `${plural(segments, 'segment')} of ${addresses(hosts)} ${segments === 1 ? 'is' : 'are'} larger than the MSS, up to ${plural(largest, 'byte')}: each stands for several on the wire.`,
      },
    );
  }
}

function addresses(hosts: readonly Host[]): string {
  return list(
    hosts.map((host) => host.address),
    3,
  );
}

function hex(checksum: number): string {
  return `0x${checksum.toString(16).padStart(4, '0')}`;
}

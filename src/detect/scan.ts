import { say } from '../messages/message.ts';
import { formatAddress, formatEndpoint } from '../model/address.ts';
import type { AttemptEnd, Attempt as Tried } from '../model/attempt.ts';
import type { Connection } from '../model/connection.ts';
import { Phase } from '../model/summary.ts';
import type { Account } from './account.ts';
import { AckProbes } from './ack-probes.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Gathering } from './detector.ts';
import { DistinctAddresses, type DistinctFacts } from './distinct.ts';
import { HostTable, MOST_HOSTS } from './hosts.ts';
import { remember } from './memory.ts';

/** Ports of one host, and hosts at one port, that one host tried: as many as in Zeek's policy. */
const PORTS = 15;
const HOSTS = 25;
/** Hosts at one port where nobody answered anything: whoever has lost the network tries some as well. */
const SILENT_HOSTS = 100;
/** All within this time (ns). */
const WINDOW = 300e9;

/** Pairs of host and port that are remembered, of all who tried some; and scans that are told. */
const MOST_PAIRS = 1 << 16;
const MOST_SCANS = 64;
const SAMPLES = 8;
/** A probe that is not answered is sent once more. */
const MOST_COPIES = 2;

const Outcome = { REFUSED: 0, SILENT: 1, OPEN: 2 } as const;

/**
 * A packet in place of a connection, perhaps once more: it has no SYN, and nothing but resets answer it (nmap's NULL, FIN, Xmas, Maimon
 * and ACK scans).
 */
interface Probe extends Tried {
  /** Of one with an ACK, as hosts send them that were left by their peers; -1 of those that no host sends. */
  readonly sourcePort: number;
  /** From its one port a server sends ACKs to clients that have forgotten it. */
  readonly isFromServer: boolean;
}

function probeOf(connection: Connection): Probe | null {
  const { a, b, ipVersion, firstFrame, firstTime, icmpError, sawHandshake } = connection;
  if (sawHandshake || a.dataPackets + b.dataPackets > 0 || a.packets > MOST_COPIES) return null;
  const isReset = b.phase === Phase.RESET;
  if (a.phase === Phase.RESET || (b.seen && !isReset)) return null;
  const hasAck = a.lastAck >= 0;
  if (hasAck && !isReset) return null;
  const sourcePort = hasAck ? a.port : -1;
  const isFromServer = connection.client !== a;
  return { ipVersion, firstFrame, firstTime, icmpError, client: a, server: b, sourcePort, isFromServer };
}

/** A connection that carried no data, as far as it matters here. */
class Attempt {
  readonly frame: number;
  readonly time: number;
  readonly outcome: number;
  readonly isProbe: boolean;
  /** Of a probe with an ACK, else -1. */
  readonly sourcePort: number;
  readonly isFromServer: boolean;
  readonly version: number;
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  readonly port: number;

  constructor(tried: Tried | Probe) {
    const { firstFrame, firstTime, ipVersion, icmpError, server } = tried;
    this.isProbe = 'sourcePort' in tried;
    this.sourcePort = 'sourcePort' in tried ? tried.sourcePort : -1;
    this.isFromServer = 'sourcePort' in tried && tried.isFromServer;
    this.frame = firstFrame;
    this.time = firstTime;
    this.version = ipVersion;
    this.w0 = server.w0;
    this.w1 = server.w1;
    this.w2 = server.w2;
    this.w3 = server.w3;
    this.port = server.port;
    if (server.hasIss) this.outcome = Outcome.OPEN;
    else this.outcome = server.seen || icmpError ? Outcome.REFUSED : Outcome.SILENT;
  }

  get address(): string {
    return formatAddress(this.version, this.w0, this.w1, this.w2, this.w3);
  }
}

/** What one host tried, as plain data. */
export interface SourceFacts {
  readonly name: string;
  readonly frame: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly outcomes: readonly number[];
  readonly open: readonly string[];
  readonly others: number;
  readonly probes: number;
  readonly samples: readonly number[];
  readonly hosts: DistinctFacts;
  readonly ports: readonly number[];
}

/** What one host tried. */
class Source {
  readonly name: string;
  frame = 0;
  firstTime = 0;
  lastTime = 0;
  /** By `Outcome`. */
  readonly outcomes = [0, 0, 0];
  /** Sockets that answered. */
  open: string[] = [];
  /** Its connections that carried data. */
  others = 0;
  /** Attempts that were probes. */
  probes = 0;
  private readonly ackProbes = new AckProbes<Attempt>(PORTS);
  /** Time of the first attempt that was heard of, also of one that does not count; NaN before. */
  begun = Number.NaN;
  samples: number[] = [];
  /** The ports that were tried of each host, and the hosts of each port, until that is enough. */
  private portsOf = new Map<string, Set<number>>();
  private hostsOf = new Map<number, Set<string>>();
  private readonly hosts = new DistinctAddresses();
  private readonly ports = new Set<number>();
  /** It tried enough for a scan; a finding tells of it. */
  isBusy = false;
  isTold = false;

  constructor(name: string) {
    this.name = name;
  }

  get attempts(): number {
    const [refused, silent, open] = this.outcomes;
    return refused + silent + open;
  }

  /** Returns how many pairs of host and port are remembered more than before. */
  add(attempt: Attempt): number {
    if (Number.isNaN(this.begun)) this.begun = attempt.time;
    if (attempt.sourcePort < 0 || this.ackProbes.isCounted(attempt.sourcePort)) return this.count(attempt);
    if (attempt.isFromServer) return 0;
    // One that waits takes as much memory as a pair.
    let more = 1;
    for (const probe of this.ackProbes.add(attempt.sourcePort, attempt)) more += this.count(probe);
    return more;
  }

  private count(attempt: Attempt): number {
    const { frame, time, outcome, port, version } = attempt;
    if (attempt.isProbe) this.probes++;
    this.spans(frame, time, time);
    if (this.samples.length < SAMPLES || frame < this.samples[SAMPLES - 1]) this.sample([frame]);
    this.outcomes[outcome]++;
    const { address } = attempt;
    if (outcome === Outcome.OPEN && this.open.length < SAMPLES) {
      const name = formatEndpoint(version, address, port);
      if (!this.open.includes(name)) this.open.push(name);
    }
    this.hosts.add(attempt);
    this.ports.add(port);
    return this.isBusy ? 0 : this.remember(address, port);
  }

  /** Attempts come as they leave the analysis, not as they began. A finding that is told keeps its packet. */
  private spans(frame: number, from: number, to: number): void {
    const isFirst = this.attempts === 0;
    if (isFirst || (frame < this.frame && !this.isTold)) {
      this.frame = frame;
      this.firstTime = from;
    }
    if (isFirst || to > this.lastTime) this.lastTime = to;
  }

  private sample(frames: readonly number[]): void {
    const known = this.isTold ? frames.filter((frame) => frame > this.frame) : frames;
    this.samples = [...this.samples, ...known].sort((one, other) => one - other).slice(0, SAMPLES);
  }

  private remember(address: string, port: number): number {
    const ports = this.portsOf.get(address) ?? new Set();
    if (ports.has(port)) return 0;
    this.portsOf.set(address, ports.add(port));
    const hosts = this.hostsOf.get(port) ?? new Set();
    this.hostsOf.set(port, hosts.add(address));
    const [refused, , open] = this.outcomes;
    const isEnough = ports.size >= PORTS || hosts.size >= (refused + open > 0 ? HOSTS : SILENT_HOSTS);
    if (!isEnough) return 1;
    this.isBusy = true;
    this.portsOf = new Map();
    this.hostsOf = new Map();
    return 0;
  }

  get gathered(): SourceFacts {
    const { name, frame, firstTime, lastTime, outcomes, open, others, probes, samples } = this;
    const [hosts, ports] = [this.hosts.gathered, [...this.ports]];
    return { name, frame, firstTime, lastTime, outcomes, open, others, probes, samples, hosts, ports };
  }

  join(other: SourceFacts): void {
    this.spans(other.frame, other.firstTime, other.lastTime);
    other.outcomes.forEach((count, i) => {
      this.outcomes[i] += count;
    });
    this.open = [...new Set([...this.open, ...other.open])].slice(0, SAMPLES);
    this.others += other.others;
    this.probes += other.probes;
    this.sample(other.samples);
    this.hosts.join(other.hosts);
    for (const port of other.ports) this.ports.add(port);
    this.isBusy = true;
  }

  /** Most of its connections came to nothing. */
  get isInVain(): boolean {
    const [refused, silent, open] = this.outcomes;
    return refused + silent >= open + this.others;
  }

  get account(): Account | null {
    if (!this.isInVain) return null;
    const [refused, silent, open] = this.outcomes;
    const hosts = this.hosts.count;
    const ports = this.ports.size;
    const span = this.lastTime - this.firstTime;
    const id = ports >= hosts ? 'port-scan' : 'host-sweep';
    return {
      id,
      evidence: this.samples,
      confidence: refused + open + this.probes > 0 ? 0.9 : 0.6,
      restsOn: silent > refused ? ['absence'] : [],
      message: say(id, {
        source: this.name,
        hosts,
        isEstimate: this.hosts.isEstimate,
        ports,
        span,
        perSecond: Math.round(this.attempts / (Math.max(span, 1e9) / 1e9)),
        refused,
        silent,
        open,
        openAt: this.open,
        probes: this.probes,
      }),
    };
  }
}

/** Of a host that tried once only that is kept: in a flood there are thousands. */
interface Slot {
  first: Attempt | null;
  source: Source | null;
}

/**
 * Hosts that try many ports of one host, or one port of many hosts, and get nowhere with most of them. A scan is told as soon as
 * enough of its attempts have left the analysis, and counted on; else when the input has ended.
 */
export class Scans implements Gathering<SourceFacts[]> {
  readonly ids = ['port-scan', 'host-sweep'] as const;
  readonly when = [];
  private readonly findings: Collector;
  private readonly isFlooded: (server: AttemptEnd) => boolean;
  private slots = newSlots();
  /** Sources that are told, or were gathered elsewhere. */
  private readonly known = new Map<string, Source>();
  private told = 0;
  private pairs = 0;
  private readonly kept: Connection[] = [];
  private readonly busy = new Set<Source>();

  /** `isFlooded`: SYNs to that socket are a flood, and no scan of theirs. */
  constructor(findings: Collector, isFlooded: (server: AttemptEnd) => boolean = () => false) {
    this.findings = findings;
    this.isFlooded = isFlooded;
  }

  concludeConnection(connection: Connection): void {
    const probe = probeOf(connection);
    if (probe !== null) {
      if (connection.hasLeft) this.counts(probe);
      else this.noteBusy(probe);
      return;
    }
    if (!connection.client.hasIss || (connection.hasLeft && this.isFlooded(connection.server))) return;
    const isAttempt = connection.a.dataPackets === 0 && connection.b.dataPackets === 0;
    if (!connection.hasLeft) {
      if (isAttempt) this.keep(connection);
      return;
    }
    if (!isAttempt) {
      const source = this.slots.of(connection.client)?.source ?? null;
      if (source !== null) source.others++;
      return;
    }
    this.counts(connection);
  }

  private keep(connection: Connection): void {
    this.kept.push(connection);
    remember(connection);
  }

  concludeFirstSyn(syn: Tried): void {
    if (!this.isFlooded(syn.server)) this.counts(syn);
  }

  /** An attempt has left. */
  private counts(attempt: Tried | Probe): void {
    const source = this.attempt(attempt);
    if (source === null || !source.isBusy || source.isTold || !source.isInVain || this.told >= MOST_SCANS) return;
    this.tell(source, (where, account) => this.findings.defer(where, 'scan', account));
  }

  /** Those that tried much: of the others a shard saw a part only, and forgets it. */
  gathered(): SourceFacts[] {
    const busy = new Set(this.known.values());
    for (const { source } of this.slots.values) if (source?.isBusy) busy.add(source);
    return [...busy].map(({ gathered }) => gathered);
  }

  join(shards: readonly (readonly SourceFacts[])[]): void {
    for (const facts of shards.flat()) {
      const source = this.known.get(facts.name) ?? new Source(facts.name);
      source.join(facts);
      this.known.set(facts.name, source);
    }
  }

  concludeCapture({ connections }: CaptureEnd): void {
    const { busy } = this;
    for (const source of this.known.values()) busy.add(source);
    for (const connection of this.kept) this.noteBusy(connection);
    if (busy.size === 0) return;
    connections.visit(({ a, b, client }) => {
      if (!client.hasIss || (a.dataPackets === 0 && b.dataPackets === 0)) return;
      const source = this.slots.of(client)?.source ?? null;
      if (source !== null) source.others++;
    });
    for (const source of busy) {
      if (source.isTold || !source.isInVain || this.told >= MOST_SCANS) continue;
      this.tell(source, (where, account) => this.findings.raise(where, account()!));
    }
  }

  /** Counts an attempt at the end. */
  private noteBusy(attempt: Tried | Probe): void {
    const source = this.attempt(attempt);
    if (source?.isBusy) this.busy.add(source);
  }

  private tell(
    source: Source,
    how: (where: Parameters<Collector['raise']>[0], account: () => Account | null) => void,
  ): void {
    source.isTold = true;
    this.told++;
    this.known.set(source.name, source);
    how({ connection: null, row: null, frame: source.frame, time: source.firstTime }, () => source.account);
  }

  /** Counts it; the source, where it tried before. */
  private attempt(connection: Tried | Probe): Source | null {
    if (this.slots.values.length >= MOST_HOSTS || this.pairs > MOST_PAIRS) {
      this.slots = newSlots();
      this.pairs = 0;
    }
    const slot = this.slots.of(connection.client)!;
    const attempt = new Attempt(connection);
    if (slot.source === null && slot.first === null && this.known.size > 0)
      slot.source = this.known.get(connection.client.address) ?? null;
    if (slot.source === null && slot.first === null) {
      slot.first = attempt;
      return null;
    }
    const isOld = slot.source !== null && !slot.source.isBusy && attempt.time - slot.source.begun > WINDOW;
    if (slot.source === null || isOld) {
      const name = connection.client.address;
      const { first } = slot;
      slot.first = null;
      slot.source = this.known.get(name) ?? new Source(name);
      if (first !== null && attempt.time - first.time <= WINDOW) this.pairs += slot.source.add(first);
    }
    this.pairs += slot.source.add(attempt);
    return slot.source;
  }
}

function newSlots(): HostTable<Slot> {
  return new HostTable(() => ({ first: null, source: null }));
}

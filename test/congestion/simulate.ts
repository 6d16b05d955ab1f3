import type { Connection } from '../../src/model/connection.ts';
import { analyse, analyseWithoutRows } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

/**
 * A small network of its own: one sender that follows a textbook algorithm, a link with a delay and a rate, a receiver that
 * acknowledges every segment. It writes what a capture at the sender would hold, for the replay to work out again.
 */
/** What a sender does at a loss and for each segment acknowledged in avoidance: published formulas, windows in segments, times in ms. */
interface Rules {
  reduced(window: number, path: Path): number;
  /** Segments of growth in a round trip. */
  step(window: number, path: Path): number;
}

interface Path {
  /** Round trip now, at the least and at the most; and since the latest loss. */
  rtt: number;
  least: number;
  most: number;
  sinceLoss: number;
  /** Segments in a millisecond. */
  rate: number;
}

const logShare = (w: number) => Math.log(Math.max(w, 38) / 38) / Math.log(83000 / 38);

/** Senders that no model replays. */
export const OTHERS = {
  /** beta 0.8, and 16 segments a round trip at the most. */
  bic: { reduced: (w) => 0.8 * w, step: (w) => Math.min(Math.max(w / 50, 1), 16) },
  scalable: { reduced: (w) => 0.875 * w, step: (w) => 0.01 * w },
  highspeed: {
    reduced: (w) => w * (0.5 + 0.4 * logShare(w)),
    step: (w) => (w <= 38 ? 1 : (w ** 0.8 * 0.078 * 2 * (0.5 - 0.4 * logShare(w))) / (1.5 + 0.4 * logShare(w))),
  },
  westwood: { reduced: (_w, { rate, least }) => rate * least, step: () => 1 },
  illinois: {
    reduced: (w, { rtt, least, most }) =>
      w * (1 - Math.min(Math.max((rtt - least) / (most - least + 0.01), 0.125), 0.5)),
    step: (_w, { rtt, least, most }) => 10 - 9.7 * Math.min((rtt - least) / (most - least + 0.01), 1),
  },
  vegas: { reduced: (w) => w - 1, step: (w, { rtt, least }) => (w * (1 - least / rtt) < 2 ? 1 : 0) },
  /** Of no paper: between Reno and CUBIC at a loss, and slower than both after it. */
  between: { reduced: (w) => 0.6 * w, step: () => 0.1 },
  ledbat: { reduced: (w) => w / 2, step: (_w, { rtt, least }) => Math.max(0, 0.3 - (rtt - least) / 100) },
} satisfies Record<string, Rules>;

export interface Simulation {
  algorithm: 'tahoe' | 'reno' | 'cubic' | keyof typeof OTHERS;
  sack?: boolean;
  /** Round trip without queue, milliseconds. */
  rtt?: number;
  /** Segments in a millisecond that the bottleneck lets pass; without it there is none. */
  rate?: number;
  segments: number;
  /** Segments (from 0) whose first transmission is lost. */
  lost?: readonly number[];
  /** Segments whose ACKs carry ECN-Echo until the sender answers. */
  marked?: number;
  /** The peer's window in segments. */
  window?: number;
  initialWindow?: number;
  /** The application writes so many segments every so many milliseconds. */
  writes?: { segments: number; every: number };
  /** The receiver's ACKs leave it for the sender once in so many milliseconds only, as over a radio link. */
  slots?: number;
  /** Where the capture is made: milliseconds after the sender, of the way there and back. */
  captureAt?: 'sender' | 'receiver';
  /** The sender's packets only. */
  captured?: 'there';
  /** The capture begins so many milliseconds after the SYN, without the handshake. */
  begunAt?: number;
}

const MSS = 1448;
const TIMEOUT = 300;
/** No simulation is this long. */
const MOST_EVENTS = 20_000;

interface Event {
  time: number;
  kind: 'arrives' | 'ack' | 'write';
  segment: number;
  ack: number;
  sacked: readonly number[];
  ece: boolean;
  /** Timestamps, in milliseconds: its own, and the one that it echoes. */
  stamp: number;
  echo: number;
  /** When its receiver sent an ACK. */
  left: number;
}

/** The windows that the sender had: after every ACK, segments. */
export interface Truth {
  time: number;
  cwnd: number;
  ssthresh: number;
}

export function simulate(simulation: Simulation) {
  const { truth, pcap } = captureOf(simulation);
  const { analyzer, rows } = analyse(pcap);
  return { truth, rows, connection: analyzer.connections[0] };
}

/** What is known of the connection in the end; nobody looks at its packets, which takes half as long. */
export function simulatedConnection(simulation: Simulation): Connection {
  return analyseWithoutRows(captureOf(simulation).pcap).connections[0];
}

function captureOf(simulation: Simulation): { truth: Truth[]; pcap: Uint8Array } {
  const sender = new Sender(simulation);
  sender.run();
  const { pcap } = scenario({ snaplen: 120, resolution: 'us' }, sender.captured().join('\n'));
  return { truth: sender.truth, pcap };
}

class Sender {
  private readonly s: Required<Omit<Simulation, 'writes' | 'marked' | 'rate' | 'slots' | 'captured' | 'begunAt'>> &
    Simulation;
  private readonly events: Event[] = [];
  /** When each passes the sender, and when the receiver. */
  private readonly wire: { sender: number; receiver: number; text: string }[] = [];
  readonly truth: Truth[] = [];

  private now = 60;
  private cwnd: number;
  private ssthresh = Number.POSITIVE_INFINITY;
  private una = 0;
  private next = 0;
  private written: number;
  private dupAcks = 0;
  private recover = -1;
  /** Highest segment that was sent when everything began again: its duplicate ACKs tell nothing (RFC 6582 section 4). */
  private high = -1;
  private readonly sacked = new Set<number>();
  private readonly sentAgain = new Set<number>();
  private readonly everSent = new Set<number>();
  /** When the retransmission timer expires. */
  private deadline = 0;
  private linkFree = 0;
  /** TSval of the latest ACK. */
  private echo = 1;
  private readonly received = new Set<number>();
  private marksUntil = -1;
  private answered = -1;
  // Round trips, and when the latest loss was told.
  private readonly sentAt = new Map<number, number>();
  private readonly path: Path = { rtt: 0, least: Number.POSITIVE_INFINITY, most: 0, sinceLoss: 0, rate: 0 };
  // CUBIC
  private maximum = 0;
  private epoch = -1;
  private origin = 0;

  constructor(simulation: Simulation) {
    this.s = {
      sack: true,
      rtt: 40,
      lost: [],
      window: 10000,
      initialWindow: 10,
      captureAt: 'sender',
      ...simulation,
    };
    this.cwnd = this.s.initialWindow;
    this.written = this.s.writes === undefined ? this.s.segments : this.s.writes.segments;
    if (this.s.writes !== undefined) this.later(this.s.writes.every, { kind: 'write' });
  }

  run(): void {
    this.send();
    for (let left = MOST_EVENTS; left > 0 && this.una < this.s.segments; left--) {
      this.events.sort((a, b) => a.time - b.time);
      const event = this.events[0];
      if (this.una < this.next && (event === undefined || event.time > this.deadline)) {
        this.now = this.deadline;
        this.timesOut();
        continue;
      }
      this.events.shift();
      this.now = Math.max(this.now, event.time);
      if (event.kind === 'arrives') this.arrives(event);
      else if (event.kind === 'ack') this.acknowledged(event);
      else this.write();
    }
    if (this.una < this.s.segments) throw new Error('the simulated sender does not get on');
  }

  private later(delay: number, event: Partial<Event>): void {
    const base = { segment: 0, ack: 0, sacked: [], ece: false, stamp: 0, echo: 0, left: 0, kind: 'write' as const };
    this.events.push({ ...base, ...event, time: this.now + delay });
  }

  private write(): void {
    const { segments, every } = this.s.writes!;
    this.written = Math.min(this.written + segments, this.s.segments);
    if (this.written < this.s.segments) this.later(every, { kind: 'write' });
    this.send();
  }

  private get inFlight(): number {
    let count = 0;
    const limit = this.recover >= 0 ? this.lossLimit() : 0;
    for (let i = this.una; i < this.next; i++) {
      if (this.sacked.has(i)) continue;
      if (i < limit && !this.sentAgain.has(i)) continue;
      count++;
    }
    return this.s.sack ? count : count - this.dupAcks;
  }

  private isLost(segment: number): boolean {
    return segment < this.lossLimit();
  }

  /** What is below it is lost: three segments above were SACKed; without SACK it is the first alone. */
  private lossLimit(): number {
    if (!this.s.sack) return this.una + 1;
    let [first, second, third] = [-1, -1, -1];
    for (const sacked of this.sacked) {
      if (sacked > first) [first, second, third] = [sacked, first, second];
      else if (sacked > second) [second, third] = [sacked, second];
      else if (sacked > third) third = sacked;
    }
    return third;
  }

  private send(): void {
    while (this.inFlight < Math.floor(this.cwnd)) {
      const again = this.missing();
      if (again >= 0) this.transmit(again);
      else if (this.next < this.written && this.next - this.una < this.s.window) this.transmit(this.next++);
      else return;
    }
  }

  /** A segment that is known to be lost and was not sent again, -1 none. */
  private missing(): number {
    if (this.recover < 0 || !this.s.sack) return -1;
    const end = Math.min(this.recover + 1, this.lossLimit());
    for (let i = this.una; i < end; i++) if (!this.sacked.has(i) && !this.sentAgain.has(i)) return i;
    return -1;
  }

  private transmit(segment: number): void {
    const again = this.everSent.has(segment);
    if (again) this.sentAgain.add(segment);
    const start = 1 + segment * MSS;
    // PSH where a write ends, as Linux sets it.
    const flags = segment + 1 === this.written ? 'P.' : '.';
    this.note(
      this.now + this.s.rtt / 2,
      `> ${flags} ${start}:${start + MSS}(${MSS}) ack 1 <nop,nop,TS val ${this.stamp()} ecr ${this.echo}>`,
    );
    this.everSent.add(segment);
    this.sentAt.set(segment, this.now);
    this.armTimer();
    if (!again && this.s.lost.includes(segment)) return;
    const { rate, rtt } = this.s;
    this.linkFree = Math.max(this.linkFree, this.now) + (rate === undefined ? 0.002 : 1 / rate);
    this.later(this.linkFree - this.now + rtt / 2, { kind: 'arrives', segment, echo: this.stamp() });
  }

  private stamp(): number {
    return Math.floor(this.now);
  }

  private armTimer(): void {
    this.deadline = this.now + TIMEOUT;
  }

  private arrives({ segment, echo }: Event): void {
    this.received.add(segment);
    let ack = this.una;
    while (this.received.has(ack)) ack++;
    const sacked = [...this.received].filter((i) => i > ack).sort((a, b) => a - b);
    if (segment === this.s.marked) this.marksUntil = Number.POSITIVE_INFINITY;
    const ece = this.marksUntil > segment && segment >= (this.s.marked ?? Number.POSITIVE_INFINITY);
    const { slots, rtt } = this.s;
    const held = slots === undefined ? 0 : slots - (this.now % slots);
    this.later(held + rtt / 2, { kind: 'ack', ack, sacked, ece, stamp: this.stamp(), echo, left: this.now });
  }

  private acknowledged(event: Event): void {
    this.noteAck(event);
    this.echo = event.stamp;
    const advanced = Math.max(event.ack - this.una, 0);
    if (this.s.sack) for (const i of event.sacked) this.sacked.add(i);
    if (advanced > 0) {
      this.measure(this.now - (this.sentAt.get(event.ack - 1) ?? this.now));
      this.una = event.ack;
      this.next = Math.max(this.next, this.una);
      // What duplicate ACKs spoke of is among what is now acknowledged, but for the hole itself.
      this.dupAcks = Math.max(this.dupAcks - (advanced - 1), 0);
      this.armTimer();
    } else if (this.una > this.high) this.dupAcks++;
    this.react(advanced);
    if (event.ece && this.una > this.answered) {
      this.ssthresh = this.cwnd = this.reduced();
      this.answered = this.next;
      this.marksUntil = event.ack;
    }
    this.send();
    this.truth.push({ time: this.now, cwnd: Math.floor(this.cwnd), ssthresh: this.ssthresh });
  }

  private react(advanced: number): void {
    if (this.recover >= 0) {
      if (this.una > this.recover) {
        this.recover = -1;
        this.sentAgain.clear();
        return;
      }
      // RFC 6582: a partial ACK has the next hole sent again at once.
      if (advanced > 0 && !this.s.sack) this.transmit(this.una);
      return;
    }
    const told = this.s.sack ? this.isLost(this.una) && this.una < this.next : advanced === 0 && this.dupAcks === 3;
    if (told) this.losesSegment();
    else if (advanced > 0) this.grow(advanced);
  }

  private losesSegment(): void {
    // RFC 3168 section 6.1.2: a window is reduced once for the marks and losses in it.
    if (this.una > this.answered) this.ssthresh = this.reduced();
    if (this.s.algorithm === 'tahoe') {
      // Back to one segment, from which everything is sent again.
      this.cwnd = 1;
      this.high = this.next - 1;
      this.next = this.una + 1;
      this.dupAcks = 0;
    } else {
      this.cwnd = this.ssthresh;
      this.recover = this.next - 1;
    }
    this.transmit(this.una);
  }

  private timesOut(): void {
    this.ssthresh = this.reduced();
    this.cwnd = 1;
    this.maximum = 0;
    this.epoch = -1;
    this.sacked.clear();
    this.sentAgain.clear();
    this.recover = -1;
    this.next = this.una + 1;
    this.transmit(this.una);
  }

  private measure(rtt: number): void {
    const { path } = this;
    path.rtt = rtt;
    path.least = Math.min(path.least, rtt);
    path.most = Math.max(path.most, rtt);
    path.rate = this.s.rate ?? this.cwnd / rtt;
  }

  private get rules(): Rules | null {
    return this.s.algorithm in OTHERS ? OTHERS[this.s.algorithm as keyof typeof OTHERS] : null;
  }

  private reduced(): number {
    this.epoch = -1;
    if (this.rules !== null) return Math.max(Math.floor(this.rules.reduced(this.cwnd, this.path)), 2);
    if (this.s.algorithm !== 'cubic') return Math.max(Math.floor(this.cwnd / 2), 2);
    this.maximum = this.cwnd;
    return Math.max(Math.floor(this.cwnd * 0.7), 2);
  }

  private grow(acked: number): void {
    if (this.next - this.una + acked < Math.floor(this.cwnd)) return;
    if (this.s.algorithm === 'tahoe') acked = Math.min(acked, 1);
    if (this.cwnd < this.ssthresh) this.cwnd = Math.min(this.cwnd + acked, this.ssthresh);
    else if (this.s.algorithm === 'cubic') this.growCubic();
    else if (this.rules !== null) this.cwnd += (acked * this.rules.step(this.cwnd, this.path)) / this.cwnd;
    else this.cwnd += acked / Math.floor(this.cwnd);
  }

  /** RFC 8312 equation 1, with its region of fairness to Reno. */
  private growCubic(): void {
    if (this.epoch < 0) {
      this.epoch = this.now;
      this.origin = this.cwnd;
    }
    const t = (this.now - this.epoch) / 1000;
    const maximum = Math.max(this.maximum, this.origin);
    const k = Math.cbrt((maximum - this.origin) / 0.4);
    const cubic = 0.4 * (t + this.s.rtt / 1000 - k) ** 3 + maximum;
    const friendly = this.origin + (3 * (0.3 / 1.7) * t * 1000) / this.s.rtt;
    this.cwnd = Math.max(this.cwnd, Math.min(Math.max(cubic, friendly), this.cwnd * 1.5));
  }

  private noteAck({ ack, sacked, ece, stamp, echo, left }: Event): void {
    const blocks: string[] = [];
    for (let i = 0; this.s.sack && i < sacked.length; i++) {
      const from = sacked[i];
      while (sacked[i + 1] === sacked[i] + 1) i++;
      blocks.unshift(`${1 + from * MSS}:${1 + (sacked[i] + 1) * MSS}`);
    }
    const shown = blocks.slice(0, 3);
    const sack = shown.length === 0 ? '' : `,nop,nop,sack ${shown.join(' ')}`;
    const flags = ece ? '.E' : '.';
    const window = this.s.window === 10000 ? 60000 : Math.floor((this.s.window * MSS) / 256);
    this.note(left, `< ${flags} ack ${1 + ack * MSS} win ${window} <nop,nop,TS val ${stamp} ecr ${echo}${sack}>`);
  }

  private note(receiver: number, text: string): void {
    this.wire.push({ sender: this.now, receiver, text });
  }

  /** The capture: at the sender as it happened, at the receiver half a round trip later or as much as an ACK took earlier. */
  captured(): string[] {
    const { rtt, sack, captureAt } = this.s;
    const shift = captureAt === 'sender' ? 0 : rtt / 2;
    const both = sack ? 'sackOK,' : '';
    const options = `<mss 1460,${both}TS val 1 ecr 0,nop,wscale 8>`;
    const frames = [
      { time: 10 + shift, text: `> S seq 0 win 60000 ${options}` },
      { time: 10 + rtt - shift, text: `< S. seq 0 ack 1 win 60000 ${options}` },
      { time: 10 + rtt + 0.05 + shift, text: '> . ack 1 win 500 <nop,nop,TS val 2 ecr 1>' },
      ...this.wire.map(({ sender, receiver, text }) => ({ time: captureAt === 'sender' ? sender : receiver, text })),
    ];
    return frames
      .filter(({ text }) => this.s.captured === undefined || text.startsWith('>'))
      .filter(({ time }) => time >= (this.s.begunAt ?? 0))
      .map((frame, i) => ({ ...frame, i }))
      .sort((a, b) => a.time - b.time || a.i - b.i)
      .map(({ time, text }) => `${(time / 1000).toFixed(6)} ${text}`);
  }
}

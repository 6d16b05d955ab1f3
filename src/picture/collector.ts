import { budgetOf, type Owner, TIME_USES } from '../model/budget.ts';
import { PHASE_NAMES } from '../model/congestion.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { FIN, PSH, RST, SYN } from '../model/flags.ts';
import type { PacketRow } from '../model/row.ts';
import { Cause, Fate, Kind } from '../model/verdict.ts';
import type { Band, Graph, GraphType, Series, Shape, Tone } from './graph.ts';
import { Bins, Points } from './points.ts';

/** Bands that are kept; more would be thinner than a character. */
const MAX_BANDS = 1 << 14;
/** Stretches of a throughput graph. */
const STRETCHES = 120;

/** Takes the rows of one connection and makes a graph of them. Memory does not grow with the number of rows. */
export class GraphCollector {
  private readonly type: GraphType;
  private readonly sides: readonly [SideCollector, SideCollector];
  private connection: Connection | null = null;
  /** Times of the first and the last packet that is shown. */
  private start = Number.POSITIVE_INFINITY;
  private end = 0;
  private isWhole = true;

  constructor(type: GraphType) {
    this.type = type;
    this.sides = [new SideCollector(type), new SideCollector(type)];
  }

  /** Every row of the connection is taken; the graph shows the time of those that are `isShown`. */
  take(row: PacketRow, isShown = true): void {
    const { index } = row.sender;
    const time = Math.max(row.sinceStart, 0);
    if (isShown) {
      this.connection ??= row.connection;
      this.start = Math.min(this.start, time);
      this.end = Math.max(this.end, time);
    } else this.isWhole = false;
    this.sides[index].sends(row, time);
    this.sides[1 - index].hears(row, time);
    for (const side of [0, 1] as const) this.sides[side].after(row, time, side);
  }

  /** The graph of what one end sent: `side`, or the end that sent more. Null where no row is shown. */
  graph(side: 'client' | 'server' | null): Graph | null {
    const { connection, type, start, end } = this;
    if (connection === null) return null;
    const { a, b, client, server } = connection;
    const chosen: Endpoint =
      side === 'client'
        ? client
        : side === 'server'
          ? server
          : a.payloadBytes > b.payloadBytes
            ? a
            : b.payloadBytes > a.payloadBytes
              ? b
              : client;
    if (type === 'time') return timeGraph(connection, start, end, this.isWhole);
    const collected = this.sides[chosen.index];
    return {
      type,
      title: `${TITLES[type]} of ${chosen.name} (${chosen.role})`,
      sender: chosen,
      start,
      end,
      bands: bandsWithin(collected.bands, start, end),
      ...AXES[type],
      series: collected.finish(start, end).filter(({ points }) => points.length > 0),
    };
  }
}

/** Where the time of the connection went: the spans of its budget as bands. */
function timeGraph(connection: Connection, start: number, lastPacket: number, isWhole: boolean): Graph {
  const { client, server } = connection;
  const bands = (budgetOf(connection)?.spans ?? []).map(({ start, end, use }): Band => {
    const { owner, cause } = TIME_USES[use];
    return { from: start, to: end, name: owner === cause ? owner : `${owner}: ${cause}`, tone: OWNER_TONES[owner] };
  });
  const end = isWhole ? Math.max(lastPacket, bands.at(-1)?.to ?? 0) : lastPacket;
  return {
    type: 'time',
    title: `Where the time of ${client.name} and ${server.name} went`,
    sender: null,
    start,
    end,
    bands: bandsWithin(bands, start, end),
    series: [],
    ...AXES.time,
  };
}

function bandsWithin(bands: readonly Band[], start: number, end: number): Band[] {
  return bands
    .filter(({ from, to }) => to > start && from < end)
    .map((band) => ({ ...band, from: Math.max(band.from, start), to: Math.min(band.to, end) }));
}

const OWNER_TONES: Readonly<Record<Owner, Tone>> = {
  network: 'warning',
  server: 'server',
  client: 'client',
  idle: 'quiet',
  closing: 'good',
  unknown: 'info',
};

const TITLES: Readonly<Record<GraphType, string>> = {
  sequence: 'Sequence numbers',
  rtt: 'Round trips',
  throughput: 'Throughput',
  window: 'Receive window and bytes in flight',
  congestion: 'Congestion control',
  time: 'Time',
};

const AXES = {
  sequence: { unit: 'bytes', what: 'sequence number' },
  rtt: { unit: 'duration', what: 'round trip' },
  throughput: { unit: 'rate', what: 'rate' },
  window: { unit: 'bytes', what: 'bytes' },
  congestion: { unit: 'bytes', what: 'bytes' },
  time: { unit: 'duration', what: 'time' },
} as const;

/** Why a segment stands out, and its letter. */
const MARKS = [
  ['retransmission', 'R', 'warning'],
  ['retransmission by timeout', 'T', 'error'],
  ['tail loss probe', 'P', 'warning'],
  ['reordered', 'o', 'info'],
  ['duplicate', 'd', 'quiet'],
  ['lost', 'x', 'error'],
  ['keep-alive or window probe', 'k', 'info'],
  ['SYN', 'S', 'good'],
  ['FIN', 'F', 'good'],
  ['RST', '!', 'error'],
  ['zero window', 'Z', 'error'],
] as const;
type MarkName = (typeof MARKS)[number][0];

/** What one end sent, and what it was told. */
class SideCollector {
  private readonly type: GraphType;
  readonly bands: Band[] = [];
  private readonly series = new Map<string, Series>();
  /** Sums of the throughput graph; the others have no use for their memory. */
  private readonly sent: Bins | null;
  private readonly delivered: Bins | null;
  private highest = 0;
  private acked = 0;
  private samples = 0;

  constructor(type: GraphType) {
    this.type = type;
    this.sent = type === 'throughput' ? new Bins() : null;
    this.delivered = type === 'throughput' ? new Bins() : null;
  }

  /** A packet of this end. */
  sends(row: PacketRow, time: number): void {
    const { type } = this;
    this.highest = Math.max(this.highest, row.end);
    if (type === 'sequence') this.drawSegment(row, time);
    else if (type === 'window') this.drawFlight(time);
    this.sent?.add(time, row.view.payloadLength);
  }

  /** A packet of the other end: what it acknowledges, and its window. */
  hears(row: PacketRow, time: number): void {
    if (row.ack < 0) return;
    const { type } = this;
    if (row.ack > this.acked) {
      this.delivered?.add(time, row.ack - this.acked);
      this.acked = row.ack;
    }
    const hasWindow = row.window >= 0 && !(row.view.flags & RST);
    if (type === 'sequence') {
      this.add('acknowledged', 'step', 'good', time, row.ack);
      if (hasWindow) this.add('window edge', 'step', 'quiet', time, row.ack + row.window);
      this.drawSack(row, time);
      if (row.window === 0 && hasWindow && !(row.view.flags & SYN)) this.mark('zero window', time, row.ack);
    } else if (type === 'window') {
      if (hasWindow) this.add('receive window', 'step', 'good', time, row.window);
      this.drawFlight(time);
    } else if (type === 'congestion' && hasWindow) this.add('receive window', 'step', 'quiet', time, row.window);
  }

  /** What the packet, of whichever end, changed in what is known of this one; `side` is its index. */
  after(row: PacketRow, time: number, side: 0 | 1): void {
    if (this.type === 'rtt') {
      const samples = row.rttSamples[side];
      if (samples === this.samples) return;
      this.samples = samples;
      this.add('sample', 'dots', 'info', time, row.rtt[3 * side]);
      this.add('smoothed (RFC 6298)', 'step', 'good', time, row.rtt[3 * side + 1]);
    } else if (this.type === 'congestion') {
      const snapshot = row.congestion[side];
      if (snapshot === null) return;
      if (snapshot.cwnd > 0) this.add('congestion window', 'step', 'info', time, snapshot.cwnd);
      if (Number.isFinite(snapshot.ssthresh) && snapshot.ssthresh > 0)
        this.add('slow start threshold', 'step', 'warning', time, snapshot.ssthresh);
      if (snapshot.flightSize >= 0) this.add('in flight', 'dots', 'client', time, snapshot.flightSize);
      this.extend(PHASE_NAMES[snapshot.phase], time);
    }
  }

  finish(start: number, end: number): Series[] {
    if (this.sent !== null && this.delivered !== null) {
      return [
        { name: 'sent', shape: 'line', tone: 'info', points: this.sent.rates(STRETCHES, start, end) },
        { name: 'acknowledged', shape: 'line', tone: 'good', points: this.delivered.rates(STRETCHES, start, end) },
      ];
    }
    return [...this.series.values()].map((one) => ({ ...one, points: one.points.within(start, end) }));
  }

  private drawSegment(row: PacketRow, time: number): void {
    const { view, verdict } = row;
    const end = row.seq + view.payloadLength;
    if (view.payloadLength > 0) this.add('segments', 'strokes', 'client', time, row.seq, end);
    if (view.flags & PSH) this.add('pushed', 'dots', 'info', time, end);
    if (view.flags & SYN) this.mark('SYN', time, row.seq);
    if (view.flags & FIN) this.mark('FIN', time, row.end);
    if (view.flags & RST) this.mark('RST', time, Math.max(row.seq, 0));
    if (verdict === null) return;
    if (verdict.fate === Fate.LOST) this.mark('lost', time, row.seq);
    switch (verdict.kind) {
      case Kind.RETRANSMISSION:
        this.mark(RETRANSMISSIONS[verdict.cause] ?? 'retransmission', time, row.seq);
        return;
      case Kind.REORDERED:
        this.mark('reordered', time, row.seq);
        return;
      case Kind.DUPLICATE:
        this.mark('duplicate', time, row.seq);
        return;
      case Kind.KEEP_ALIVE:
      case Kind.WINDOW_PROBE:
        this.mark('keep-alive or window probe', time, row.seq);
    }
  }

  private drawSack({ view, sender }: PacketRow, time: number): void {
    const { peer } = sender;
    for (let i = 0; i < view.sackCount; i++) {
      // Raw sequence numbers, less than half the space away from what is acknowledged.
      const left = this.acked + ((view.sack[2 * i] - (peer.base + this.acked)) | 0);
      const right = this.acked + ((view.sack[2 * i + 1] - (peer.base + this.acked)) | 0);
      if (right > left && right <= this.highest && left >= 0)
        this.add('selectively acknowledged', 'strokes', 'warning', time, left, right);
    }
  }

  private drawFlight(time: number): void {
    this.add('in flight', 'step', 'info', time, Math.max(this.highest - this.acked, 0));
  }

  private mark(name: MarkName, time: number, value: number): void {
    const [, letter, tone] = MARKS.find(([known]) => known === name)!;
    this.add(name, 'marks', tone, time, value, value, letter);
  }

  private add(name: string, shape: Shape, tone: Tone, time: number, value: number, to = value, letter = ''): void {
    let series = this.series.get(name);
    if (series === undefined) {
      series = { name, shape, tone, points: new Points(), ...(letter === '' ? {} : { letter }) };
      this.series.set(name, series);
    }
    series.points.add(time, value, to);
  }

  private extend(name: string, time: number): void {
    const last = this.bands[this.bands.length - 1];
    if (last !== undefined) this.bands[this.bands.length - 1] = { ...last, to: Math.max(time, last.from) };
    if (last?.name === name || this.bands.length >= MAX_BANDS) return;
    this.bands.push({ from: time, to: time, name, tone: PHASE_TONES[name] ?? 'quiet' });
  }
}

const RETRANSMISSIONS: Readonly<Record<number, MarkName>> = {
  [Cause.RTO]: 'retransmission by timeout',
  [Cause.RTO_RECOVERY]: 'retransmission by timeout',
  [Cause.SYN]: 'retransmission by timeout',
  [Cause.SYN_ACK]: 'retransmission by timeout',
  [Cause.TLP]: 'tail loss probe',
};

const PHASE_TONES: Readonly<Record<string, Tone>> = {
  'slow-start': 'good',
  'congestion-avoidance': 'info',
  'fast-recovery': 'warning',
  'loss-recovery': 'error',
  'app-limited': 'quiet',
};

import { ALGORITHM_NAMES, type CongestionSnapshot, Phase, VANTAGE_NAMES } from '../model/congestion.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { PacketRow } from '../model/row.ts';
import { Fate, Kind } from '../model/verdict.ts';

/** Version 0.3 (draft-ietf-quic-qlog-main-schema-02), which qvis reads. */
const VERSION = '0.3';

const STATES: Record<number, string> = {
  [Phase.SLOW_START]: 'slow_start',
  [Phase.CONGESTION_AVOIDANCE]: 'congestion_avoidance',
  [Phase.FAST_RECOVERY]: 'recovery',
  [Phase.LOSS_RECOVERY]: 'recovery',
  [Phase.APP_LIMITED]: 'application_limited',
};

interface QlogEvent {
  time: number;
  name: string;
  data: object;
}

interface Sent {
  number: number;
  end: number;
  row: PacketRow;
}

/**
 * One sender as a qlog trace: its segments of data, numbered from 0 in the order of sending, the ACKs that it got, and the
 * recovery events (`metrics_updated`, `congestion_state_updated`, `packet_lost`).
 */
export class QlogTrace {
  private readonly sender: Endpoint;
  private readonly events: QlogEvent[] = [];
  private readonly unacknowledged: Sent[] = [];
  private readonly sent: Sent[] = [];
  private metrics = '';
  private state = '';

  constructor(sender: Endpoint) {
    this.sender = sender;
  }

  get isEmpty(): boolean {
    return this.sent.length === 0;
  }

  /** Takes every row of the connection, in order. */
  add(row: PacketRow): void {
    const time = this.timeOf(row);
    if (row.sender === this.sender) this.sends(row, time);
    else if (row.ack >= 0) this.hears(row, time);
    const snapshot = row.congestion[this.sender.index];
    if (snapshot !== null) this.update(snapshot, row, time);
  }

  private timeOf(row: PacketRow): number {
    return (row.view.time - this.sender.connection.firstTime) / 1e6;
  }

  private sends(row: PacketRow, time: number): void {
    if (row.view.payloadLength === 0 || row.verdict?.kind === Kind.DUPLICATE) return;
    const number = this.sent.length;
    const sent = { number, end: row.end, row };
    this.sent.push(sent);
    this.unacknowledged.push(sent);
    this.events.push({
      time,
      name: 'transport:packet_sent',
      data: { header: header(number), raw: raw(row), is_retransmission: row.verdict?.kind === Kind.RETRANSMISSION },
    });
  }

  private hears(row: PacketRow, time: number): void {
    const acked: Sent[] = [];
    const left: Sent[] = [];
    for (const sent of this.unacknowledged) (sent.end > row.ack ? left : acked).push(sent);
    if (acked.length === 0) return;
    this.unacknowledged.splice(0, this.unacknowledged.length, ...left);
    this.events.push({ time, name: 'transport:packet_received', data: new Acknowledgment(row, acked) });
  }

  private update(snapshot: CongestionSnapshot, row: PacketRow, time: number): void {
    const { cwnd, ssthresh, flightSize, phase } = snapshot;
    const i = this.sender.index * 3;
    const ms = (value: number) => (value < 0 ? undefined : value / 1e6);
    const data = {
      congestion_window: cwnd,
      bytes_in_flight: flightSize,
      ssthresh: Number.isFinite(ssthresh) ? ssthresh : undefined,
      latest_rtt: ms(row.rtt[i]),
      smoothed_rtt: ms(row.rtt[i + 1]),
    };
    const metrics = JSON.stringify(data);
    if (metrics !== this.metrics) {
      this.metrics = metrics;
      this.events.push({ time, name: 'recovery:metrics_updated', data });
    }
    const state = STATES[phase] ?? '';
    if (state === '' || state === this.state) return;
    const old = this.state === '' ? {} : { old: this.state };
    this.state = state;
    this.events.push({ time, name: 'recovery:congestion_state_updated', data: { ...old, new: state } });
  }

  /** The whole trace; what became of the segments is settled by now. */
  toObject(origin: bigint): object {
    const { sender } = this;
    const { connection } = sender;
    const lost = this.sent.filter(({ row }) => row.verdict?.fate === Fate.LOST).map((sent) => this.lost(sent));
    const events = [...this.events, ...lost].sort((a, b) => a.time - b.time);
    const vantage = VANTAGE_NAMES[sender.congestion?.vantage ?? 0];
    return {
      title: `stream ${connection.id}, ${sender.role} ${sender.name}`,
      description: `congestion control: ${ALGORITHM_NAMES[sender.congestion?.algorithm ?? 0]}, captured at: ${vantage}`,
      vantage_point: { type: vantage === 'sender' ? sender.role : 'network', flow: sender.role },
      common_fields: {
        protocol_type: ['TCP'],
        group_id: String(connection.id),
        time_format: 'relative',
        reference_time: referenceTime(origin, connection),
      },
      events,
    };
  }

  /** A segment is known to be lost when its bytes are sent again; one that never was is put at its own time. */
  private lost({ number, row }: Sent): QlogEvent {
    const again = this.sent.find((later) => later.number > number && later.row.seq < row.end && later.end > row.seq);
    return {
      time: this.timeOf(again?.row ?? row),
      name: 'recovery:packet_lost',
      data: { header: header(number), trigger: row.verdict?.cause === 0 ? 'reordering_threshold' : undefined },
    };
  }
}

/** An ACK as qlog has it: of the copies of a segment it names those that arrived, which is known when it is written. */
class Acknowledgment {
  private readonly row: PacketRow;
  private readonly acked: readonly Sent[];

  constructor(row: PacketRow, acked: readonly Sent[]) {
    this.row = row;
    this.acked = acked;
  }

  toJSON() {
    const ranges: [number, number][] = [];
    for (const { number, row } of this.acked) {
      if (row.verdict?.fate === Fate.LOST) continue;
      const last = ranges[ranges.length - 1];
      if (last !== undefined && last[1] === number - 1) last[1] = number;
      else ranges.push([number, number]);
    }
    return {
      header: header(this.row.view.frame),
      raw: raw(this.row),
      frames: [{ frame_type: 'ack', acked_ranges: ranges }],
    };
  }
}

function header(number: number) {
  return { packet_type: '1RTT', packet_number: number };
}

function raw(row: PacketRow) {
  return { length: row.view.ipTotalLength, payload_length: row.view.payloadLength };
}

/** Milliseconds since 1970 of the connection's first packet. */
function referenceTime(origin: bigint, connection: Connection): number {
  return Number(origin / 1000n) / 1e3 + connection.firstTime / 1e6;
}

/** The file: traces of all senders. */
export function qlogFile(traces: readonly QlogTrace[], origin: bigint): object {
  return {
    qlog_version: VERSION,
    qlog_format: 'JSON',
    title: 'TCP connections, congestion control replayed from a capture',
    traces: traces.filter((trace) => !trace.isEmpty).map((trace) => trace.toObject(origin)),
  };
}

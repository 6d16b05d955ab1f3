import { listOptions, type TcpOption } from '../decode/tcp-options.ts';
import { type FieldName, type Told, tell } from '../messages/story.ts';
import { TIME_USES } from '../model/budget.ts';
import { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../model/flags.ts';
import type { PacketRow } from '../model/row.ts';
import { CHECKSUM_STATUS_NAMES, type SegmentView } from '../model/segment.ts';
import { formatHex16, formatSeconds } from '../model/units.ts';
import { CAUSE_NAMES, FATE_NAMES, KIND_NAMES, Kind } from '../model/verdict.ts';
import { type Step, Steps } from './steps.ts';

/** A field of a packet, its value as on the wire or relative to the SYN, and its meaning here. */
interface FieldTold {
  readonly name: FieldName;
  readonly value: string;
  readonly meaning: readonly Told[];
}

/** One packet in all its parts. */
export interface PacketTale {
  readonly step: Step;
  readonly fields: readonly FieldTold[];
  readonly why: readonly Told[];
  readonly follows: readonly Told[];
  readonly verdict: readonly Told[];
}

/** Takes the rows of one connection in their order and tells of the packet `frame`: what led to it, and what followed. */
export class PacketTeller {
  private readonly frame: number;
  private readonly steps = new Steps();
  private step: Step | null = null;
  private acked: PacketRow | null = null;
  private resent: PacketRow | null = null;

  constructor(frame: number) {
    this.frame = frame;
  }

  take(row: PacketRow): void {
    if (this.step === null) {
      const step = this.steps.take(row);
      if (row.view.frame === this.frame) this.step = step;
      return;
    }
    const target = this.step.row;
    if (target.end <= target.seq) return;
    if (row.sender === target.sender) {
      const isRetransmission =
        row.verdict?.kind === Kind.RETRANSMISSION && row.seq < target.end && row.end > target.seq;
      if (isRetransmission) this.resent ??= row;
    } else if (row.ack >= target.end) this.acked ??= row;
  }

  /** Null where the connection has no such packet. */
  tell(): PacketTale | null {
    const { step } = this;
    if (step === null) return null;
    return {
      step,
      fields: fieldsOf(step),
      why: [...step.what, ...waits(step.row), ...step.options],
      follows: [...this.follows(step.row), ...step.states],
      verdict: [...judged(step.row), ...step.verdict],
    };
  }

  private follows(target: PacketRow): Told[] {
    const { acked, resent } = this;
    if (target.view.flags & RST) return [tell('follow.reset', {})];
    if (target.end <= target.seq) return [tell('follow.no-ack-due', {})];
    const told: Told[] = [];
    if (resent !== null) told.push(tell('follow.resent', { frame: resent.view.frame, after: later(resent, target) }));
    const { role } = target.sender.peer;
    if (acked === null) told.push(tell('follow.unacked', { role }));
    else told.push(tell('follow.acked', { role, frame: acked.view.frame, after: later(acked, target) }));
    return told;
  }
}

function later(row: PacketRow, target: PacketRow): number {
  return row.view.time - target.view.time;
}

function waits({ waits: of }: PacketRow): Told[] {
  const told = of.filter(({ time }) => time > 0).map(({ use, time }) => ({ ...TIME_USES[use], time }));
  return told.length === 0 ? [] : [tell('why.waits', { waits: told })];
}

function judged({ verdict }: PacketRow): Told[] {
  if (verdict === null) return [tell('judged.none', {})];
  const { kind, cause, fate, confidence, evidence, original } = verdict;
  const named = { kind: KIND_NAMES[kind], fate: FATE_NAMES[fate] };
  if (kind === Kind.NEW || kind === Kind.ACK) return [tell('judged.plain', named)];
  const shown = original > 0 ? [original, ...evidence.filter((frame) => frame !== original)] : evidence;
  return [tell('judged.as', { ...named, cause: CAUSE_NAMES[cause], confidence, evidence: shown })];
}

function fieldsOf({ row, numbers, acknowledges, window }: Step): FieldTold[] {
  const { view, sender } = row;
  return [
    field(
      'time',
      `${formatSeconds(row.sinceStart)} s`,
      tell('field.time', { sinceStart: row.sinceStart, sincePrevious: row.sincePrevious }),
    ),
    field('from', sender.name, tell('field.sender', { role: sender.role })),
    field('to', sender.peer.name, tell('field.receiver', { role: sender.peer.role })),
    ...ipFields(view),
    { name: 'seq', value: `${row.seq} (${view.seq})`, meaning: numbers },
    { name: 'ack', value: row.ack < 0 ? '-' : `${row.ack} (${view.ack})`, meaning: acknowledges },
    field('header', String(view.headerLength), tell('field.header-length', { options: view.headerLength - 20 })),
    ...flagFields(view.flags),
    { name: 'window', value: String(view.rawWindow), meaning: [windowMeaning(row), ...window] },
    field(
      'checksum',
      formatHex16(view.tcpChecksumFound),
      tell('field.checksum', {
        status: CHECKSUM_STATUS_NAMES[view.tcpChecksumStatus],
        expected: view.tcpChecksumExpected,
      }),
    ),
    field(
      'urgent',
      String(view.urgentPointer),
      tell('field.urgent', { pointer: view.flags & URG ? view.urgentPointer : 0 }),
    ),
    ...optionFields(row),
    field(
      'payload',
      String(view.payloadLength),
      view.payloadLength === 0
        ? tell('field.payload.none', {})
        : tell('field.payload', { bytes: view.payloadLength, captured: view.payloadCaptured }),
    ),
  ];
}

function field(name: FieldName, value: string, meaning: Told): FieldTold {
  return { name, value, meaning: [meaning] };
}

/** Values with which packets usually leave their host. */
const USUAL_TTLS = [32, 64, 128, 255];
/** Don't fragment. */
const DF = 0x4000;
const ECN_CE = 3;

function ipFields(view: SegmentView): FieldTold[] {
  const start = USUAL_TTLS.find((ttl) => ttl >= view.ttl) ?? 255;
  const fields = [field('ttl', String(view.ttl), tell('field.ttl', { hops: start - view.ttl, start }))];
  const ecn = view.tos & 3;
  if (view.ipVersion === 4) {
    fields.push(field('ip-id', String(view.ipId), tell('field.ip-id', {})));
    const isFixed = (view.ipFragment & DF) !== 0;
    fields.push(field('fragment', isFixed ? 'DF' : '-', tell('field.fragment', { mayFragment: !isFixed })));
  }
  fields.push(
    field(
      'ecn',
      String(ecn),
      tell('field.ecn', { mark: ecn === 0 ? 'none' : ecn === ECN_CE ? 'congestion' : 'capable' }),
    ),
  );
  return fields;
}

function flagFields(flags: number): FieldTold[] {
  const isSyn = (flags & SYN) !== 0;
  const meanings: [number, string, Told][] = [
    [SYN, 'SYN', tell('flag.syn', {})],
    [ACK, 'ACK', tell('flag.ack', {})],
    [PSH, 'PSH', tell('flag.psh', {})],
    [FIN, 'FIN', tell('flag.fin', {})],
    [RST, 'RST', tell('flag.rst', {})],
    [URG, 'URG', tell('flag.urg', {})],
    [ECE, 'ECE', tell('flag.ece', { isSyn })],
    [CWR, 'CWR', tell('flag.cwr', { isSyn })],
    [AE, 'AE', tell('flag.ae', {})],
  ];
  return meanings.filter(([bit]) => flags & bit).map(([, value, meaning]) => field('flag', value, meaning));
}

function windowMeaning({ view, window, windowShift, sender }: PacketRow): Told {
  if (view.flags & RST) return tell('field.window.rst', {});
  if (view.flags & SYN) return tell('field.window.syn', { window: view.rawWindow });
  if (view.rawWindow === 0) return tell('field.window.zero', { role: sender.role });
  if (window < 0) return tell('field.window.unknown', { raw: view.rawWindow });
  return tell('field.window', { raw: view.rawWindow, shift: Math.max(windowShift, 0), window });
}

/** Each option in its place; what only fills up is left out. */
function optionFields(row: PacketRow): FieldTold[] {
  const { view } = row;
  const start = view.tcpOffset + 20;
  const end = view.tcpOffset + view.headerLength;
  if (end <= start) return [];
  const captured = view.reassembled ? end : view.recordOffset + view.capturedLength;
  return listOptions(view.bytes, view.data, start, end, captured)
    .filter(({ name }) => name !== 'nop' && name !== 'end')
    .map((option) => ({ name: 'option', value: optionText(option), meaning: optionMeaning(option, row) }));
}

function optionText({ name, fields }: TcpOption): string {
  const values = Object.values(fields).map((value) => (Array.isArray(value) ? value.join('-') : String(value)));
  return [name, ...values].join(' ');
}

function optionMeaning({ name, malformed, cut }: TcpOption, { view, ack }: PacketRow): Told[] {
  if (malformed !== undefined || cut) return [tell('field.other-option', {})];
  switch (name) {
    case 'mss':
      return [tell('field.mss', { mss: view.mss })];
    case 'wscale':
      return [tell('field.scale', { shift: view.wscale })];
    case 'sackPermitted':
    case 'sack-permitted':
      return [tell('field.sack-permitted', {})];
    case 'sack':
      return Array.from({ length: view.sackCount }, (_, i) =>
        tell('field.sack', { from: relative(view, ack, 2 * i), to: relative(view, ack, 2 * i + 1) }),
      );
    case 'timestamps':
      return [tell('field.timestamps', { echoes: view.tsEcr !== 0 })];
    default:
      return [tell('field.other-option', {})];
  }
}

function relative(view: SegmentView, ack: number, edge: number): number {
  return ack + ((view.sack[edge] - view.ack) | 0);
}

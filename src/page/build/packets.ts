import { ENGLISH } from '../../messages/en/index.ts';
import { toldIn } from '../../messages/story.ts';
import type { PacketRow } from '../../model/row.ts';
import { Option, type SegmentView } from '../../model/segment.ts';
import { Fate, Kind } from '../../model/verdict.ts';
import { packetMark } from '../../render/packet-mark.ts';
import { type Step, Steps } from '../../story/steps.ts';
import type { PacketTable } from '../model.ts';
import { ColumnBuilder, textDictionary } from './table.ts';

/** Packets that are listed; those that stand out are listed up to twice as many. */
const MOST_PACKETS = 200_000;
/** Packets that are told in words: the first ones of a connection, and so many that stand out. */
const TOLD_FIRST = 300;
const TOLD_NOTABLE = 700;

const KEYS = [
  'number',
  'time',
  'fromClient',
  'flags',
  'seq',
  'length',
  'ack',
  'window',
  'client',
  'server',
  'ttl',
  'ipId',
  'tsVal',
  'tsEcr',
  'mark',
  'tone',
  'note',
  'tale',
] as const;

/** Makes the table of packets of one connection. */
export class PacketTableBuilder {
  private readonly most: number;
  private readonly rows = new ColumnBuilder(KEYS);
  private readonly marks = textDictionary();
  private readonly notes = textDictionary();
  private readonly tales = textDictionary();
  private readonly steps = new Steps();
  private notable = 0;
  private more = 0;

  constructor(most = MOST_PACKETS) {
    this.most = most;
  }

  take(row: PacketRow): void {
    const tone = toneOf(row);
    const { length } = this.rows;
    const isTold = length < TOLD_FIRST || (tone > 0 && this.notable < TOLD_NOTABLE);
    // Every packet is walked through: what is told of one rests on those before it.
    const step = this.steps.take(row);
    if (length >= (tone > 0 ? 2 : 1) * this.most) {
      this.more++;
      return;
    }
    if (tone > 0) this.notable++;
    const { view, connection, sender } = row;
    const { frame, flags, payloadLength, ttl, ipId, options } = view;
    const hasTimestamps = (options & Option.TIMESTAMPS) !== 0;
    this.rows.add({
      number: frame,
      time: row.sinceStart,
      fromClient: sender.isClient ? 1 : 0,
      flags,
      seq: row.seq,
      length: payloadLength,
      ack: row.ack,
      window: row.window,
      client: connection.client.timeline.stateAt(frame),
      server: connection.server.timeline.stateAt(frame),
      ttl,
      ipId,
      tsVal: hasTimestamps ? view.tsVal : -1,
      tsEcr: hasTimestamps ? view.tsEcr : -1,
      mark: this.marks.indexOf(packetMark(row)),
      tone,
      note: this.notes.indexOf(noteOf(row)),
      tale: this.tales.indexOf(isTold ? taleOf(step) : ''),
    });
  }

  build(): PacketTable {
    const { rows, marks, notes, tales, more } = this;
    return { ...rows.build(), marks: marks.values, notes: notes.values, tales: tales.values, more };
  }
}

/** 0 plain, 1 notable, 2 lost or an error. */
function toneOf({ verdict, findings }: PacketRow): number {
  if (verdict?.fate === Fate.LOST || findings.some(({ severity }) => severity === 'error')) return 2;
  if (verdict !== null && verdict.kind !== Kind.NEW && verdict.kind !== Kind.ACK) return 1;
  return findings.some(({ severity }) => severity === 'warning') ? 1 : 0;
}

function noteOf({ view, ack, comment }: PacketRow): string {
  return [sackText(view, ack), comment ?? ''].filter((text) => text !== '').join('; ');
}

function sackText({ sack, sackCount, ack: raw }: SegmentView, ack: number): string {
  if (sackCount === 0) return '';
  const edge = (i: number) => ack + ((sack[i] - raw) | 0);
  return `SACK ${Array.from({ length: sackCount }, (_, i) => `${edge(2 * i)}:${edge(2 * i + 1)}`).join(' ')}`;
}

function taleOf({ what, numbers, acknowledges, window, options, verdict, states }: Step): string {
  return [...what, ...numbers, ...acknowledges, ...window, ...options, ...verdict, ...states]
    .map((told) => toldIn(ENGLISH.story, told))
    .join(ENGLISH.storyFrame.betweenSentences);
}

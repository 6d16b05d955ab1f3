import { type AnalyzeOptions, DEFAULT_HORIZON } from './analysis.ts';
import { WiresharkAnalysis } from './compat/wireshark.ts';
import { dropWithdrawn } from './detect/raised-finding.ts';
import type { Connection } from './model/connection.ts';
import type { Endpoint } from './model/endpoint.ts';
import { type KeepBytes, KNOWN_LATER, PacketRow } from './model/row.ts';
import type { SegmentView } from './model/segment.ts';
import type { TrackedSegment } from './model/tracked.ts';
import { RowQueue } from './row-queue.ts';

/** The rows of those connections whose rows are wanted: each is made when its packet comes, and leaves when it is settled. */
export class PacketRows {
  /** Null where nobody asks for it, as `notesCongestion`. */
  readonly wireshark: WiresharkAnalysis | null;
  readonly notesCongestion: boolean;
  readonly queue: RowQueue;
  /** Rows of packets that other vantages saw are wanted too. */
  readonly everyView: boolean;
  private readonly keep: KeepBytes;
  /** Rows that nobody looks at any more, to be used again. As many as waited at once. */
  private readonly spare: PacketRow[] = [];
  private readonly rowsOf: ((connection: Connection) => boolean) | null;

  constructor(onRow: (row: PacketRow) => void, options: AnalyzeOptions) {
    const { earlyRows, rowsTell, lendsRows, horizon = DEFAULT_HORIZON } = options;
    const handTo = (take: (row: PacketRow) => void) => (row: PacketRow) => {
      // It tells what is known by now.
      dropWithdrawn(row);
      take(row);
      if (!lendsRows) return;
      row.forget();
      this.spare.push(row);
    };
    const isEarly = rowsTell !== undefined && !KNOWN_LATER.some((part) => rowsTell.has(part));
    const early = isEarly && earlyRows !== undefined ? { ...earlyRows, take: handTo(earlyRows.take) } : null;
    this.queue = new RowQueue(horizon, handTo(onRow), early);
    this.wireshark = rowsTell === undefined || rowsTell.has('wireshark') ? new WiresharkAnalysis() : null;
    this.notesCongestion = rowsTell === undefined || rowsTell.has('congestion');
    this.everyView = options.everyView ?? false;
    this.keep = options.keep ?? 'headers';
    this.rowsOf = options.rowsOf ?? null;
  }

  wants(connection: Connection): boolean {
    return this.rowsOf === null || this.rowsOf(connection);
  }

  /** `sender`: its end as the chosen vantage knows it. */
  begin(
    view: SegmentView,
    t: TrackedSegment,
    comment: string | null,
    isSelected: boolean,
    sender: Endpoint,
  ): PacketRow {
    const row = this.spare.pop() ?? new PacketRow();
    row.becomes(view, t, this.keep, comment, isSelected, sender);
    if (this.wireshark !== null) row.wireshark = this.wireshark.segment(sender, view);
    this.queue.push(row);
    return row;
  }
}

/** The round trips of both ends after the packet. */
export function noteRtt(row: PacketRow, { connection: { a, b } }: TrackedSegment): void {
  noteRttOf(a, row, 0);
  noteRttOf(b, row, 1);
}

function noteRttOf({ outbound }: Endpoint, { rtt, rttSamples }: PacketRow, side: 0 | 1): void {
  if (outbound === null || outbound.rtt.srtt < 0) return;
  rtt[3 * side] = outbound.rtt.sample;
  rtt[3 * side + 1] = outbound.rtt.srtt;
  rtt[3 * side + 2] = outbound.rtt.rto;
  rttSamples[side] = outbound.rtt.samples;
}

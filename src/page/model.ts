import type { ExchangeReport } from '../budget/report.ts';
import type { GraphType, Shape, Tone } from '../picture/graph.ts';
import type { CaptureReport } from '../report/capture.ts';
import type { ConnectionReport } from '../report/connection.ts';
import type { FindingReport } from '../report/finding.ts';
import type { SummaryReport } from '../summary/report.ts';

/** Whole numbers, one for each row; `pack` writes them in a few bytes each. */
export type Column = ArrayLike<number>;

/** What a report shows: the documents of the published schemas, and what pictures and long tables need, in columns. */
export interface PageData {
  /** Of tcpscope. */
  readonly version: string;
  readonly capture: CaptureReport;
  /** The capture in a few lines, as the terminal has them. */
  readonly captureLines: readonly string[];
  readonly summary: SummaryReport;
  readonly connections: ConnectionTable;
  /** About the capture as a whole. */
  readonly findings: readonly FindingReport[];
  /** What is not in the page, one sentence each. */
  readonly leftOut: readonly string[];
  /** The captures as a command line names them: for the commands that the page suggests. */
  readonly names: string;
}

/** Every connection as a row. */
export interface ConnectionTable {
  readonly stream: Column;
  /** Indexes of `addresses`. */
  readonly client: Column;
  readonly server: Column;
  readonly clientPort: Column;
  readonly serverPort: Column;
  readonly addresses: readonly string[];
  /** Nanoseconds since the first packet of the capture, and from the first packet to the last. */
  readonly start: Column;
  readonly duration: Column;
  readonly packets: Column;
  readonly clientBytes: Column;
  readonly serverBytes: Column;
  /** Nanoseconds that were lost. */
  readonly lost: Column;
  /** Index of `COSTLY_KINDS` of what cost most, -1 nothing; and nanoseconds of it. */
  readonly kind: Column;
  readonly kindTime: Column;
  /** Index of `endings`. */
  readonly ending: Column;
  readonly endings: readonly string[];
  /** 0 none, 1 info, 2 warning, 3 error: the gravest finding; and how many there are. */
  readonly severity: Column;
  readonly findings: Column;
  /** Index of `findingSets`: identifiers of its findings, each once. */
  readonly findingSet: Column;
  readonly findingSets: readonly (readonly string[])[];
}

/** One connection in full. */
export interface Detail {
  readonly report: ConnectionReport;
  readonly story: Tale;
  readonly packets: PacketTable;
  readonly graphs: readonly GraphData[];
  readonly exchanges: readonly ExchangeReport[];
  readonly moreExchanges: number;
  /** SVG documents. */
  readonly flow: string;
  readonly states: string;
  /** Null where payload was to be left out. */
  readonly streams: StreamData | null;
}

/** The story of a connection in words. */
export interface Tale {
  readonly overview: readonly string[];
  readonly sections: readonly { readonly heading: string; readonly lines: readonly string[] }[];
}

/** The packets of a connection, in the order of capture. -1 is "none" or "not known". */
export interface PacketTable {
  readonly number: Column;
  /** Nanoseconds since the first packet of the connection. */
  readonly time: Column;
  /** 1 from the client, 0 from the server. */
  readonly fromClient: Column;
  readonly flags: Column;
  /** Relative, as everywhere. */
  readonly seq: Column;
  readonly length: Column;
  readonly ack: Column;
  /** Scaled. */
  readonly window: Column;
  /** Indexes of `STATE_NAMES` after the packet. */
  readonly client: Column;
  readonly server: Column;
  readonly ttl: Column;
  readonly ipId: Column;
  readonly tsVal: Column;
  readonly tsEcr: Column;
  /** Verdict and findings: index of `marks`, whose first is empty; 0 plain, 1 notable, 2 lost or an error. */
  readonly mark: Column;
  readonly tone: Column;
  readonly marks: readonly string[];
  /** SACK blocks and comments: index of `notes`, whose first is empty. */
  readonly note: Column;
  readonly notes: readonly string[];
  /** Why a packet has its numbers: index of `tales`, whose first is empty (nothing was written down). */
  readonly tale: Column;
  readonly tales: readonly string[];
  /** Packets that are not listed. */
  readonly more: number;
}

export interface GraphData {
  readonly type: Exclude<GraphType, 'time'>;
  /** Whose data. */
  readonly side: 'client' | 'server';
  readonly title: string;
  readonly unit: Parameters<typeof import('../picture/axis.ts').axisOf>[0];
  readonly what: string;
  readonly series: readonly SeriesData[];
  readonly bands: readonly { readonly from: number; readonly to: number; readonly name: string; readonly tone: Tone }[];
  /** Nanoseconds. */
  readonly duration: number;
}

export interface SeriesData {
  readonly name: string;
  readonly shape: Shape;
  readonly tone: Tone;
  readonly letter: string;
  readonly time: Column;
  readonly value: Column;
  /** The other end of strokes; of no length where points have none. */
  readonly to: Column;
}

/** The bytes of both streams, in the order in which they were delivered. */
export interface StreamData {
  readonly bytes: Uint8Array;
  /** One row for each piece: a chunk, or a gap (which has no bytes in `bytes`). */
  readonly fromClient: Column;
  readonly offset: Column;
  readonly length: Column;
  /** The packet that brought it, 0 for a gap. */
  readonly packet: Column;
  /** Index of `GAP_TYPES`, -1 for a chunk. */
  readonly gap: Column;
  /** Bytes that were delivered beyond those that are here. */
  readonly more: number;
}

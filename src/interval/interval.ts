import { type Finding, GRAVITY, type Severity } from '../model/finding.ts';
import type { PacketRow } from '../model/row.ts';
import { timestampText } from '../model/timestamp.ts';
import { CAUSE_NAMES, type CauseName, Fate, KIND_NAMES, Kind, type KindName } from '../model/verdict.ts';
import type { PacketCounts } from '../packet-counts.ts';
import { type FindingReport, findingReport } from '../report/finding.ts';
import { type TimeReport, timeReport } from '../summary/report.ts';
import { Tally } from '../summary/tally.ts';

/** Findings of one sort that an interval shows; all are counted. */
export const EXAMPLES = 3;
/** Why an interval ended: its time was over, the clock of the capture was set back, nothing came for so long, or all is read. */
export type IntervalEnd = 'time' | 'clock' | 'silence' | 'end of input';

/** `keepAlive` of `keep-alive`: a name as a member of an object. */
type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

/** Findings of one sort and severity. */
interface IntervalFindings {
  id: string;
  severity: Severity;
  times: number;
  /** The first of them. */
  examples: FindingReport[];
}

/** What happened in one interval of the capture's time: a line of `analyze --every --ndjson`. */
export interface IntervalReport {
  /** From 1. */
  number: number;
  /** Unix times in seconds, with nine decimals: its bounds, and those of the packets in it. */
  from: string;
  to: string;
  first: string;
  last: string;
  end: IntervalEnd;
  /** Intervals without any packet between the one before and this. */
  idleBefore: number;
  packets: Omit<PacketCounts, 'wireBytes' | 'capturedBytes' | 'snappedTo' | 'firstTime' | 'lastTime' | 'endTime'> & {
    /** Dated before the interval: the clock went back by less than its length, or packets came out of order. */
    late: number;
  };
  bytes: { wire: number; captured: number };
  /** What the TCP packets were. */
  verdicts: Record<CamelCase<KindName>, number> & { spurious: number; lost: number };
  /** Why packets were sent again. */
  retransmissions: Record<CamelCase<CauseName>, number>;
  connections: {
    opened: number;
    /** Those that late packets of connections that had left began anew; they are among `opened`. */
    heardAgain: number;
    /** Those that left the analysis, by what they were then. */
    left: { attempts: number; closed: number; halfClosed: number; idle: number };
    /** Those that are not closed at its end; null where there are too many to look through so often. */
    goOn: number | null;
  };
  /** Where the time of those went that left; at the end of the input, of all that had not left before. */
  time: TimeReport;
  findings: IntervalFindings[];
}

/** One interval while packets come, and until their verdicts are settled. */
export class Interval {
  readonly start: number;
  readonly idleBefore: number;
  first: number;
  last: number;
  late = 0;
  readonly kinds = new Array<number>(KIND_NAMES.length).fill(0);
  readonly causes = new Array<number>(CAUSE_NAMES.length).fill(0);
  spurious = 0;
  lost = 0;
  readonly time = new Tally();
  readonly findings = new Map<string, IntervalFindings>();
  /** What of the report is known when its last packet has come, and how many rows came until then. */
  known: Pick<IntervalReport, 'end' | 'packets' | 'bytes' | 'connections'> | null = null;
  rows = 0;

  constructor(start: number, time: number, idleBefore: number) {
    this.start = start;
    this.first = time;
    this.last = time;
    this.idleBefore = idleBefore;
  }

  /** A packet of it has its verdict. */
  count({ verdict, fate }: PacketRow): void {
    if (verdict !== null) {
      this.kinds[verdict.kind]++;
      if (verdict.kind === Kind.RETRANSMISSION) this.causes[verdict.cause]++;
      if (verdict.spurious) this.spurious++;
    }
    if (fate === Fate.LOST) this.lost++;
  }

  /** A finding was met first in it; `origin`: Unix time of the first record in nanoseconds. */
  find(finding: Finding, origin: bigint): void {
    const { id, severity } = finding;
    const key = `${id} ${severity}`;
    let sort = this.findings.get(key);
    if (sort === undefined) {
      sort = { id, severity, times: 0, examples: [] };
      this.findings.set(key, sort);
    }
    sort.times++;
    if (sort.examples.length < EXAMPLES) sort.examples.push(findingReport(finding, origin));
  }

  /** What it tells, once all is known; it is so long (ns). `origin` as in `find`. */
  report(number: number, length: number, origin: bigint): IntervalReport {
    const at = (time: number) => timestampText(origin, time);
    const { start, first, last, idleBefore, kinds, causes, spurious, lost, time, findings } = this;
    const { end, packets, bytes, connections } = this.known!;
    return {
      number,
      from: at(start),
      to: at(start + length),
      first: at(first),
      last: at(last),
      end,
      idleBefore,
      packets,
      bytes,
      verdicts: { ...countsOf(KIND_NAMES, kinds), spurious, lost },
      retransmissions: countsOf(CAUSE_NAMES, causes),
      connections,
      time: timeReport(time),
      findings: [...findings.values()].sort(graverFirst),
    };
  }
}

function graverFirst(one: IntervalFindings, other: IntervalFindings): number {
  return GRAVITY[other.severity] - GRAVITY[one.severity] || other.times - one.times;
}

function countsOf<Name extends string>(
  names: readonly (Name | null)[],
  counts: readonly number[],
): Record<CamelCase<Name>, number> {
  const entries = names.flatMap((name, i) => (name === null ? [] : [[camelCase(name), counts[i]] as const]));
  return Object.fromEntries(entries) as Record<CamelCase<Name>, number>;
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

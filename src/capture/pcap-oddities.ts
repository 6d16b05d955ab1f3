import { CAPTURED, FRACTION } from './pcap-record.ts';
import type { DamageLog } from './session.ts';

/** What some writers do though the format forbids it: flags. Such records are used as they are. */
export const Oddity = { FRACTION: 1, ORIGINAL: 2, SNAPLEN: 4 } as const;

/** The numbers of a record header, and what they should be. */
interface OddRecord {
  /** In the file. */
  readonly offset: number;
  readonly fraction: number;
  /** Units of time in a second: 1,000,000 or 1,000,000,000. */
  readonly fractionLimit: number;
  readonly captured: number;
  readonly original: number;
  readonly snaplen: number;
}

/** Reports each sort once in a file. */
export function reportOddities(log: DamageLog, oddities: number, record: OddRecord): void {
  const { offset, fraction, fractionLimit, captured, original, snaplen } = record;
  if (oddities & Oddity.FRACTION && log.first('fraction')) {
    const unit = fractionLimit === 1e9 ? 'nanoseconds' : 'microseconds';
    const message = `a time stamp has more than a second of ${unit}; it was used as it is`;
    log.report(offset + FRACTION, message, `${fraction} ${unit}`, `less than ${fractionLimit}`, {
      losesPackets: false,
      kind: 'fraction',
    });
  }
  if (oddities & Oddity.ORIGINAL && log.first('original')) {
    const message = 'a record is longer than the packet it was captured from';
    log.report(offset + CAPTURED, message, `${captured} bytes of ${original}`, `at most ${original}`, {
      losesPackets: false,
      kind: 'original',
    });
  }
  if (oddities & Oddity.SNAPLEN && log.first('snaplen')) {
    const message = 'a record is longer than the snaplen of its file';
    log.report(offset + CAPTURED, message, `${captured} bytes`, `at most ${snaplen}`, {
      losesPackets: false,
      kind: 'snaplen',
    });
  }
}

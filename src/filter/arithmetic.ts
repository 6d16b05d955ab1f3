import type { SegmentView } from '../model/segment.ts';
import { isIp4, isIp6, isTcp, type Predicate, quotesTcp } from './primitives.ts';

/** A number taken from a packet: unsigned, 32 bits. */
export type Numeric = (view: SegmentView) => number;

/**
 * State of one evaluation. As in the BPF machine, a load beyond the captured bytes or a division by zero rejects the
 * packet whatever the rest of the expression says, `not` included.
 */
export interface Run {
  isRejected: boolean;
}

/** Where the octets of `proto[...]` are, and which packets have them. */
interface Base {
  guard: Predicate;
  start: (view: SegmentView) => number;
  /** True for the record itself, false for the buffer of the packet (which may be a reassembled one). */
  isRecord: boolean;
}

const LINK: Base = { guard: () => true, start: (view) => view.recordOffset, isRecord: true };

const BASES: ReadonlyMap<string, Base> = new Map([
  ['ether', LINK],
  ['link', LINK],
  ['ip', { guard: isIp4, start: (view) => view.ipOffset, isRecord: false }],
  ['ip6', { guard: isIp6, start: (view) => view.ipOffset, isRecord: false }],
  ['tcp', { guard: isTcp, start: (view) => view.tcpOffset, isRecord: false }],
]);

/** Protocols whose octets can be asked for. */
export const ACCESSIBLE: readonly string[] = [...BASES.keys(), 'icmp', 'icmp6'];

function endOf(view: SegmentView, isRecord: boolean): number {
  return isRecord || view.bytes === view.recordBytes ? view.recordOffset + view.capturedLength : view.bytes.length;
}

/** `proto[index:size]`; the caller has checked the names. */
export function access(protocol: string, index: Numeric, size: number, run: Run): { guard: Predicate; value: Numeric } {
  const { guard, start, isRecord } = BASES.get(protocol)!;
  const value: Numeric = (view) => {
    const bytes = isRecord ? view.recordBytes : view.bytes;
    const at = start(view) + index(view);
    if (at + size > endOf(view, isRecord)) {
      run.isRejected = true;
      return 0;
    }
    if (size === 1) return bytes[at];
    if (size === 2) return (bytes[at] << 8) | bytes[at + 1];
    return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
  };
  return { guard, value };
}

/** Type (octet 0) and code (octet 1) of an ICMP error about a segment: the decoder keeps no more of the message. */
export function accessIcmp(protocol: string, octet: number): { guard: Predicate; value: Numeric } {
  const isVersion = protocol === 'icmp' ? isIp4 : isIp6;
  return {
    guard: (view) => quotesTcp(view) && isVersion(view),
    value: octet === 0 ? (view) => view.icmpType : (view) => view.icmpCode,
  };
}

/** Operators of pcap-filter(7), on unsigned numbers of 32 bits. */
export function operate(operator: string, a: Numeric, b: Numeric, run: Run): Numeric {
  switch (operator) {
    case '+':
      return (view) => (a(view) + b(view)) >>> 0;
    case '-':
      return (view) => (a(view) - b(view)) >>> 0;
    case '*':
      return (view) => Math.imul(a(view), b(view)) >>> 0;
    case '/':
      return (view) => {
        const dividend = a(view);
        const divisor = b(view);
        if (divisor === 0) run.isRejected = true;
        return divisor === 0 ? 0 : Math.floor(dividend / divisor);
      };
    case '%':
      return (view) => {
        const dividend = a(view);
        const divisor = b(view);
        if (divisor === 0) run.isRejected = true;
        return divisor === 0 ? 0 : dividend % divisor;
      };
    case '&':
      return (view) => (a(view) & b(view)) >>> 0;
    case '|':
      return (view) => (a(view) | b(view)) >>> 0;
    case '^':
      return (view) => (a(view) ^ b(view)) >>> 0;
    // JavaScript shifts by the low five bits only; the BPF machine shifts everything out.
    case '<<':
      return (view) => {
        const value = a(view);
        const count = b(view);
        return count > 31 ? 0 : (value << count) >>> 0;
      };
    default:
      return (view) => {
        const value = a(view);
        const count = b(view);
        return count > 31 ? 0 : value >>> count;
      };
  }
}

/** `a < b` and so on for the six comparisons of pcap-filter(7). */
export function compare(operator: string, a: Numeric, b: Numeric): Predicate {
  switch (operator) {
    case '<':
      return (view) => a(view) < b(view);
    case '>':
      return (view) => a(view) > b(view);
    case '<=':
      return (view) => a(view) <= b(view);
    case '>=':
      return (view) => a(view) >= b(view);
    case '!=':
      return (view) => a(view) !== b(view);
    default:
      return (view) => a(view) === b(view);
  }
}

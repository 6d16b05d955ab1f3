import type { CaptureFacts } from '../model/capture-facts.ts';
import { DOUBLE_ZERO } from '../model/packed.ts';

/**
 * The zero of `record.time`: the first record of the whole input.
 *
 * Times are doubles of nanoseconds since then. The difference of the seconds is taken first, so the result is exact up to
 * 2^53 ns (104 days) from the first record, and good to 2^-53 of the distance beyond.
 */
export class TimeOrigin {
  started = false;
  /** Held as a double: the distance in nanoseconds soon is one. */
  seconds: number = DOUBLE_ZERO;
  nanoseconds = 0;
  /** Nanoseconds since 1970 of the first record that has a time; null before it. */
  first: bigint | null = null;
  private readonly facts: CaptureFacts | null;

  constructor(facts: CaptureFacts | null) {
    this.facts = facts;
  }

  start(seconds: number, nanoseconds: number): void {
    this.started = true;
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
    this.first = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
    if (this.facts === null) return;
    this.facts.firstTimestamp = this.first;
    this.facts.times = 'dated';
  }

  /** As `first`, for writing times: those of a capture without any count from 1970. */
  get base(): bigint {
    return this.first ?? 0n;
  }

  /** A record came that has no time. */
  untimed(): void {
    if (!this.started && this.facts !== null) this.facts.times = 'unknown';
  }

  since(seconds: number, nanoseconds: number): number {
    if (!this.started) this.start(seconds, nanoseconds);
    return (seconds - this.seconds) * 1e9 + (nanoseconds - this.nanoseconds);
  }
}

const TWO_32 = 4294967296;
/** 1e9 is 5^9 * 2^9: scaling by the odd part keeps products of 32-bit numbers below 2^53. */
const FIVE_9 = 1953125;

/**
 * Turns a pcapng time stamp, a 64-bit count of units, into seconds and nanoseconds (draft-ietf-opsawg-pcapng,
 * if_tsresol). Finer units are rounded down to the nanosecond. Numbers only: this runs for every packet.
 *
 * The result is left in `seconds` and `nanoseconds`, for the same reason.
 */
export class TimeScale {
  seconds = 0;
  nanoseconds = 0;
  /** `1e-6` or `2^-10`. */
  readonly resolution: string;
  private readonly binary: boolean;
  private readonly exponent: number;
  /** Units in a second, for decimal resolutions down to the nanosecond. */
  private readonly units: number;
  private readonly nanosPerUnit: number;
  /** if_tsoffset. */
  private readonly offset: number;

  /** `resolution` is the octet of if_tsresol; `offset` that of if_tsoffset in seconds. */
  constructor(resolution: number, offset: number) {
    this.binary = (resolution & 0x80) !== 0;
    this.exponent = resolution & 0x7f;
    this.resolution = this.binary ? `2^-${this.exponent}` : `1e-${this.exponent}`;
    const decimal = Math.min(this.exponent, 9);
    this.units = 10 ** decimal;
    this.nanosPerUnit = 10 ** (9 - decimal);
    this.offset = offset;
  }

  split(high: number, low: number): void {
    if (this.binary) this.splitBinary(high, low);
    else if (this.exponent <= 9) this.splitDecimal(high, low);
    else this.splitFine(high, low);
    this.seconds += this.offset;
  }

  private splitDecimal(high: number, low: number): void {
    const units = this.units;
    // The quotient of the rounded double is at most one off; the remainder modulo 2^32 is exact and says so.
    let quotient = Math.floor((high * TWO_32 + low) / units);
    let rest = (low - Math.imul(quotient, units)) | 0;
    if (rest < 0) {
      quotient--;
      rest += units;
    } else if (rest >= units) {
      quotient++;
      rest -= units;
    }
    this.seconds = quotient;
    this.nanoseconds = rest * this.nanosPerUnit;
  }

  /** Picoseconds and the like: down to nanoseconds by long division in 16-bit digits, then as nanoseconds. */
  private splitFine(high: number, low: number): void {
    const divisor = 10 ** (this.exponent - 9);
    if (this.exponent > 20) {
      // 2^64 units are less than 0.2 s, and the divisor is too large for exact digits.
      this.seconds = 0;
      this.nanoseconds = Math.floor((high * TWO_32 + low) / divisor);
      return;
    }
    let rest = high >>> 16;
    const d3 = Math.floor(rest / divisor);
    rest = (rest - d3 * divisor) * 65536 + (high & 0xffff);
    const d2 = Math.floor(rest / divisor);
    rest = (rest - d2 * divisor) * 65536 + (low >>> 16);
    const d1 = Math.floor(rest / divisor);
    rest = (rest - d1 * divisor) * 65536 + (low & 0xffff);
    const d0 = Math.floor(rest / divisor);
    this.splitDecimal(d3 * 65536 + d2, d1 * 65536 + d0);
  }

  private splitBinary(high: number, low: number): void {
    const k = this.exponent;
    if (k <= 32) {
      const units = 2 ** k;
      this.seconds = high * 2 ** (32 - k) + Math.floor(low / units);
      this.nanoseconds = Math.floor(((low % units) * FIVE_9) / 2 ** (k - 9));
      return;
    }
    // fraction / 2^k seconds, with the fraction as highFraction * 2^32 + low, times 5^9 in two words of 32 bits.
    const units = 2 ** (k - 32);
    this.seconds = Math.floor(high / units);
    const scaledLow = low * FIVE_9;
    const carry = Math.floor(scaledLow / TWO_32);
    const top = (high % units) * FIVE_9 + carry;
    const bottom = scaledLow - carry * TWO_32;
    this.nanoseconds =
      k >= 41 ? Math.floor(top / 2 ** (k - 41)) : top * 2 ** (41 - k) + Math.floor(bottom / 2 ** (k - 9));
  }
}

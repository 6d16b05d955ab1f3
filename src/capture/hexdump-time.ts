/**
 * The time stamps in the lines before a dump: all forms of tcpdump -t, and those of tshark.
 */

/** How a time stamp is to be understood. */
export const TimeKind = {
  /** Seconds since 1970. */
  ABSOLUTE: 0,
  /** Time of day: tcpdump's default. */
  CLOCK: 1,
  /** Seconds since the first packet: tshark's summary line. */
  SINCE_FIRST: 2,
} as const;

const DAY = 86400;

// Before all of tcpdump's: the marks of a quotation, and the number of the packet with -#.
// 17:41:56.089133 IP ... A minus is that of a difference whose clock stepped back.
const CLOCK = /^[\s>|]*(?:\d+ {2,})?(-?)(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?=\s|$)/;
// 1589017316.089133 IP ...
const EPOCH = /^[\s>|]*(?:\d+ {2,})?(\d{9,11})\.(\d{1,9})(?=\s|$)/;
// 2020-05-09 17:41:56.089133 IP ... tcpdump prints local time; a Z says UTC.
const DATE = /^[\s>|]*(?:\d+ {2,})?(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?=(Z)|\s|$)/;
//     1   0.000000     10.9.0.1 -> 10.9.0.2     TCP 74 ...
const TSHARK = /^\s*\d+\s+(-?)(\d{1,11})\.(\d{6,9})\s+\S+\s+(?:\u2192|->|-&gt;)/;
// Epoch Time: 1795222643.551472000 seconds
const TSHARK_DETAIL = /^\s*Epoch (?:Arrival )?Time: (\d{1,11})\.(\d{1,9})/;
// 01:02:17.785009 ifb0  Out IP ... (tcpdump -i any)
const DIRECTION = /^\s+(?:\S+\s+)?(In|Out)\s/;

/** A time stamp that was read from a line; reused. */
export class LineTime {
  kind: number = TimeKind.CLOCK;
  seconds = 0;
  nanoseconds = 0;
  /** Digits after the point. */
  digits = 0;
  /** 0 unknown, 1 inbound, 2 outbound. */
  direction = 0;

  /** False when the line has no time stamp. */
  read(line: string): boolean {
    this.direction = 0;
    let match = CLOCK.exec(line);
    if (match !== null) {
      const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4]);
      this.set(TimeKind.CLOCK, match[1], seconds, match[5]);
      this.readDirection(line.slice(match[0].length));
      return true;
    }
    match = DATE.exec(line);
    if (match !== null) {
      const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
      const milliseconds =
        match[8] === 'Z'
          ? Date.UTC(year, month - 1, day, hour, minute, second)
          : new Date(year, month - 1, day, hour, minute, second).getTime();
      this.set(TimeKind.ABSOLUTE, '', milliseconds / 1000, match[7]);
      this.readDirection(line.slice(match[0].length));
      return true;
    }
    match = EPOCH.exec(line) ?? TSHARK_DETAIL.exec(line);
    if (match !== null) {
      this.set(TimeKind.ABSOLUTE, '', Number(match[1]), match[2]);
      this.readDirection(line.slice(match[0].length));
      return true;
    }
    match = TSHARK.exec(line);
    if (match === null) return false;
    this.set(TimeKind.SINCE_FIRST, match[1], Number(match[2]), match[3]);
    return true;
  }

  private readDirection(rest: string): void {
    const match = DIRECTION.exec(rest);
    if (match !== null) this.direction = match[1] === 'In' ? 1 : 2;
  }

  private set(kind: number, sign: string, seconds: number, fraction: string | undefined): void {
    const digits = fraction ?? '';
    const nanoseconds = Number(digits.padEnd(9, '0'));
    this.kind = kind;
    this.digits = digits.length;
    this.seconds = sign === '-' ? -seconds : seconds;
    this.nanoseconds = sign === '-' ? -nanoseconds : nanoseconds;
  }
}

/**
 * Puts times of day in a row, so that midnight passes. A step back of more than half a day is the next day; a step ahead of
 * almost a day is a packet that was printed late, from before midnight. The first day is 1970-01-01, in the zone of TZ: that
 * of tcpdump, and of all that is printed.
 */
export class DayCounter {
  private last: number | null = null;
  private day = new Date(1970, 0, 1).getTime() / 1000;

  /** Seconds since 1970 (UTC), for a time of day in seconds. */
  place(seconds: number): number {
    let placed = seconds + this.day;
    if (this.last !== null) {
      if (placed - this.last < -DAY / 2) this.day += DAY;
      else if (placed - this.last > DAY - 3600) this.day -= DAY;
      placed = seconds + this.day;
    }
    this.last = placed;
    return placed;
  }
}

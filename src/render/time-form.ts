import { NANOS_PER_SECOND } from '../model/timestamp.ts';

/**
 * The time forms of tcpdump, in the order of its option's repetition: TIME_FORMS[n] is what n times `-t` asks for.
 *
 * `time` is the local time of day, `epoch` seconds since 1970, `delta` the distance from the packet printed before,
 * `date` the local date and time, `elapsed` the distance from the first packet printed.
 */
export const TIME_FORMS = ['time', 'none', 'epoch', 'delta', 'date', 'elapsed'] as const;
export type TimeForm = (typeof TIME_FORMS)[number];

/** Date ends here (ECMA-262 section 21.4.1.1). The calendar repeats itself, weekdays too, after 400 years. */
const LAST_SECOND = 8.64e12;
const CYCLE_YEARS = 400;
const CYCLE_SECONDS = 12_622_780_800;

const two = (value: number) => (value < 10 ? `0${value}` : `${value}`);

/** Time of day. tcpdump puts distances through the same function, so they lose whole days here too. */
const clock = (seconds: number) =>
  `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;

/** Writes time stamps with their trailing blank; keeps what `delta` and `elapsed` measure from. */
export class TimeWriter {
  readonly #form: TimeForm;
  readonly #digits: number;
  #reference: bigint | null = null;
  /** The second that was last put into local time, and its text: packets of one second share it. */
  #localSecond = Number.NaN;
  #localText = '';

  constructor(form: TimeForm = 'time', precision: 'micro' | 'nano' = 'micro') {
    this.#form = form;
    this.#digits = precision === 'nano' ? 9 : 6;
  }

  /** @param time nanoseconds since 1970 (UTC) */
  write(time: bigint): string {
    if (this.#form === 'none') return '';
    if (this.#form === 'delta' || this.#form === 'elapsed') return this.#relative(time);
    let seconds = Number(time / NANOS_PER_SECOND);
    let nanos = Number(time % NANOS_PER_SECOND);
    if (nanos < 0) {
      nanos += 1e9;
      seconds--;
    }
    const whole = this.#form === 'epoch' ? String(seconds) : this.#local(seconds);
    return `${whole}.${this.#fraction(nanos)} `;
  }

  #fraction(nanos: number): string {
    return String(nanos).padStart(9, '0').slice(0, this.#digits);
  }

  #local(seconds: number): string {
    if (seconds !== this.#localSecond) {
      // Date knows the zone and its summer time; the zone is the process's (TZ), as tcpdump's localtime() has it.
      const cycles = Math.abs(seconds) > LAST_SECOND ? Math.floor(seconds / CYCLE_SECONDS) : 0;
      const date = new Date((seconds - cycles * CYCLE_SECONDS) * 1000);
      const time = clock(date.getHours() * 3600 + date.getMinutes() * 60 + date.getSeconds());
      const day = `${String(date.getFullYear() + cycles * CYCLE_YEARS).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
      this.#localText = this.#form === 'date' ? `${day} ${time}` : time;
      this.#localSecond = seconds;
    }
    return this.#localText;
  }

  /** tcpdump takes the difference of what it shows: at microsecond precision the digits beyond are cut off first. */
  #relative(time: bigint): string {
    if (this.#digits === 6) time -= time % 1000n;
    this.#reference ??= time;
    const distance = time - this.#reference;
    if (this.#form === 'delta') this.#reference = time;
    const size = distance < 0n ? -distance : distance;
    const sign = distance < 0n ? '-' : ' ';
    return `${sign}${clock(Number(size / NANOS_PER_SECOND))}.${this.#fraction(Number(size % NANOS_PER_SECOND))} `;
  }
}

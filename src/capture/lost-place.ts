import type { DamageLog } from './session.ts';

/** Where a parser lost its way: something made no sense there, and the next thing that does is looked for. */
export class LostPlace {
  private readonly log: DamageLog;
  /** What is looked for. */
  private readonly unit: 'record' | 'block';
  private offset = 0;
  private message = '';
  private found = '';
  private expected = '';

  constructor(log: DamageLog, unit: 'record' | 'block') {
    this.log = log;
    this.unit = unit;
  }

  /** At `offset` of the file: what is wrong, what was found there and what was expected. */
  lose(offset: number, message: string, found: string, expected: string): void {
    this.offset = offset;
    this.message = message;
    this.found = found;
    this.expected = expected;
  }

  /** Reports the damage: the next one begins at `offset`. */
  foundAt(offset: number): void {
    const { log, unit, message, found, expected } = this;
    const skipped = offset - this.offset;
    const text = `${message}; ${skipped} bytes were skipped up to the next ${unit} at byte ${offset}`;
    log.report(this.offset, text, found, expected);
  }

  /** Reports the damage: none follows up to `end`, the end of the file. */
  foundNone(end: number): void {
    const { log, unit, message, found, expected } = this;
    const text = `${message}, and no later ${unit} was found in the ${end - this.offset} bytes after it`;
    log.report(this.offset, text, found, expected, { fatal: true });
  }
}

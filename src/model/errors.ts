/** The capture cannot be read on from `offset`. Everything before it was delivered. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  /** Byte offset in the (decompressed) file. */
  readonly offset: number;
  readonly found: string;
  readonly expected: string;
  /** What the user can do about it, such as a command that converts the file; empty when there is nothing to say. */
  readonly advice: string;
  /** Name of the file, set by the reader that knows it. */
  file: string | null = null;

  constructor(message: string, offset: number, found: string, expected: string, advice = '') {
    super(`${message} at byte ${offset}: found ${found}, expected ${expected}${advice === '' ? '' : `; ${advice}`}`);
    this.offset = offset;
    this.found = found;
    this.expected = expected;
    this.advice = advice;
  }
}

/** A file cannot be opened, read or written; the reason says what to do. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly file: string;
  readonly reason: string;

  /** The message as it is shown: one line each, with nothing in them that would end a line. */
  readonly lines: readonly string[];

  constructor(file: string, reason: string, more: readonly string[] = []) {
    const lines = [`${file}: ${reason}`, ...more];
    super(lines.join('\n'));
    this.lines = lines;
    this.file = file;
    this.reason = reason;
  }
}

/** The command line, a filter or an option value is wrong; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The message as it is shown, one line each. */
  readonly lines: readonly string[];

  constructor(...lines: string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** Captures that cannot be read as one: they hold the same packets, seen at different places. */
export class TwoPlacesError extends UsageError {}

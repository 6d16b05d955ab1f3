import { openSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';

/** What a key is called. */
export type Key = string;

const NAMES: Readonly<Record<string, Key>> = {
  '\x1b[A': 'up',
  '\x1bOA': 'up',
  '\x1b[B': 'down',
  '\x1bOB': 'down',
  '\x1b': 'escape',
  '\r': 'enter',
  '\n': 'enter',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'quit',
};
const SEQUENCE = /\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|[\s\S]/g;

/**
 * The terminal as a screen that is drawn anew, with keys from it though standard input may be the capture. However the process
 * ends, what was there before comes back: at a quit, an error, a signal that ends it, and the end of the input.
 */
export class FullScreen {
  private readonly keyboard: ReadStream | null;
  private readonly onKey: (key: Key) => void;
  private isOpen = false;
  private readonly restore = () => this.close();
  private readonly onHangUp = () => {
    this.close();
    process.kill(process.pid, 'SIGHUP');
  };
  private readonly onContinue = () => {
    if (this.isOpen) this.enter();
  };

  constructor(onKey: (key: Key) => void) {
    this.onKey = onKey;
    this.keyboard = openKeyboard();
  }

  open(): void {
    this.isOpen = true;
    process.on('exit', this.restore);
    process.once('SIGHUP', this.onHangUp);
    process.on('SIGCONT', this.onContinue);
    this.enter();
    this.keyboard?.on('data', (bytes: Buffer) => {
      for (const [text] of bytes.toString('utf8').matchAll(SEQUENCE)) this.onKey(NAMES[text] ?? text);
    });
    // A terminal that went away ends the keys, not the reading.
    this.keyboard?.on('error', () => {});
  }

  draw(lines: readonly string[]): void {
    if (this.isOpen) process.stdout.write(HOME + lines.map((line) => CLEAR_LINE + line).join('\r\n'));
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    process.off('exit', this.restore).off('SIGHUP', this.onHangUp).off('SIGCONT', this.onContinue);
    try {
      this.keyboard?.setRawMode(false);
    } catch {
      // It is gone, and its modes with it.
    }
    this.keyboard?.destroy();
    process.stdout.write(LEAVE);
  }

  private enter(): void {
    this.keyboard?.setRawMode(true);
    process.stdout.write(ENTER);
  }
}

function openKeyboard(): ReadStream | null {
  try {
    const fd = openSync('/dev/tty', 'r');
    return isatty(fd) ? new ReadStream(fd) : null;
  } catch {
    return null;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, writeSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Writable } from 'node:stream';

type Environment = Readonly<Record<string, string | undefined>>;

const STDOUT = 1;
const LINE_FEED = 0x0a;
/** As git has it: end where all fits on one screen, show colours, leave the screen as it is. */
const LESS = 'FRX';
const LV = '-c';

/** The command that shows long output page by page; null when none is wanted, or none is installed. */
export function pagerOf(env: Environment): string | null {
  if (env.TERM === 'dumb') return null;
  const wanted = env.PAGER;
  if (wanted === '' || wanted === 'cat') return null;
  if (wanted !== undefined) return isInstalled(wanted, env) ? wanted : null;
  return ['less', 'more'].find((name) => isInstalled(name, env)) ?? null;
}

/** What is more than the name of a program is left to the shell. */
function isInstalled(command: string, env: Environment): boolean {
  const [name] = command.trim().split(/\s+/);
  if (/[^\w./+-]/.test(name)) return true;
  const places = name.includes('/') ? [name] : (env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The screen that a pager is for. */
export interface PagedScreen {
  readonly rows: number;
  readonly columns: number;
  readonly env: Environment;
  /** The reader left before the end. */
  readonly onQuit: () => void;
  /** A signal came that ends the process. */
  readonly onSignal: (signal: 'SIGTERM' | 'SIGHUP') => void;
}

/** Standard output on a terminal, handed to a pager when it is longer than the screen. */
export class Pager extends Writable {
  private readonly command: string;
  private readonly screen: PagedScreen;
  private readonly held: Buffer[] = [];
  /** Rows that the held text takes at most, and bytes of its last line. */
  private rows = 0;
  private column = 0;
  private child: ChildProcess | null = null;
  private isOver = false;
  private isEnding = false;

  constructor(command: string, screen: PagedScreen) {
    super();
    this.command = command;
    this.screen = screen;
    process.on('exit', this.leave);
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    if (this.isOver) done();
    else if (this.child !== null) this.pass(Buffer.from(chunk), done);
    else {
      this.hold(chunk);
      // One row is for what the shell, or the pager, prints below.
      if (this.rows >= this.screen.rows - 1) this.start();
      done();
    }
  }

  /** All is written: prints what fits on one screen, or waits until the reader has left the pager. */
  async finish(): Promise<void> {
    this.isEnding = true;
    const { child } = this;
    if (child === null) this.leave();
    else if (!this.isOver) {
      child.stdin!.end();
      await new Promise<void>((resolve) => child.once('close', () => resolve()));
    }
    process.off('exit', this.leave);
  }

  /** Copies the bytes, and counts the rows: bytes of colours and of wide letters count as columns, so a pager may start too early, which ends at once. */
  private hold(chunk: Buffer): void {
    this.held.push(Buffer.from(chunk));
    for (const byte of chunk) {
      if (byte === LINE_FEED || ++this.column > this.screen.columns) {
        this.rows++;
        this.column = 0;
      }
    }
  }

  private start(): void {
    const { LESS: less = LESS, LV: lv = LV } = this.screen.env;
    const child = spawn('sh', ['-c', this.command], {
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { ...this.screen.env, LESS: less, LV: lv },
    });
    this.child = child;
    child.stdin!.on('error', () => {});
    child.on('error', this.quit).on('close', this.quit);
    // To the pager an interrupt is a key like others; the first one still ends the reading of captures.
    process.on('SIGINT', ignore).on('SIGTERM', this.signalled).on('SIGHUP', this.signalled);
    for (const part of this.held.splice(0)) child.stdin!.write(part);
  }

  private pass(bytes: Buffer, done: () => void): void {
    this.child!.stdin!.write(bytes, () => done());
  }

  private readonly quit = (): void => {
    if (this.isOver) return;
    this.isOver = true;
    process.off('SIGINT', ignore).off('SIGTERM', this.signalled).off('SIGHUP', this.signalled);
    if (!this.isEnding) this.screen.onQuit();
  };

  private readonly signalled = (signal: NodeJS.Signals): void => {
    this.child?.kill(signal);
    this.screen.onSignal(signal as 'SIGTERM' | 'SIGHUP');
  };

  /** The process ends: what is held comes to the screen, and no pager keeps it. */
  private readonly leave = (): void => {
    const { child, isOver, held } = this;
    for (const part of held.splice(0)) for (let at = 0; at < part.length; ) at += writeSync(STDOUT, part, at);
    if (child !== null && !isOver) child.kill();
  };
}

function ignore(): void {}

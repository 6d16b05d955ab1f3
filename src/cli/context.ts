import { escapeText } from '../model/escape.ts';
import type { ViewOptions } from '../views/stage.ts';
import { Exit } from './exit.ts';
import { Output } from './output.ts';
import { OutputFiles } from './output-files.ts';
import { type ColorChoice, type Screen, screenOf } from './terminal.ts';

/** What the commands know of the process: where results and messages go, and how it will end. */
export class Context {
  readonly output = new Output(process.stdout);
  /** Every other file that is written. */
  readonly files = new OutputFiles(this.output);
  readonly env = process.env;
  status: number = Exit.DONE;
  /** `--quiet`: results and errors, nothing else. */
  isQuiet = false;
  /** `--view` and `--interface`: which of several points of view is analysed. */
  views: ViewOptions = {};
  private color: ColorChoice = 'auto';
  private screens: { stdout: Screen; stderr: Screen } | null = null;

  /** The captures were not read to their end, or not at all: what they lack says nothing. */
  get isCutOff(): boolean {
    return this.status === Exit.UNREADABLE || this.status >= Exit.INTERRUPTED;
  }

  /** What was found decides on the status: not on that of an interruption, and success not on that of a capture read in part. */
  conclude(status: number): void {
    if (!this.isCutOff && status !== Exit.DONE) this.status = status;
  }

  /** What the command line says about messages and colours. */
  configure(color: ColorChoice, isQuiet: boolean): void {
    this.color = color;
    this.isQuiet = isQuiet;
    this.screens = null;
  }

  get stdout(): Screen {
    return this.open().stdout;
  }

  get stderr(): Screen {
    return this.open().stderr;
  }

  /** An error message, one line each. As in all messages they may hold names and bytes from outside. */
  error(...lines: string[]): void {
    this.message(this.stderr.style.error('error:'), ...lines);
  }

  warn(text: string): void {
    if (!this.isQuiet) this.message(this.stderr.style.warning('warning:'), text);
  }

  note(text: string): void {
    if (!this.isQuiet) this.message('', text);
  }

  private message(label: string, ...lines: string[]): void {
    const text = lines.map(escapeText).join('\n');
    this.say(`tcpscope: ${label === '' ? '' : `${label} `}${text}\n`);
  }

  /** A message as it is. It is one more thing to read where results go through a pager, which has the screen to itself. */
  say(text: string): void {
    if (this.output.isPaged && this.stderr.isTerminal) this.output.write(text);
    else process.stderr.write(text);
  }

  /** Long output is shown page by page, on a terminal. `endsUnread`: all is done when the reader leaves. */
  async page(endsUnread: boolean): Promise<void> {
    if (!this.stdout.isTerminal) return;
    const { Pager, pagerOf } = await import('./pager.ts');
    const command = pagerOf(this.env);
    if (command === null) return;
    const { rows = 24, columns = 80 } = process.stdout;
    const onQuit = () => {
      if (endsUnread && !this.files.isWriting) process.exit(Exit.DONE);
    };
    const onSignal = () => {
      this.status = Exit.TERMINATED;
    };
    this.output.through(new Pager(command, { rows, columns, env: this.env, onQuit, onSignal }));
  }

  private open() {
    this.screens ??= {
      stdout: screenOf(process.stdout, this.color, this.env),
      stderr: screenOf(process.stderr, this.color, this.env),
    };
    return this.screens;
  }
}

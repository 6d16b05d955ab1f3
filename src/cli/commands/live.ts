import { type Command, InvalidArgumentError } from 'commander';
import type { Analyzer } from '../../analyze.ts';
import type { CaptureSession } from '../../capture/session.ts';
import { isWithdrawn } from '../../detect/raised-finding.ts';
import type { Connection } from '../../model/connection.ts';
import type { Finding } from '../../model/finding.ts';
import { timestampText } from '../../model/timestamp.ts';
import { dateText } from '../../render/clock.ts';
import {
  LIVE_ORDERS,
  type LiveFigures,
  type LiveFinding,
  type LiveOrder,
  type LiveRow,
  type LiveView,
  liveFindingLine,
  liveLine,
  liveScreen,
  ordered,
  roomFor,
} from '../../render/live-view.ts';
import { isChosen } from '../choice.ts';
import type { Context } from '../context.ts';
import { AS_THEY_END, type EvictionOptions, withEviction } from '../eviction.ts';
import { Exit } from '../exit.ts';
import { type FollowOptions, followedCaptures, withFollow } from '../following.ts';
import { FullScreen, type Key } from '../full-screen.ts';
import { type CaptureOptions, withCaptures, withExamples } from '../options.ts';
import { type Attached, analyzeCaptures } from '../run.ts';

interface LiveOptions extends CaptureOptions, EvictionOptions, FollowOptions {
  interval: number;
}

/** Findings that are remembered for the foot of the screen. */
const REMEMBERED = 100;

/** Findings about the capture that do not wait for its end. */
const TOLD_EARLY: ReadonlySet<string> = new Set(['syn-flood', 'port-scan', 'host-sweep']);

export function registerLive(program: Command, context: Context): void {
  const command = withCaptures(program.command('live'))
    .description(
      'Shows what happens while it happens: connections with trouble first, rates, and findings as they settle. Where the output\n' +
        'is no terminal: a line each second, and one for each finding.',
    )
    .option('--interval <seconds>', 'from one picture to the next', parseInterval, 1);
  withFollow(command);
  withEviction(command, AS_THEY_END);
  withExamples(command, [
    ['tcpdump -U -w - | tcpscope live -', 'this machine'],
    ["ssh host tcpdump -U -w - 'tcp and not port 22' | tcpscope live -", 'another one'],
    ["tcpscope live --follow '/captures/trace-*.pcap'", 'files of tcpdump -G as they come'],
    ['tcpscope live - | tee live.log', 'plain lines'],
  ]);
  command.action((captures: string[], options: LiveOptions) => live(captures, options, context));
}

function parseInterval(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 3600)) throw new InvalidArgumentError('It must be from 0.1 to 3600 seconds.');
  return seconds;
}

async function live(captures: readonly string[], options: LiveOptions, context: Context): Promise<void> {
  const { filter, memory, evict } = options;
  let watch: LiveWatch | null = null;
  await analyzeCaptures(
    context,
    {
      ...followedCaptures(captures, options),
      isStreaming: true,
      ...(memory === undefined ? {} : { memory }),
      attach: (analyzer, session) => {
        watch = new LiveWatch(analyzer, session, options, context);
        return watch;
      },
      atEnd: () => watch?.end(),
    },
    () => ({
      congestion: false,
      eviction: evict ?? AS_THEY_END,
      onLeave: (connection) => watch?.leaves(connection),
      ...(filter === undefined ? {} : { filter }),
    }),
  );
}

/** Looks at the analysis now and then, and shows it. */
class LiveWatch implements LiveView, Attached {
  private readonly analyzer: Analyzer;
  private readonly session: CaptureSession;
  private readonly options: LiveOptions;
  private readonly context: Context;
  private readonly screen: FullScreen | null;
  private readonly timer: NodeJS.Timeout;
  private last = performance.now();
  private before = { packets: 0, bytes: 0, time: 0 };
  private bytesBefore = new Map<Connection, number>();
  private rates = new Map<Connection, number>();
  figures: LiveFigures = { packets: 0, open: 0, ended: 0, packetsPerSecond: 0, bitsPerSecond: 0 };
  rows: LiveRow[] = [];
  readonly findings: LiveFinding[] = [];
  private untold: LiveFinding[] = [];
  /** Findings about the capture that were settled. */
  private readonly told = new Set<Finding>();
  order: LiveOrder = 'trouble';
  filter: string | null = null;
  isTyping = false;
  isPaused = false;
  chosen = 0;
  opened: Connection | null = null;

  constructor(analyzer: Analyzer, session: CaptureSession, options: LiveOptions, context: Context) {
    this.analyzer = analyzer;
    this.session = session;
    this.options = options;
    this.context = context;
    this.screen = context.stdout.isTerminal ? new FullScreen((key) => this.press(key)) : null;
    this.screen?.open();
    this.timer = setInterval(() => this.tick(), Math.min(100, options.interval * 1000));
    this.look();
    this.draw();
  }

  /** Called between reads: a file is read without a pause in which a timer could run. */
  async pause(): Promise<void> {
    if (performance.now() - this.last < this.options.interval * 1000) return;
    this.tick();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** The connection has ended: what is wrong with it is settled. */
  leaves(connection: Connection): void {
    this.bytesBefore.delete(connection);
    this.rates.delete(connection);
    if (!isChosen(connection, this.options)) return;
    for (const { severity, text, stream } of connection.findings) {
      if (severity !== 'info') this.settle({ severity, text, stream });
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.screen?.close();
  }

  /** The input has ended, or somebody has ended it. */
  end(): void {
    for (const connection of this.analyzer.connections) this.leaves(connection);
    this.look();
    for (const finding of this.analyzer.findings) this.settleOfCapture(finding);
    this.print();
  }

  /** Floods and scans are told while they run; what is said of them on the screen is what is known when it is drawn. */
  private settleOfCapture(finding: Finding): void {
    if (this.told.has(finding) || finding.severity === 'info' || isWithdrawn(finding)) return;
    this.told.add(finding);
    this.settle(finding);
  }

  private settle(finding: LiveFinding): void {
    this.findings.push(finding);
    if (this.findings.length > REMEMBERED) this.findings.shift();
    if (this.screen === null) this.untold.push(finding);
  }

  private tick(): void {
    if (performance.now() - this.last < this.options.interval * 1000) return;
    this.look();
    if (this.screen === null) this.print();
    else this.draw();
  }

  /** Takes the figures of the interval. */
  private look(): void {
    const { analyzer, before } = this;
    const { counts } = analyzer;
    const now = performance.now();
    // By the clock of the capture where it goes on, else by that on the wall.
    const seconds = Math.max((counts.lastTime - before.time) / 1e9, (now - this.last) / 1e3, 1e-3);
    this.last = now;
    this.figures = {
      packets: counts.total,
      open: analyzer.connections.length,
      ended: analyzer.left.connections,
      packetsPerSecond: (counts.total - before.packets) / seconds,
      bitsPerSecond: ((counts.wireBytes - before.bytes) * 8) / seconds,
    };
    this.before = { packets: counts.total, bytes: counts.wireBytes, time: counts.lastTime };
    for (const finding of analyzer.findings) if (TOLD_EARLY.has(finding.id)) this.settleOfCapture(finding);
    if (this.screen === null) return;
    for (const connection of analyzer.connections) {
      const bytes = connection.a.ipBytes + connection.b.ipBytes;
      this.rates.set(connection, ((bytes - (this.bytesBefore.get(connection) ?? 0)) * 8) / seconds);
      this.bytesBefore.set(connection, bytes);
    }
    if (!this.isPaused) this.arrange();
  }

  private arrange(): void {
    const { filter } = this;
    const wanted = this.analyzer.connections.filter(
      (connection) =>
        isChosen(connection, this.options) &&
        (filter === null || connection.client.name.includes(filter) || connection.server.name.includes(filter)),
    );
    const rows = wanted.map((connection) => ({ connection, bitsPerSecond: this.rates.get(connection) ?? 0 }));
    this.rows = ordered(rows, this.order, roomFor(process.stdout.rows || 24));
    this.chosen = Math.max(0, Math.min(this.chosen, this.rows.length - 1));
  }

  private draw(): void {
    const { stdout } = this.context;
    const lines = liveScreen(this, process.stdout.columns || 80, process.stdout.rows || 24, stdout.style);
    this.screen?.draw(lines);
  }

  /** Where there is no screen, and what stays when it is closed. */
  private print(): void {
    const { output } = this.context;
    const { firstTimestamp } = this.session.facts;
    const { total, lastTime } = this.analyzer.counts;
    const time = firstTimestamp === null || total === 0 ? '-' : dateText(timestampText(firstTimestamp, lastTime));
    output.line(liveLine(this.figures, time));
    for (const finding of this.untold) output.line(liveFindingLine(finding));
    this.untold = [];
    void output.flush();
  }

  private press(key: Key): void {
    if (key === 'quit' || (key === 'q' && !this.isTyping)) {
      this.quit();
      return;
    }
    if (this.isTyping) this.type(key);
    else this.command(key);
    this.arrange();
    this.draw();
  }

  private type(key: Key): void {
    if (key === 'enter') this.isTyping = false;
    else if (key === 'escape') {
      this.isTyping = false;
      this.filter = null;
    } else if (key === 'backspace') this.filter = (this.filter ?? '').slice(0, -1);
    else if (key.length === 1 && key >= ' ') this.filter = (this.filter ?? '') + key;
    if (this.filter === '' && !this.isTyping) this.filter = null;
  }

  private command(key: Key): void {
    const order = LIVE_ORDERS.find((name) => name[0] === key);
    if (order !== undefined) this.order = order;
    else if (key === '/') {
      this.isTyping = true;
      this.filter = '';
    } else if (key === 'p' || key === ' ') this.isPaused = !this.isPaused;
    else if (key === 'up') this.chosen--;
    else if (key === 'down') this.chosen++;
    else if (key === 'enter') this.opened = this.rows[this.chosen]?.connection ?? null;
    else if (key === 'escape') {
      if (this.opened === null) this.filter = null;
      this.opened = null;
    }
  }

  /** As if interrupted, which ends the reading and reports; but that was the user's wish. */
  private quit(): void {
    process.emit('SIGINT', 'SIGINT');
    this.context.status = Exit.DONE;
  }
}

import { type Command, Option } from 'commander';
import type { Connection } from '../../model/connection.ts';
import { UsageError } from '../../model/errors.ts';
import { timestampText } from '../../model/timestamp.ts';
import { formatDuration, formatNumberOf, formatSeconds } from '../../model/units.ts';
import type { PacketCounts } from '../../packet-counts.ts';
import { dateText } from '../../render/clock.ts';
import { jsonOf } from '../../render/json.ts';
import { type NetstatFlavour, netstatHeader, netstatLine, netstatOrder, socketObject } from '../../render/netstat.ts';
import { SCHEMA_VERSION } from '../../report/report.ts';
import { FlightLog, type Moment, type SocketEntry, SocketHistory } from '../../sockets.ts';
import { chosenConnections, isStream } from '../choice.ts';
import type { Context } from '../context.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { type MomentChoice, parseMoment, resolveMoment } from '../moment.ts';
import {
  type CaptureOptions,
  captureNames,
  collect,
  parsePositive,
  parseSeconds,
  type SelectOptions,
  withCaptures,
  withExamples,
  withNote,
  withSelect,
} from '../options.ts';
import { attemptsLeave, tellWhoLeft } from '../others-leave.ts';
import { analyzeCaptures } from '../run.ts';
import { endOf } from '../time-window.ts';

const FORMATS = ['text', 'json', 'ndjson'] as const;

interface StatesOptions extends CaptureOptions, SelectOptions {
  at?: MomentChoice;
  packet?: number;
  host?: string[];
  style: NetstatFlavour;
  msl: number;
  count?: number;
  all?: boolean;
}

/** Of more connections than these, a moment lists only the sockets that changed: the whole list again and again would be endless. */
const MAX_LISTED = 100;
/** Addresses that a message names. */
const MAX_NAMED = 8;

export function registerStates(program: Command, context: Context): void {
  const command = withSelect(withCaptures(program.command('states')))
    .description(
      'Prints the sockets of each host as netstat -tan would have: at every moment when something changed, or at one.',
    )
    .option(
      '--at <time>',
      'only then: seconds since the first packet, a Unix time, a time of day or a date',
      parseMoment,
    )
    .option('--packet <number>', 'only when this packet had passed', parsePositive)
    .option('--host <address>', 'only the sockets of this host; may be repeated', collect)
    .option('-c, --count <number>', 'print at most N moments', parsePositive)
    .option(
      '-a, --all',
      `all sockets at every moment, where of more than ${MAX_LISTED} connections those that changed are listed`,
    )
    .option(
      '--msl <seconds>',
      'maximum segment lifetime: TIME-WAIT lasts twice as long (Linux: 60 s)',
      parseSeconds,
      30,
    )
    .addOption(new Option('--style <system>', 'whose netstat').choices(['linux', 'macos']).default('linux'));
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpscope states trace.pcap', 'every moment when something changed'],
    ['tcpscope states trace.pcap --at 17:42:20', 'at a time of day, in the zone of TZ'],
    ['tcpscope states trace.pcap --packet 9 --host 10.0.0.1', 'one host after packet 9'],
    ['tcpscope states --style macos trace.pcap', 'as on macOS'],
  ]);
  withNote(
    command,
    'LISTEN is inferred from connections that were accepted. Send-Q is what was sent and not yet acknowledged where the ' +
      'capture was made; Recv-Q, what waits for the application, no capture shows.',
  );
  command.action((captures: string[], options: StatesOptions) => states(captures, options, command, context));
}

async function states(captures: readonly string[], options: StatesOptions, command: Command, context: Context) {
  const format = chosenFormat(command, FORMATS);
  if (options.at !== undefined && options.packet !== undefined) {
    throw new UsageError('--at and --packet exclude each other');
  }
  const single = options.at !== undefined ? '--at' : options.packet !== undefined ? '--packet' : null;
  const bound = options.since !== undefined ? '--since' : options.until !== undefined ? '--until' : null;
  if (single !== null && bound !== null) throw new UsageError(`${single} and ${bound} exclude each other`);
  const { stream } = options;
  const flights = new FlightLog();
  let hasPacket = false;
  const { analyzer, facts } = await analyzeCaptures(
    context,
    { captures: captureNames(captures, options), select: options.select },
    () => ({
      ...attemptsLeave(stream === undefined ? null : (id) => isStream(id, { stream })),
      onLeave: (connection) => flights.forget(connection),
      onSegment: (t, view) => {
        flights.note(t, view);
        if (view.frame === options.packet) hasPacket = true;
      },
      congestion: false,
      timeBudget: false,
      ...(options.filter === undefined ? {} : { filter: options.filter }),
    }),
  );
  const { counts } = analyzer;
  const origin = facts.firstTimestamp ?? 0n;
  const { connections } = analyzer;
  requireHosts(options.host ?? [], connections);
  const chosen = chosenConnections(connections, options, context, analyzer.opened).filter((connection) =>
    isAt(connection, options),
  );
  tellWhoLeft(analyzer, 'their sockets are not listed (--stream N lists those of one)', context);
  const history = new SocketHistory(chosen, flights, options.msl * 1e9);
  const at = options.at === undefined ? null : resolveMoment(options.at, origin, counts.lastTime);
  if (at !== null && counts.total > 0) warnOutside(at, counts, origin, context);
  if (options.packet !== undefined && !hasPacket)
    throw new UsageError(`--packet ${options.packet}: there is no TCP packet of that number`);
  const isOne = at !== null || options.packet !== undefined;
  const complete = isOne || options.all === true || chosen.length <= MAX_LISTED;
  if (!complete) {
    context.warn(
      `${formatNumberOf(chosen.length, 'connection')}: of each moment only the sockets that changed are listed; --at TIME or ` +
        '--packet N lists one moment whole, --stream N one connection, --all everything',
    );
  }
  const moments = chosenMoments(history, at, options.packet, counts.lastTime, complete);
  const within = between(moments, options, (choice) => resolveMoment(choice, origin, counts.lastTime));
  await PRINTERS[format](selected(within, options), options, origin, context);
}

/** A wrong address would look like a host without sockets. */
function requireHosts(hosts: readonly string[], connections: readonly Connection[]): void {
  for (const host of hosts) {
    if (connections.some(({ client, server }) => client.address === host || server.address === host)) continue;
    const known = new Set(connections.flatMap(({ client, server }) => [client.address, server.address]));
    const some = [...known].slice(0, MAX_NAMED).join(', ');
    const more = known.size > MAX_NAMED ? ` and ${known.size - MAX_NAMED} more` : '';
    throw new UsageError(`there is no host ${host}: the connections are of ${some === '' ? 'none' : some}${more}`);
  }
}

/** Whether one of the hosts that are asked for is an end of it. */
function isAt({ client, server }: Connection, { host }: StatesOptions): boolean {
  return host === undefined || host.includes(client.address) || host.includes(server.address);
}

/** Sockets before and after the capture are inferred, and a moment far from it is probably a mistake. */
function warnOutside(time: number, { firstTime, lastTime }: PacketCounts, origin: bigint, context: Context): void {
  if (time >= firstTime && time <= lastTime) return;
  const [distance, where] = time < firstTime ? [firstTime - time, 'before'] : [time - lastTime, 'after'];
  const at = (moment: number) => dateText(timestampText(origin, moment));
  context.warn(
    `--at is ${formatDuration(distance)} ${where} the capture, which spans ${at(firstTime)} to ${at(lastTime)} ` +
      `(${formatDuration(lastTime - firstTime)})`,
  );
}

function* chosenMoments(
  history: SocketHistory,
  at: number | null,
  packet: number | undefined,
  end: number,
  complete: boolean,
): Generator<Moment> {
  if (at !== null) yield history.at(at);
  else if (packet !== undefined) yield history.after(packet);
  else yield* history.moments(end, complete);
}

/** The moments that `--since` and `--until` leave. */
function* between(
  moments: Iterable<Moment>,
  { since, until }: StatesOptions,
  resolve: (choice: MomentChoice) => number,
): Generator<Moment> {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : resolve(since);
  const to = endOf(from, until, resolve);
  for (const moment of moments) {
    if (moment.time > to) return;
    if (moment.time >= from) yield moment;
  }
}

/** Leaves the sockets of the hosts that are asked for, and the moments at which one of these changed. */
function* selected(moments: Iterable<Moment>, { host, count }: StatesOptions): Generator<Moment> {
  let left = count ?? Number.POSITIVE_INFINITY;
  let before: string | null = null;
  for (const moment of moments) {
    const sockets = moment.sockets.filter((socket) => host === undefined || host.includes(socket.localAddress));
    if (host !== undefined) {
      const now = sockets.map((s) => `${s.localAddress} ${s.localPort} ${s.stream} ${s.state}`).join();
      if (now === before || (!moment.complete && sockets.length === 0)) continue;
      before = now;
    }
    yield { ...moment, sockets };
    if (--left <= 0) return;
  }
}

type Printer = (moments: Iterable<Moment>, options: StatesOptions, origin: bigint, context: Context) => Promise<void>;

const PRINTERS: Record<(typeof FORMATS)[number], Printer> = { text, json, ndjson };

async function text(moments: Iterable<Moment>, { style: flavour }: StatesOptions, _: bigint, context: Context) {
  const { output, stdout, isQuiet } = context;
  const { style } = stdout;
  if (!isQuiet) for (const line of netstatHeader(flavour)) output.line(style.heading(line));
  for (const { time, frame, sockets } of moments) {
    if (!isQuiet) output.line(style.title(`\n${momentText(time, frame)}`));
    const hosts = new Map<string, SocketEntry[]>();
    for (const socket of netstatOrder(sockets, flavour)) {
      const list = hosts.get(socket.localAddress);
      if (list === undefined) hosts.set(socket.localAddress, [socket]);
      else list.push(socket);
    }
    for (const [host, list] of [...hosts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (hosts.size > 1 && !isQuiet) output.line(style.quiet(`on ${host}`));
      for (const socket of list) output.line(netstatLine(socket, flavour));
    }
    await output.yieldWhenFull();
  }
}

function momentText(time: number, frame: number | null): string {
  if (frame !== null) return `${formatSeconds(time)} s, after packet ${frame}`;
  return time === 0 ? 'before the first packet' : `${formatSeconds(time)} s`;
}

async function json(moments: Iterable<Moment>, { msl }: StatesOptions, origin: bigint, { output }: Context) {
  output.write(`{"schemaVersion":${SCHEMA_VERSION},"mslSeconds":${msl},"moments":[`);
  let separator = '\n';
  for (const moment of moments) {
    output.write(separator + jsonOf(momentObject(moment, origin)));
    separator = ',\n';
    await output.yieldWhenFull();
  }
  output.write(']}\n');
}

async function ndjson(moments: Iterable<Moment>, _: StatesOptions, origin: bigint, { output }: Context) {
  for (const moment of moments) {
    output.line(jsonOf(momentObject(moment, origin)));
    await output.yieldWhenFull();
  }
}

function momentObject({ time, frame, sockets, complete }: Moment, origin: bigint) {
  return { timestamp: timestampText(origin, time), packet: frame, complete, sockets: sockets.map(socketObject) };
}

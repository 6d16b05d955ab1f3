import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { WIRESHARK_FLAG_NAMES, type WiresharkView } from '../../src/model/wireshark.ts';

/** The rules are those of 4.0; 4.2 and later changed some. */
export const hasTshark40 = /^TShark .* 4\.0\./m.test(
  spawnSync('tshark', ['--version'], { encoding: 'utf8' }).stdout ?? '',
);

const VALUES = [
  'tcp.analysis.duplicate_ack_num',
  'tcp.analysis.duplicate_ack_frame',
  'tcp.analysis.acks_frame',
  'tcp.analysis.rto_frame',
  'tcp.analysis.bytes_in_flight',
  'tcp.analysis.push_bytes_sent',
  'tcp.completeness',
] as const;
const TIMES = ['tcp.analysis.ack_rtt', 'tcp.analysis.initial_rtt', 'tcp.analysis.rto'] as const;
const FIELDS = ['frame.number', 'tcp.stream', ...WIRESHARK_FLAG_NAMES, ...VALUES, ...TIMES];

/** What is said of one packet: the names of its flags, the other values as text, the times in seconds (null without). */
export interface Said {
  flags: string[];
  values: Record<string, string>;
  times: Record<string, number | null>;
}

const run = promisify(execFile);

/** What tshark says in one pass, by frame number, of every frame with TCP in it. */
export async function tsharkSays(file: string): Promise<Map<number, Said>> {
  const args = ['-n', '-r', file, '-T', 'fields', ...FIELDS.flatMap((name) => ['-e', name])];
  // A capture that is cut short makes it end with an error, after all that there was to say.
  const { stdout } = await run('tshark', args, { maxBuffer: 1 << 29 }).catch((error: { stdout: string }) => error);
  const frames = new Map<number, Said>();
  for (const line of stdout.split('\n')) {
    const cells = new Map(line.split('\t').map((cell, i) => [FIELDS[i], cell]));
    if (!cells.get('tcp.stream')) continue;
    const time = (name: string): number | null => (cells.get(name) ? Number(cells.get(name)) : null);
    frames.set(Number(cells.get('frame.number')), {
      flags: WIRESHARK_FLAG_NAMES.filter((name) => cells.get(name)),
      values: Object.fromEntries(VALUES.map((name) => [name, cells.get(name) ?? ''])),
      times: Object.fromEntries(TIMES.map((name) => [name, time(name)])),
    });
  }
  return frames;
}

/** The same of ours. */
export function weSay(view: WiresharkView): Said {
  const flags = WIRESHARK_FLAG_NAMES.filter((_, bit) => view.flags & (1 << bit));
  const isRepeatedAck = flags.includes('tcp.analysis.duplicate_ack');
  const some = (value: number): string => (value > 0 ? String(value) : '');
  const time = (value: number): number | null => (Number.isNaN(value) ? null : value / 1e9);
  return {
    flags,
    values: {
      'tcp.analysis.duplicate_ack_num': isRepeatedAck ? String(view.duplicateAckNumber) : '',
      'tcp.analysis.duplicate_ack_frame': isRepeatedAck ? String(view.duplicateAckFrame) : '',
      'tcp.analysis.acks_frame': some(view.acksFrame),
      'tcp.analysis.rto_frame': some(view.rtoFrame),
      'tcp.analysis.bytes_in_flight': some(view.bytesInFlight),
      'tcp.analysis.push_bytes_sent': some(view.pushBytesSent),
      'tcp.completeness': String(view.completeness),
    },
    times: {
      'tcp.analysis.ack_rtt': time(view.ackRtt),
      'tcp.analysis.initial_rtt': time(view.initialRtt),
      'tcp.analysis.rto': time(view.rto),
    },
  };
}

/** Times of captures that span months are exact to a fraction of a microsecond. */
const TIME_TOLERANCE = 0.5e-6;

/** Every field in which the two differ, as `name: theirs, ours`. */
export function differences(theirs: Said, ours: Said): string[] {
  const found: string[] = [];
  const note = (name: string, a: unknown, b: unknown) => found.push(`${name}: ${a}, ${b}`);
  for (const name of WIRESHARK_FLAG_NAMES) {
    const [a, b] = [theirs, ours].map(({ flags }) => flags.includes(name));
    if (a !== b) note(name, a, b);
  }
  for (const name of VALUES)
    if (theirs.values[name] !== ours.values[name]) note(name, theirs.values[name], ours.values[name]);
  for (const name of TIMES) {
    const [a, b] = [theirs.times[name], ours.times[name]];
    const isEqual = a === null || b === null ? a === b : Math.abs(a - b) <= TIME_TOLERANCE;
    if (!isEqual) note(name, a, b);
  }
  return found;
}

import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { CaptureReader } from '../../src/capture/reader.ts';
import { Decoder } from '../../src/decode/decoder.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { absoluteTime } from '../../src/model/timestamp.ts';
import { type TcpdumpOptions, TcpdumpPrinter } from '../../src/render/tcpdump.ts';
import { TIME_FORMS } from '../../src/render/time-form.ts';

/** Runs the installed tcpdump beside the printer and lines their packets up by number. */

export const hasTcpdump = spawnSync('tcpdump', ['--version']).status === 0;

/** Calls `visit` for every record of a capture file. */
export function decodeFile(path: string, visit: (view: SegmentView, time: bigint, snaplen: number) => void): void {
  const view = new SegmentView();
  const decoder = new Decoder();
  const reader: CaptureReader = new CaptureReader({
    record(record) {
      decoder.decode(record, view);
      const { facts, origin } = reader.session;
      visit(view, absoluteTime(origin.first ?? 0n, record.time), facts.interfaces[record.interfaceId]?.snaplen ?? 0);
    },
  });
  reader.open(path);
  reader.write(readFileSync(path));
  reader.end();
}

/** The command line that asks tcpdump for the same. */
function tcpdumpArguments(options: TcpdumpOptions): string[] {
  const args = ['-n', '-#'];
  if (options.verbose) args.push(`-${'v'.repeat(options.verbose)}`);
  if (options.absolute) args.push('-S');
  if (options.link) args.push('-e');
  if (options.ignoreChecksums) args.push('-K');
  if (options.precision === 'nano') args.push('--nano');
  if (options.dump !== undefined && options.dump !== 'none') args.push(`-${options.dump}`);
  const time = TIME_FORMS.indexOf(options.time ?? 'time');
  if (time > 0) args.push(`-${'t'.repeat(time)}`);
  return args;
}

/** Bytes of captures that are printed by one shell. */
const MOST = 1 << 23;
/** Stands before what is printed of each capture; tcpdump prints no control characters. */
const NEXT = '\x1e';

/**
 * What tcpdump prints on standard output with these words (for a shell) and each of the captures. One shell starts them all: to start
 * a program takes a process as large as that of the tests longer than tcpdump takes.
 */
export function tcpdumpsOf(paths: readonly string[], words: string): string[] {
  const texts: string[] = [];
  for (let from = 0; from < paths.length; ) {
    const some: string[] = [];
    for (let size = 0; from < paths.length && (size === 0 || size < MOST); from++) {
      some.push(paths[from]);
      size += statSync(paths[from]).size;
    }
    const script = `for file do printf '\\036'; tcpdump -r "$file" ${words} 2>/dev/null; done`;
    const { stdout } = spawnSync('sh', ['-c', script, 'sh', ...some], { encoding: 'latin1', maxBuffer: 1 << 30 });
    texts.push(...stdout.split(NEXT).slice(1));
  }
  return texts;
}

/** Its text per packet number; `-#` puts the number in front of each. */
function packetsOf(text: string): Map<number, string> {
  const packets = new Map<number, string>();
  let number = 0;
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const next = `${String(number + 1).padStart(5)}  `;
    if (line.startsWith(next)) packets.set(++number, line);
    else if (number > 0) packets.set(number, `${packets.get(number)}\n${line}`);
  }
  return packets;
}

/** The flag AE (RFC 9768) is printed by later versions than 4.99.3 only. */
const withoutAe = (text: string | undefined) =>
  text?.replace(/(Flags \[[^\]]*)(?<!non)e(?=\])/, (_, before) => (before === 'Flags [' ? 'Flags [none' : before));

/**
 * What is meant to differ: lengths of 0 that later versions presume to be offload as we do, IPv6 under the EtherType of
 * IPv4, frames in a wrapping that tcpdump does not know, fractions of more than a second.
 */
const DIFFERENT =
  /bad-len 0\b|wrong link-layer encapsulation|ethertype Unknown|^\s*\d+ {2}[-0-9: ]*\.(?:[0-9]{7}|[0-9]{10}) /;

/** Link types whose header is written under `-e`; of others only what is inside is compared. */
const LINK_TYPES = [0, 1, 9, 101, 108, 113, 276];

export interface Comparison {
  packets: number;
  equal: number;
  /** The capture holds packets that are not TCP. */
  hasOthers: boolean;
  differences: { file: string; number: number; ours: string; theirs: string }[];
}

/** Compares what both print of the TCP packets of each file. */
export function comparePrinters(paths: readonly string[], options: TcpdumpOptions): Comparison[] {
  const texts = tcpdumpsOf(paths, tcpdumpArguments(options).join(' '));
  return paths.map((path, i) => comparePrinted(path, options, packetsOf(texts[i])));
}

/** `theirs` may go on after `length N` with what tcpdump makes of the payload, and may have the headers of a tunnel in front. */
function comparePrinted(path: string, options: TcpdumpOptions, theirs: Map<number, string>): Comparison {
  const whole = new TcpdumpPrinter({ ...options, number: true });
  const head = options.dump === undefined ? null : new TcpdumpPrinter({ ...options, number: true, dump: 'none' });
  const bare = new TcpdumpPrinter({ ...options, dump: 'none', time: 'none', link: false });
  const result: Comparison = { packets: 0, equal: 0, hasOthers: false, differences: [] };
  // tcpdump may refuse a file that is readable.
  if (theirs.size === 0) return result;
  decodeFile(path, (view, time, snaplen) => {
    // libpcap cuts records down to what the file's header says.
    if (snaplen > 0 && view.capturedLength > snaplen) return;
    const ours = withoutAe(whole.print(view, time) ?? undefined);
    const start = head === null ? ours : withoutAe(head.print(view, time) ?? undefined);
    const inner = withoutAe(bare.print(view, time) ?? undefined);
    const printed = theirs.get(view.frame) ?? '';
    if (ours === undefined) result.hasOthers = true;
    if (ours === undefined || start === undefined || inner === undefined || DIFFERENT.test(printed)) return;
    // Tunnels that tcpdump does not follow.
    if (view.tunnelDepth > 0 && !printed.includes('Flags [')) return;
    result.packets++;
    // The name of an interface is looked up on the host that prints.
    const text =
      view.linkType === 276 ? printed.replace(/^(\s*\d+ {2}.*?)\S+ +(?=(?:In|Out|B|M|P) )/, '$1?     ') : printed;
    const dump = ours.slice(start.length);
    const core = inner.slice(inner.indexOf(' ') + 1);
    const follows = text.slice(start.length);
    // A payload printer that gives up makes tcpdump dump the link layer too.
    const isDumpEqual = text.endsWith(dump) || / \[\|\w+\]/.test(follows);
    const isTunnelled = view.tunnelDepth > 0 || /MPLS|PPPoE|PPP/.test(text) || !LINK_TYPES.includes(view.linkType);
    const isEqual = isTunnelled
      ? text.includes(core) && isDumpEqual
      : text.startsWith(start) && !/^\d/.test(follows) && isDumpEqual;
    if (isEqual) result.equal++;
    else result.differences.push({ file: path, number: view.frame, ours, theirs: text });
  });
  return result;
}

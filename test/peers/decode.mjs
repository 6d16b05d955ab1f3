/** What tcpdump prints of each packet, by its own test suite, beside what tcpscope decodes and prints. */
import { analyze, compare, decode } from './library.mjs';

const IP_HEADER = 14;
const UDP_HEADER = 8;
const VNI = 4;

export function checkDecode(lib, { expected, flags }, path) {
  const failures = [];
  if (expected.packets !== undefined) checkPackets(lib, expected, flags, path, failures);
  if (expected.tcp_packets_tshark !== undefined) checkCounts(lib, expected, path, failures);
  if (expected.syn_options !== undefined) checkOptionList(lib, expected.syn_options, path, failures);
  if (expected.options !== undefined) checkOptionList(lib, expected.options, path, failures);
  if (expected.syn !== undefined) checkSyns(lib, expected, path, failures);
  if (expected.weird === 'TCP_scale_range') checkScaleRange(lib, expected, path, failures);
  return { failures };
}

function checkPackets(lib, expected, flags, path, failures) {
  const verbose = /-v+/.exec(flags)?.[0].length ?? 1;
  // Sampled packets do not teach where the numbers of the others start: tcpdump turns -S on.
  const sampling = Number(/--print-sampling=(\d+)/.exec(flags)?.[1] ?? 1);
  const printer = new lib.TcpdumpPrinter({ verbose: verbose - 1, absolute: sampling > 1, time: 'none' });
  const isSelected = selection(lib, flags);
  const byNumber = new Map(expected.packets.map((packet) => [packet.n, packet]));
  let number = 0;
  let seen = 0;
  decode(lib, path, (view) => {
    if (!isSelected(view)) return;
    number++;
    const packet = byNumber.get(number);
    if (number % sampling !== 0) return;
    const line = printer.print(view, 0n);
    if (packet === undefined) return;
    seen++;
    if (line === null) failures.push(`packet ${packet.n}: not printed`);
    else comparePacket(lib, packet, view, line, failures);
  });
  compare(failures, 'packets found', expected.packets.length, seen);
}

/** The filters that the cases use are about the tunnel; tcpscope's own look inside. */
function selection(lib, flags) {
  const { TCP } = lib.DecodeStatus;
  const vni = / -- geneve (0x[0-9a-f]+)$/.exec(flags)?.[1];
  if (vni !== undefined) return (view) => view.tunnelDepth > 0 && outerVni(view) === Number(vni);
  if (/ -- geneve and tcp$/.test(flags)) return (view) => view.tunnelDepth > 0 && view.status === TCP;
  return () => true;
}

function outerVni({ recordBytes, recordOffset }) {
  const ip = recordOffset + IP_HEADER;
  const at = ip + (recordBytes[ip] & 15) * 4 + UDP_HEADER + VNI;
  return (recordBytes[at] << 16) | (recordBytes[at + 1] << 8) | recordBytes[at + 2];
}

function comparePacket(lib, packet, view, line, failures) {
  const { n, ...fields } = packet;
  const printed = parseLine(line);
  for (const name of Object.keys(fields)) compare(failures, `packet ${n} ${name}`, fields[name], printed[name]);
  for (const name of Object.keys(printed)) {
    if (!(name in fields)) failures.push(`packet ${n} ${name}: expected nothing, got ${JSON.stringify(printed[name])}`);
  }
  if (view.status !== lib.DecodeStatus.TCP) return;
  const { BAD, OFFLOAD } = lib.ChecksumStatus;
  compare(failures, `packet ${n} flags`, fields.flags, lib.flagLetters(view.flags));
  compare(failures, `packet ${n} window`, fields.win, view.rawWindow);
  if (fields.length !== undefined) compare(failures, `packet ${n} payload`, fields.length, view.payloadLength);
  if (fields.cksum_ok !== undefined) {
    const isWrong = view.tcpChecksumStatus === BAD || view.tcpChecksumStatus === OFFLOAD;
    compare(failures, `packet ${n} checksum`, fields.cksum_ok, !isWrong);
  }
}

/** The fields of one line of tcpdump, under the names of the cases. */
export function parseLine(line) {
  const found = {};
  const ends = /(\S+) > (\S+): Flags \[([^\]]*)\]/.exec(line);
  if (ends === null) return found;
  [, found.src, found.dst, found.flags] = ends;
  const rest = line.slice(ends.index + ends[0].length);
  const checksum = /, cksum (0x[0-9a-f]+) \((correct|incorrect -> (0x[0-9a-f]+))\)/.exec(rest);
  if (checksum !== null) {
    found.cksum = checksum[1];
    found.cksum_ok = checksum[2] === 'correct';
    if (!found.cksum_ok) found.cksum_expected = checksum[3];
  }
  const options = /, options \[(.*?)\](?=, length|\]|$)/.exec(rest);
  const fixed = options === null ? rest : rest.slice(0, options.index);
  const text = (name) => new RegExp(`, ${name} ([0-9:]+)`).exec(fixed)?.[1];
  if (text('seq') !== undefined) found.seq = text('seq');
  for (const name of ['ack', 'win', 'urg']) if (text(name) !== undefined) found[name] = Number(text(name));
  if (options !== null) found.options = options[1];
  const length = /, length (\d+)/.exec(rest)?.[1];
  if (length !== undefined) found.length = Number(length);
  return found;
}

/** tshark counts what it recognises as TCP, as tcpscope prints it: also when nothing can be made of its header. */
function checkCounts(lib, expected, path, failures) {
  const printer = new lib.TcpdumpPrinter();
  let packets = 0;
  decode(lib, path, (view) => {
    if (printer.print(view, 0n) !== null) packets++;
  });
  compare(failures, 'TCP packets', expected.tcp_packets_tshark, packets);
  compare(failures, 'connections', expected.tcp_streams_tshark, analyze(lib, path).connections.length);
}

function segments(lib, path, visit) {
  decode(lib, path, (view) => {
    if (view.status === lib.DecodeStatus.TCP) visit(view);
  });
}

/** Kinds and lengths of the options of the first segment that has as many. */
function checkOptionList(lib, expected, path, failures) {
  const lists = [];
  segments(lib, path, (view) => {
    const list = lib.listOptions(view.bytes, view.data, view.tcpOffset + 20, view.tcpOffset + view.headerLength);
    lists.push(list.map(({ kind, length }) => [kind, length]));
  });
  const text = JSON.stringify(expected);
  if (!lists.some((list) => JSON.stringify(list) === text)) compare(failures, 'options', expected, lists[0]);
}

/** The first SYN and SYN,ACK field by field. */
function checkSyns(lib, expected, path, failures) {
  const { SYN, ACK, Option } = lib;
  const found = {};
  segments(lib, path, (view) => {
    if (!(view.flags & SYN)) return;
    found[view.flags & ACK ? 'synack' : 'syn'] ??= {
      ttl: view.ttl,
      size: view.ipTotalLength,
      win: view.rawWindow,
      wscale: view.wscale,
      mss: view.mss,
      sackPermitted: (view.options & Option.SACK_PERMITTED) !== 0,
      tsval: view.tsVal,
      tsecr: view.tsEcr,
    };
  });
  for (const side of ['syn', 'synack']) {
    for (const [name, value] of Object.entries(expected[side] ?? {}))
      compare(failures, `${side} ${name}`, value, found[side]?.[name]);
  }
}

/** RFC 7323 section 2.3: a shift count above 14 is reported and used as 14. */
function checkScaleRange(lib, expected, path, failures) {
  const offered = [];
  segments(lib, path, (view) => {
    if (view.flags & lib.SYN) offered.push(view.wscale);
  });
  if (!offered.includes(expected.addl)) compare(failures, 'shift count', expected.addl, offered);
  const shifts = analyze(lib, path).connections.flatMap(({ a, b }) => [a.offeredShift, b.offeredShift]);
  if (!shifts.includes(14)) compare(failures, 'shift count in use', 14, shifts);
}

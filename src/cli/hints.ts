/** What to type here for an option of tcpdump or tshark: of the command line as it is, and of the word after the option. */
interface Hint {
  readonly option: RegExp;
  /** Commands that know the letter themselves never come here. */
  readonly say: (value: string, argv: readonly string[]) => string;
}

const LIVE = 'tcpscope reads captures and makes none: tcpdump -U -i INTERFACE -w - | tcpscope packets -';

const PRINTING = 'it is one of packets: tcpscope packets';

const HINTS: readonly Hint[] = [
  // What other commands here have.
  {
    option: /^--(since|until)$/,
    say: () =>
      'a part of a connection is shown by flow, graph, follow and explain --full; this is about the whole of it',
  },
  {
    option: /^--update(-snapshots?)?$/,
    say: () => 'kept figures are renewed by tcpscope baseline compare base.json CAPTURE --update',
  },
  // As tcpdump has them.
  {
    option: /^-[vSxXAet]$/,
    say: (_, argv) => `${PRINTING} ${argv.find((word) => /^-\w*[vSxXAet]/.test(word)) ?? '-v'} ...`,
  },
  { option: /^-i$|^--interface$/, say: (name, argv) => captureHint(name, argv) },
  { option: /^-D$|^--list-interfaces$/, say: () => `${LIVE} (tcpdump -D lists the interfaces)` },
  {
    option: /^-w$|^--write$/,
    say: (file, argv) =>
      interfaceIn(argv) === ''
        ? `${PRINTING} -w ${file === '' ? 'FILE' : file} writes packets as pcapng; tables go there with > FILE`
        : captureHint(interfaceIn(argv), argv),
  },
  {
    option:
      /^-[BIpUZGWCyjJabgLQH]$|^--(immediate-mode|monitor-mode|direction|buffer-size|ring-buffer|autostop|snapshot-length)$/,
    say: () => `it is for making captures, which tcpdump does: ${LIVE.split(': ')[1]}`,
  },
  { option: /^-E$|^-M$/, say: () => 'tcpscope decrypts nothing and knows no secrets' },
  { option: /^-F$/, say: (file) => `put the filter on the command line: -f "$(cat ${file === '' ? 'FILE' : file})"` },
  { option: /^-#$|^--number$/, say: () => 'packets have their numbers always' },
  {
    option: /^-nn$|^-N$|^-K$/,
    say: () => 'leave it out: names are never looked up, and checksums are always verified',
  },
  // As tshark has them.
  {
    option: /^-Y$|^--display-filter$|^-R$|^--read-filter$/,
    say: (filter) => displayFilterHint(filter),
  },
  { option: /^-z$/, say: (statistics) => statisticsHint(statistics) },
  {
    option: /^-T$/,
    say: (form) =>
      ({
        fields: 'tcpscope packets --csv --fields number,time,... prints columns (--fields list shows them)',
        json: 'tcpscope packets --ndjson prints an object for each packet',
        ek: 'tcpscope packets --ndjson prints an object for each packet',
        pdml: 'tcpscope packets --ndjson prints an object for each packet; there is no XML',
      })[form] ?? 'tcpscope packets -v prints packets in detail, --csv and --ndjson are for programs',
  },
  { option: /^-O$|^-P$/, say: () => 'tcpscope packets -v prints packets in detail' },
  { option: /^-d$|^-o$/, say: () => 'no protocol above TCP is decoded, so there is nothing to set' },
  { option: /^-u$/, say: () => `${PRINTING} -t ... -ttttt have the times of tcpdump` },
  { option: /^-2$/, say: () => 'leave it out: verdicts wait for what comes later by themselves' },
];

/** The interface of a command line that is meant for a capture; empty without. */
function interfaceIn(argv: readonly string[]): string {
  const at = argv.findIndex((word) => /^-\w*i$|^--interface$/.test(word));
  const [, joined] = /^(?:-i|--interface=)(.+)$/.exec(argv.find((word) => /^-i.|^--interface=/.test(word)) ?? '') ?? [];
  return joined ?? (at < 0 ? '' : (argv[at + 1] ?? ''));
}

/** To capture: through a pipe, or into the file that is named and then from there. */
function captureHint(name: string, argv: readonly string[]): string {
  const from = interfaceIn(argv) || name || 'INTERFACE';
  const at = argv.findIndex((word) => word === '-w' || word === '--write');
  const file = at < 0 ? '' : (argv[at + 1] ?? '');
  if (file === '' || file === '-') return LIVE.replace('INTERFACE', from);
  return `${LIVE.split(': ')[0]}: tcpdump -i ${from} -w ${file}, and then tcpscope ${file}`;
}

/** Statistics of tshark and the commands that answer the same question. */
const STATISTICS: readonly (readonly [pattern: RegExp, say: (rest: string) => string])[] = [
  [/^conv,/, () => 'tcpscope --all trace.pcap lists the connections, --csv as a table'],
  [/^endpoints,|^ip_hosts/, () => 'tcpscope --by client or --by server gathers the connections'],
  [/^follow,tcp,\w+,(\d+)/, (stream) => `tcpscope follow --stream ${stream === '' ? 'N' : stream} trace.pcap`],
  [/^follow,/, () => 'tcpscope follow --stream N trace.pcap'],
  [/^flow,/, () => 'tcpscope flow --stream N trace.pcap draws a connection'],
  [/^expert/, () => 'tcpscope --all trace.pcap lists the findings, tcpscope packets --problems shows the packets'],
  [/^io,/, () => 'tcpscope graph --type throughput trace.pcap draws rates over time'],
  [
    /rtd$|srt,|^rtt/,
    () => 'tcpscope exchanges trace.pcap lists requests and answers; --stream N shows the round trips',
  ],
];

function statisticsHint(asked: string): string {
  for (const [pattern, say] of STATISTICS) {
    const found = pattern.exec(asked);
    if (found !== null) return say(found[1] ?? '');
  }
  return 'tcpscope --all lists connections and findings, graph and exchanges show more (tcpscope --help)';
}

/** Fields of display filters, and what asks the same here. */
const FIELDS: readonly (readonly [pattern: RegExp, say: string])[] = [
  [/tcp\.stream\s*(?:==|eq)\s*(\d+)/, '--stream $1'],
  [/tcp\.analysis\.(?:fast_|spurious_)?retransmission/, "packets --select 'verdict == retransmission'"],
  [/tcp\.analysis\.out_of_order/, "packets --select 'verdict == reordered'"],
  [/tcp\.analysis\.(?:zero_window|window)/, "packets --select 'window == 0'"],
  [/tcp\.analysis\.keep_alive/, "packets --select 'verdict == keep-alive'"],
  [/tcp\.analysis/, 'packets --problems'],
  [/tcp\.flags\.reset/, "-f 'tcp[tcpflags] & tcp-rst != 0'"],
  [/tcp\.flags\.syn/, "-f 'tcp[tcpflags] & tcp-syn != 0'"],
  [/tcp\.flags\.fin/, "-f 'tcp[tcpflags] & tcp-fin != 0'"],
  [/tcp\.port\s*(?:==|eq)\s*(\d+)/, "-f 'port $1'"],
  [/tcp\.(src|dst)port\s*(?:==|eq)\s*(\d+)/, "-f '$1 port $2'"],
  [/ipv?6?\.addr\s*(?:==|eq)\s*([\da-f.:]+)/i, "-f 'host $1'"],
  [/ipv?6?\.(src|dst)\s*(?:==|eq)\s*([\da-f.:]+)/i, "-f '$1 host $2'"],
];

/** Says how the first condition that is known is asked here; display filters as such are not understood. */
function displayFilterHint(filter: string): string {
  for (const [pattern, say] of FIELDS) {
    const found = pattern.exec(filter);
    if (found === null) continue;
    const own = say.replace(/\$(\d)/g, (_, group) => found[Number(group)]);
    return `filters are those of tcpdump (-f 'port 443'), verdicts are asked by --select; for ${found[0]}: tcpscope ${own} ...`;
  }
  return "filters are those of tcpdump (-f 'port 443'), verdicts and findings are asked by packets --select or --problems";
}

/** Forms of the time after tshark's -t, and what prints them here. */
const TIME_FORMS: Readonly<Record<string, string>> = {
  r: 'seconds since the first packet are what packets prints by itself',
  a: 'tcpscope packets --format tcpdump',
  d: 'tcpscope packets -ttt',
  dd: 'tcpscope packets -ttt',
  ad: 'tcpscope packets -tttt',
  adoy: 'tcpscope packets -tttt',
  e: 'tcpscope packets -tt',
  u: 'TZ=UTC tcpscope packets --format tcpdump',
  ud: 'TZ=UTC tcpscope packets -tttt',
  udoy: 'TZ=UTC tcpscope packets -tttt',
};

/**
 * What to type instead of options of tshark that mean something else here; null without advice. `isFile` tells whether a
 * word is one.
 */
export function hintForSameLetters(argv: readonly string[], isFile: (word: string) => boolean): string | null {
  if (argv.includes('-V') && argv.length > 1)
    return '-V alone is the version; tcpscope packets -v prints packets in detail';
  const form = argv[argv.indexOf('-t') + 1] ?? '';
  if (!argv.includes('-t') || !Object.hasOwn(TIME_FORMS, form) || isFile(form)) return null;
  return `-t takes no form here; for tshark's -t ${form}: ${TIME_FORMS[form]}`;
}

/** What to type instead of an option that commander does not know; null without advice. */
export function hintFor(message: string, argv: readonly string[]): string | null {
  const unknown = /unknown option '(-{1,2}[^'=]+)/.exec(message)?.[1];
  if (unknown === undefined) return null;
  // Letters may stand together with others, or with their value: -nn, -ieth0.
  const option = unknown.startsWith('--')
    ? unknown
    : unknown.length > 2 && !/^-nn/.test(unknown)
      ? unknown.slice(0, 2)
      : unknown.slice(0, 3);
  const hint = HINTS.find((known) => known.option.test(option) || known.option.test(unknown));
  if (hint === undefined) return null;
  return hint.say(givenWith(unknown, option, argv), argv);
}

/** The word that was given with the option; empty when there is none. */
function givenWith(unknown: string, option: string, argv: readonly string[]): string {
  if (unknown.length > option.length) return unknown.slice(option.length);
  const at = argv.findIndex((word) => word === unknown || word.startsWith(`${unknown}=`));
  const word = argv[at] ?? '';
  if (word.includes('=')) return word.slice(word.indexOf('=') + 1);
  const next = argv[at + 1] ?? '';
  return next.startsWith('-') && next !== '-' ? '' : next;
}

import type { CaptureDamage } from '../model/capture-facts.ts';
import { escapeText } from '../model/escape.ts';
import { linkName } from '../model/link-type.ts';
import { formatBytes, formatCount, formatDuration, formatNumberOf } from '../model/units.ts';
import type { CaptureReport } from '../report/capture.ts';
import { dateText } from './clock.ts';
import type { Style } from './style.ts';
import { fit, pad, textWidth } from './text.ts';

/** Points of view, and ways between them, that are named on the first screen. */
export const MOST_NAMED = 12;

/** What the capture is, in a few lines. */
export function captureText(capture: CaptureReport, width: number | null, style: Style): string[] {
  const { packets, bytes } = capture;
  const fitted = (text: string) => fit(text, width);
  const lines = capture.files.map(({ name, format, compression, byteOrder }) => {
    const facts = [format, compression, byteOrder === null ? null : `${byteOrder}-endian`];
    return `${style.title(escapeText(name))}${style.quiet(`  ${facts.filter((fact) => fact !== null).join(', ')}`)}`;
  });
  const links = [...new Set(capture.interfaces.map(({ linkType }) => linkName(linkType)))];
  const amount = [formatNumberOf(packets.total, 'packet'), formatBytes(bytes.wire)];
  if (links.length > 0) amount.push(links.join(', '));
  if (capture.times === 'unknown') amount.push('times unknown');
  else if (capture.first !== null && capture.durationMs !== null) {
    const beginning = capture.times === 'undated' ? ', date unknown' : ` from ${dateText(capture.first)}`;
    amount.push(formatDuration(capture.durationMs * 1e6) + beginning);
  }
  lines.push(...fitted(amount.join(', ')));
  lines.push(...vantageLines(capture, style, width));
  for (const text of oddities(capture)) lines.push(...fitted(text).map(style.warning));
  const isns = isnText(capture);
  if (isns !== null) lines.push(...fitted(isns).map(style.quiet));
  for (const comment of capture.comments) lines.push(...fitted(`comment: ${escapeText(comment)}`).map(style.quiet));
  return lines;
}

/** What is damaged in a file: where, what was found there and what was expected. */
export function damageText({ file, offset, message, found, expected }: CaptureDamage): string {
  return offset === null
    ? `${file}: ${message}`
    : `${file}: ${message} at byte ${offset}: found ${found}, expected ${expected}`;
}

/** The points of view, in the order in which a client's packets come by, and what was lost between them. */
function vantageLines({ vantages = [], lostBetween = [] }: CaptureReport, style: Style, screen: number | null) {
  if (vantages.length === 0) return [];
  const fitted = (text: string) => fit(text, screen);
  const below = (text: string) =>
    fit(text, screen === null ? null : Math.max(1, screen - 2)).map((line) => `  ${line}`);
  const ordered = vantages.filter(({ place }) => place !== null).sort((a, b) => a.place! - b.place!);
  const others = vantages.filter(({ place }) => place === null);
  const path = namesOf(ordered, ' → ');
  const beside = namesOf(others, ', ');
  const way = path === '' ? beside : `${path} from client to server${beside === '' ? '' : `; beside: ${beside}`}`;
  const named = [...ordered, ...others].slice(0, MOST_NAMED);
  const width = Math.max(...named.map(({ name }) => textWidth(escapeText(name))));
  const moreOf = (all: readonly unknown[]) =>
    all.length > MOST_NAMED
      ? below(`and ${formatCount(all.length - MOST_NAMED)} more: --json has all`).map(style.quiet)
      : [];
  return [
    ...fitted(`${formatNumberOf(vantages.length, 'point')} of view: ${way}`),
    ...named.flatMap(({ name, packets, connections, analysed }) => {
      const seen = `${formatNumberOf(packets, 'TCP packet')} of ${formatNumberOf(connections, 'connection')}`;
      const chosen =
        analysed === 0 ? '' : `, ${analysed === connections ? '' : `${formatCount(analysed)} `}analysed here`;
      return below(`${pad(escapeText(name), width, 'left')}  ${seen}${chosen}`).map(style.quiet);
    }),
    ...moreOf(vantages),
    ...lostBetween
      .slice(0, MOST_NAMED)
      .flatMap(({ from, to, packets }) =>
        below(`${formatNumberOf(packets, 'packet')} lost between ${escapeText(from)} and ${escapeText(to)}`).map(
          style.warning,
        ),
      ),
    ...moreOf(lostBetween),
  ];
}

/** The first of them, and how many more there are. */
function namesOf(vantages: readonly { name: string }[], separator: string): string {
  const names = vantages.slice(0, MOST_NAMED).map(({ name }) => escapeText(name));
  const more = vantages.length - names.length;
  return [...names, ...(more > 0 ? [`${formatCount(more)} more`] : [])].join(separator);
}

/** Predictable numbers are findings; that the others are random is worth one line. */
function isnText({ initialSequenceNumbers }: CaptureReport): string | null {
  const random = initialSequenceNumbers.filter(({ choice }) => choice === 'random');
  const [first] = random;
  if (first === undefined) return null;
  const hosts = random.length === 1 ? first.address : `${formatCount(random.length)} hosts`;
  // A connection has two of them.
  const numbers = random.reduce((sum, host) => sum + host.connections, 0);
  return `initial sequence numbers of ${hosts} random (${formatNumberOf(numbers, 'number')})`;
}

/** Everything about the packets that is not plain TCP, whole and readable. */
function oddities({ packets, bytes, dropped }: CaptureReport): string[] {
  const others: string[] = [];
  const add = (count: number, text: string, plural = text) => {
    if (count > 0) others.push(formatNumberOf(count, text, plural));
  };
  add(packets.notTcp, 'not TCP');
  add(packets.icmpErrors, 'ICMP error about TCP', 'ICMP errors about TCP');
  add(packets.fragments, 'fragment', 'fragments');
  add(packets.cutShort, 'cut within their headers');
  add(packets.malformed, 'malformed');
  add(packets.unknownLink, 'of an unknown link type');
  const lines = others.length === 0 ? [] : [`${formatCount(packets.tcp)} TCP, ${others.join(', ')}`];
  if (packets.filteredOut > 0) {
    const accepted = formatCount(packets.tcp - packets.filteredOut);
    lines.push(`the filter accepts ${accepted} of ${formatNumberOf(packets.tcp, 'TCP packet')}`);
  }
  if (packets.snapped > 0) {
    lines.push(
      `${formatNumberOf(packets.snapped, 'packet')} captured in part: ${formatBytes(bytes.captured)} of ${formatBytes(bytes.wire)}`,
    );
  }
  if (dropped !== null && dropped > 0) {
    lines.push(
      `${formatNumberOf(dropped, 'packet')} dropped by the capturing system: what is missing was not lost on the way`,
    );
  }
  return lines;
}

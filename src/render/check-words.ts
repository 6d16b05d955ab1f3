import { type AssertionResult, type Case, foundText, type Outcome, titleOf } from '../check/outcome.ts';
import { escapeText } from '../model/escape.ts';
import { formatCount } from '../model/units.ts';

const MAX_PACKETS = 10;

/** `packets 4, 7 and 12 more`; empty without packets. */
function packetsText(packets: readonly number[]): string {
  if (packets.length === 0) return '';
  const shown = packets.slice(0, MAX_PACKETS).join(', ');
  const more = packets.length - MAX_PACKETS;
  return `packet${packets.length === 1 ? '' : 's'} ${shown}${more > 0 ? ` and ${formatCount(more)} more` : ''}`;
}

/** What a case says, in one line each: where, why, and what was found. */
function caseLines({ stream, flow, reason, found }: Case): string[] {
  const where = stream === null ? '' : `stream ${stream} (${flow}): `;
  const items = found.map((item) => {
    const proof = packetsText(item.packets);
    return `${foundText(item)}${proof === '' ? '' : ` (${proof})`}`;
  });
  if (reason !== null) return [`${where}${reason}`, ...items.map((item) => `  ${item}`)];
  return items.length === 1 ? [`${where}${items[0]}`] : [`${where}found`, ...items.map((item) => `  ${item}`)];
}

/** `upload: client.options.wscale >= 7`, safe on a screen and in a log, as are all texts of this file. */
export function titleText(result: AssertionResult): string {
  return escapeText(titleOf(result));
}

/** All that is to be said of a result that did not pass. */
export function resultLines({ cases, more, checked, passed }: AssertionResult): string[] {
  const lines = cases.flatMap(caseLines);
  if (more > 0) lines.push(`and ${formatCount(more)} more connections`);
  if (checked > 1) lines.push(`${formatCount(passed)} of ${formatCount(checked)} connections passed`);
  return lines.map(escapeText);
}

/** Where a result points to when it is not a place in a file. */
export function placeText({ location: { file, line, column } }: AssertionResult): string {
  return file === null ? '' : escapeText(`${file}:${line}:${column}`);
}

export function summaryText(summary: Readonly<Record<Outcome, number>>): string {
  const { pass, fail, inconclusive, error } = summary;
  const parts = [`${formatCount(pass)} passed`, `${formatCount(fail)} failed`];
  if (inconclusive > 0) parts.push(`${formatCount(inconclusive)} inconclusive`);
  if (error > 0) parts.push(`${formatCount(error)} could not be checked`);
  return parts.join(', ');
}

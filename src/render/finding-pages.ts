import {
  CATALOGUE,
  FAMILIES,
  FAMILY_TITLES,
  type Family,
  FINDING_IDS,
  type FindingId,
  PAGES,
} from '../detect/catalogue.ts';
import { citationText } from '../detect/rfc.ts';
import type { Severity, Who } from '../model/finding.ts';
import { type Style, severityStyle } from './style.ts';
import { wrap } from './text.ts';

/** A line of text is not made longer than this, however wide the screen is. */
const LONGEST_LINE = 100;
/** Nor is a title broken over narrower lines than this. */
const LEAST_TITLE = 20;
const INDENT = 2;

function families(): [Family, FindingId[]][] {
  return (Object.keys(FAMILIES) as Family[]).map((family) => [family, Object.keys(FAMILIES[family]) as FindingId[]]);
}

/** Every finding in one line, family by family. */
export function findingList(columns: number | null, style: Style): string[] {
  const width = Math.max(...FINDING_IDS.map((id) => id.length));
  const lines: string[] = [];
  for (const [family, ids] of families()) {
    if (lines.length > 0) lines.push('');
    lines.push(style.title(FAMILY_TITLES[family]));
    for (const id of ids) {
      const { severity } = CATALOGUE[id];
      const { title } = PAGES[id];
      const head = `  ${style.strong(id.padEnd(width))}  ${severityStyle(severity, style)(severity.padEnd(7))}`;
      const used = width + '    warning  '.length;
      const [first, ...more] = wrap(title, Math.max(LEAST_TITLE, (columns ?? Number.POSITIVE_INFINITY) - used));
      lines.push(`${head}  ${first}`, ...more.map((line) => ' '.repeat(used) + line));
    }
  }
  return lines;
}

/** The page about one finding. */
export function findingPage(id: FindingId, width: number | null, style: Style): string[] {
  const { severity, who, cite } = CATALOGUE[id];
  const { title, meaning, advice, not, wireshark } = PAGES[id];
  const columns = Math.min(width ?? LONGEST_LINE, LONGEST_LINE);
  const paragraph = (heading: string, text: string) => [style.heading(heading), ...indented(text, columns), ''];
  const facts = [`severity ${severity}`, `usual cause: ${who === 'unknown' ? 'unknown' : `the ${who}`}`];
  if (cite !== null) facts.push(citationText(cite));
  return [
    `${style.strong(id)}: ${title}`,
    ...wrap(facts.join(', '), columns).map(style.quiet),
    '',
    ...paragraph('What it means', meaning),
    ...paragraph('What to do', advice),
    ...paragraph('What it is not', not),
    style.heading('In Wireshark'),
    ...indented(wireshark ?? 'No equivalent.', columns),
  ];
}

/** A page for programs. */
export interface FindingDocument {
  id: FindingId;
  family: string;
  title: string;
  severity: Severity;
  who: Who;
  cite: string | null;
  meaning: string;
  advice: string;
  not: string;
  wireshark: string | null;
}

export function findingDocuments(): FindingDocument[] {
  return families().flatMap(([family, ids]) =>
    ids.map((id) => {
      const { severity, who, cite } = CATALOGUE[id];
      const { title, meaning, advice, not, wireshark } = PAGES[id];
      return {
        id,
        family: FAMILY_TITLES[family],
        title,
        severity,
        who,
        cite: cite === null ? null : citationText(cite),
        meaning,
        advice,
        not,
        wireshark,
      };
    }),
  );
}

/** The findings that go with one of Wireshark's `tcp.analysis` flags. */
export function flagPage(flag: string, style: Style): string[] {
  const word = new RegExp(`\\b${flag.slice(flag.lastIndexOf('.') + 1)}\\b`);
  const ids = FINDING_IDS.filter((id) => word.test(PAGES[id].wireshark ?? ''));
  const width = Math.max(...ids.map((id) => id.length));
  return [
    `${style.strong(flag)} is a flag of Wireshark: every packet has it under "wireshark" by Wireshark's own rule`,
    '(docs/wireshark.md has the rules), beside the verdict and a sentence where the two differ.',
    '',
    ...(ids.length === 0
      ? ['No finding goes with it.']
      : [style.heading('Findings that go with it'), ...ids.map((id) => `  ${id.padEnd(width)}  ${PAGES[id].title}`)]),
  ];
}

/** All pages as one document. */
export function findingsMarkdown(): string {
  const lines = [
    '# Findings',
    '',
    'What tcpscope can find, family by family. Generated from `src/messages/en/pages/` by',
    '`UPDATE_DOCS=1 npx vitest run test/render/finding-pages.test.ts`; `tcpscope findings ID` prints the same.',
    '',
    'The severity given here is the usual one. A finding may be less or more severe, by its figures. Every finding names the ends',
    'and the figures in its text and carries its evidence (packet numbers), its confidence (0 to 1) and the RFC.',
    '',
    '- **error**: somebody has to act, and the packets that are named show it by themselves. A claim that rests on one packet, on a',
    '  packet that did not come or on a coincidence of IP IDs is never an error.',
    '- **warning**: it costs time or data, or breaks an RFC, and somebody may want to act.',
    '- **info**: what happened, where it is usually harmless: a RST when everything was acknowledged, a FIN sent twice, one needless',
    '  retransmission.',
    '',
    'The confidence says what else could have caused the same packets:',
    '',
    '| confidence   | other causes                                                           |',
    '| ------------ | ---------------------------------------------------------------------- |',
    '| 1            | nothing: the packets show it by themselves (a flag, a number, a count) |',
    '| 0.95         | damage or a forgery alone                                              |',
    '| 0.85, 0.9    | something rare                                                         |',
    '| 0.75, 0.8    | something that occurs, but less often than what is claimed             |',
    '| 0.6, 0.7     | something about as common; one sign alone speaks for the claim         |',
    '| 0.5 and less | something at least as likely                                           |',
    '',
    'Some claims rest on more than the packets that they name: on the times of the capture, on its order, or on the absence of a',
    'packet. Where the capture cannot show that (packets are missing from it, or it was joined, edited, filtered or given invented',
    'times), such a finding is information, with a confidence of at most one half. What later packets refute is withdrawn.',
  ];
  for (const [family, ids] of families()) {
    lines.push('', `## ${FAMILY_TITLES[family]}`);
    for (const id of ids) lines.push('', ...markdownPage(id));
  }
  return `${lines.join('\n')}\n`;
}

function markdownPage(id: FindingId): string[] {
  const { severity, who, cite } = CATALOGUE[id];
  const { title, meaning, advice, not, wireshark } = PAGES[id];
  const facts = [severity, who, cite === null ? null : citationText(cite)].filter((fact) => fact !== null);
  return [
    `### ${id}`,
    '',
    `**${title}** (${facts.join(', ')})`,
    '',
    escapeMarkdown(meaning),
    '',
    `- What to do: ${escapeMarkdown(advice)}`,
    `- What it is not: ${escapeMarkdown(not)}`,
    `- In Wireshark: ${wireshark === null ? 'no equivalent' : escapeMarkdown(wireshark)}`,
  ];
}

/** Underscores and stars stand for themselves. */
function escapeMarkdown(text: string): string {
  return text.replace(/[_*<>]/g, '\\$&');
}

function indented(text: string, columns: number): string[] {
  return wrap(text, columns - INDENT).map((line) => ' '.repeat(INDENT) + line);
}

import { formatCount, formatNumberOf } from '../../model/units.ts';
import type { FindingReport } from '../../report/finding.ts';
import { Severity } from './severity.tsx';
import { hashOf } from './state.ts';
import { pageOf } from './words.ts';

/** Packets of the evidence that are linked. */
const MOST_LINKS = 12;
const MOST_LISTED = 60;

interface FindingsProps {
  readonly findings: readonly FindingReport[];
  readonly stream: number;
  /** Number of the chosen packet, null none: the findings that rest on it are marked. */
  readonly packet: number | null;
}

/** What was found on a connection, the gravest first, each with its packets. */
export function Findings({ findings, stream, packet }: FindingsProps) {
  if (findings.length === 0) return null;
  const rank = ({ severity }: FindingReport) => ['error', 'warning', 'info'].indexOf(severity);
  const ordered = [...findings].sort((a, b) => rank(a) - rank(b) || (a.packet ?? 0) - (b.packet ?? 0));
  const [first, rest] = [ordered.slice(0, MOST_LISTED), ordered.slice(MOST_LISTED)];
  return (
    <section aria-labelledby="found">
      <h2 id="found">{formatNumberOf(findings.length, 'finding')}</h2>
      <ul class="findings">
        {first.map((finding, i) => (
          <FindingLine key={`${finding.id}${i}`} finding={finding} stream={stream} packet={packet} />
        ))}
      </ul>
      {rest.length > 0 && (
        <details>
          <summary>{`${formatCount(rest.length)} more`}</summary>
          <ul class="findings">
            {rest.map((finding, i) => (
              <FindingLine key={`${finding.id}${i}`} finding={finding} stream={stream} packet={packet} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

interface FindingLineProps {
  readonly finding: FindingReport;
  readonly stream: number | null;
  readonly packet?: number | null;
}

/** `stream`: null for a finding about the capture, which names packets of any connection. */
export function FindingLine({ finding, stream, packet: chosen = null }: FindingLineProps) {
  const { severity, text, id, evidence, cite } = finding;
  const page = pageOf(id);
  const packets = [...new Set(finding.packet === null ? evidence : [finding.packet, ...evidence])];
  return (
    <li data-test="finding" class={chosen !== null && packets.includes(chosen) ? 'chosen' : ''}>
      <Severity severity={severity} />
      <div>
        <p>
          {text} {stream !== null && <Links packets={packets.slice(0, MOST_LINKS)} stream={stream} chosen={chosen} />}
        </p>
        <details>
          <summary>{`${id}${cite === null ? '' : `, ${cite}`}`}</summary>
          {page !== null && (
            <div class="page">
              <p>{page.meaning}</p>
              <p>{page.advice}</p>
            </div>
          )}
        </details>
      </div>
    </li>
  );
}

interface LinksProps {
  readonly packets: readonly number[];
  readonly stream: number;
  readonly chosen: number | null;
}

function Links({ packets, stream, chosen }: LinksProps) {
  return (
    <span class="links">
      {packets.map((packet) => (
        <a key={packet} href={hashOf({ stream, packet })} aria-current={packet === chosen ? 'location' : undefined}>
          {`#${packet}`}
        </a>
      ))}
    </span>
  );
}

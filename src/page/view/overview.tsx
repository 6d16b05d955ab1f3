import { ANSWER } from '../../messages/en/answer.ts';
import { formatCount, formatDuration } from '../../model/units.ts';
import type { TimeReport } from '../../summary/report.ts';
import type { PageData } from '../model.ts';
import { Connections } from './connections.tsx';
import { FindingLine } from './findings.tsx';
import { Severity } from './severity.tsx';
import { hashOf, search } from './state.ts';
import { kindText } from './words.ts';

/** The first screen: the answer, where the time went, what went wrong, and all connections. */
export function Overview({ page }: { page: PageData }) {
  return (
    <>
      <Answer page={page} />
      <Times page={page} />
      <Kinds page={page} />
      <Connections page={page} />
      <LeftOut page={page} />
    </>
  );
}

function Answer({ page }: { page: PageData }) {
  const { captureLines, summary, findings } = page;
  const { trust, statements } = summary;
  return (
    <header class="answer">
      <div class="capture">
        {captureLines.map((line) => (
          <p key={line}>{line}</p>
        ))}
        <p
          class={trust.doubts.length > 0 || trust.damaged ? 'warning' : ''}
          data-test="trust"
        >{`Capture: ${ANSWER.trust(trust)}.`}</p>
      </div>
      <h1 class="visually-hidden">What the capture shows</h1>
      {statements.map(({ text, key, stream, packet }) => (
        <p key={text} class={`statement ${key === 'quiet' ? 'good' : ''}`} data-test="statement">
          {text}
          {stream !== null && (
            <>
              {' '}
              <a class="evidence" href={hashOf({ stream, packet })}>
                {packet === null ? `connection ${stream}` : `connection ${stream}, packet ${packet}`}
              </a>
            </>
          )}
        </p>
      ))}
      {findings.length > 0 && (
        <details class="about">
          <summary>{`${formatCount(findings.length)} ${findings.length === 1 ? 'finding' : 'findings'} about the capture itself`}</summary>
          <ul class="findings">
            {findings.map((finding, i) => (
              <FindingLine key={`${finding.id}${i}`} finding={finding} stream={null} />
            ))}
          </ul>
        </details>
      )}
    </header>
  );
}

const COLUMNS = ['network', 'server', 'client', 'rest'] as const;
type Column = (typeof COLUMNS)[number];
const MOST_SERVICES = 8;

/** Parts of the whole, as the terminal has them. */
function sharesOf({ totals, ms }: TimeReport): Record<Column, number> {
  const shares: Record<Column, number> = { network: 0, server: 0, client: 0, rest: 0 };
  if (ms === 0) return shares;
  for (const { owner, ms: spent } of totals)
    shares[owner === 'network' || owner === 'server' || owner === 'client' ? owner : 'rest'] += spent / ms;
  return shares;
}

function Times({ page }: { page: PageData }) {
  const { time, services } = page.summary;
  if (time.ms === 0) return null;
  const shown = services.length === 1 ? [] : services.slice(0, MOST_SERVICES);
  const rest = services.slice(shown.length === 0 ? services.length : MOST_SERVICES);
  return (
    <section aria-labelledby="times">
      <h2 id="times">Where the time went</h2>
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="times">
        <table class="times">
          <TableHead
            columns={[
              { title: 'service' },
              { title: 'conns', align: 'end' },
              { title: 'time', align: 'end' },
              ...COLUMNS.map((column) => ({ title: column === 'rest' ? 'other' : column })),
            ]}
          />
          <tbody>
            <TimeRow name="all" time={time} isAll />
            {shown.map((service) => (
              <TimeRow key={service.name} name={service.name} time={service} />
            ))}
          </tbody>
        </table>
      </div>
      {rest.length > 0 && (
        <details>
          <summary>{`${formatCount(rest.length)} more services`}</summary>
          <div class="scroll" tabIndex={0} role="group" aria-label="more services">
            <table class="times">
              <tbody>
                {rest.slice(0, 200).map((service) => (
                  <TimeRow key={service.name} name={service.name} time={service} />
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </section>
  );
}

function TableHead({ columns }: { columns: readonly { title: string; align?: 'end' }[] }) {
  return (
    <thead>
      <tr>
        {columns.map(({ title, align }) => (
          <th key={title} scope="col" class={align ?? ''}>
            {title}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function TimeRow({ name, time, isAll = false }: { name: string; time: TimeReport; isAll?: boolean }) {
  const shares = sharesOf(time);
  return (
    <tr data-test="service">
      <th scope="row" class={isAll ? '' : 'mono'}>
        {isAll ? (
          name
        ) : (
          <button type="button" class="link" title="shows its connections" onClick={() => find(name)}>
            {name}
          </button>
        )}
      </th>
      <td class="end">{formatCount(time.connections)}</td>
      <td class="end">{formatDuration(time.ms * 1e6)}</td>
      {COLUMNS.map((column) => (
        <td key={column} class="share">
          <span class="percent">{`${Math.round(100 * shares[column])} %`}</span>
          <span class="bar" aria-hidden="true">
            <span class={`fill ${column}`} style={{ width: `${100 * shares[column]}%` }} />
          </span>
        </td>
      ))}
    </tr>
  );
}

/** Shows the connections that have it. */
function find(text: string): void {
  search.value = text;
  document.getElementById('connections')?.scrollIntoView({ block: 'start' });
  document.getElementById('search')?.focus({ preventScroll: true });
}

function Kinds({ page }: { page: PageData }) {
  const { kinds } = page.summary;
  if (kinds.length === 0) return null;
  return (
    <section aria-labelledby="kinds">
      <h2 id="kinds">What went wrong</h2>
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="kinds">
        <table class="kinds">
          <TableHead
            columns={[
              { title: 'what' },
              { title: 'conns', align: 'end' },
              { title: 'times', align: 'end' },
              { title: 'time lost', align: 'end' },
              { title: 'worst' },
            ]}
          />
          <tbody>
            {kinds.map(({ kind, severity, connections, findings, lostMs, worst }) => (
              <tr key={kind} data-test="kind">
                <th scope="row">
                  <Severity severity={lostMs > 0 ? 'warning' : severity} />
                  <button type="button" class="link" title="shows its connections" onClick={() => find(kind)}>
                    {kindText(kind)}
                  </button>
                </th>
                <td class="end">{formatCount(connections)}</td>
                <td class="end">{findings === 0 ? '-' : formatCount(findings)}</td>
                <td class="end">{lostMs === 0 ? '-' : formatDuration(lostMs * 1e6)}</td>
                <td>
                  {worst.stream === null ? (
                    'capture'
                  ) : (
                    <a href={hashOf({ stream: worst.stream, packet: worst.packet })}>
                      {worst.packet !== null
                        ? `stream ${worst.stream} #${worst.packet}`
                        : `stream ${worst.stream}, ${formatDuration(worst.durationMs * 1e6)}`}
                    </a>
                  )}
                  {worst.stream !== null && worst.packet === null && worst.timestamp !== null && (
                    <span class="quiet">{` at ${clockText(worst.timestamp)}`}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** `22:13:24.118` in UTC of a Unix time. */
function clockText(timestamp: string): string {
  const [seconds, fraction = ''] = timestamp.split('.');
  const date = new Date(Number(seconds) * 1000 + Number(fraction.slice(0, 3)));
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(11, 23);
}

function LeftOut({ page }: { page: PageData }) {
  const { leftOut } = page;
  if (leftOut.length === 0) return null;
  return (
    <section aria-labelledby="left-out" class="left-out">
      <h2 id="left-out">What is not in this page</h2>
      <ul>
        {leftOut.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}

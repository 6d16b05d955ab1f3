import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatEndpoint } from '../../model/address.ts';
import { formatBytes, formatDuration, formatNumberOf } from '../../model/units.ts';
import type { EndpointReport } from '../../report/connection.ts';
import type { Detail, PageData, Tale } from '../model.ts';
import { Charts } from './charts.tsx';
import { nameOf } from './connection-columns.tsx';
import { Drawing } from './drawing.tsx';
import { Exchanges } from './exchanges.tsx';
import { Findings } from './findings.tsx';
import type { Details } from './load.ts';
import { indexOfPacket, Packets } from './packets.tsx';
import { Reading } from './reading.tsx';
import { hashOf, isJump, mark, place } from './state.ts';
import { Streams } from './streams.tsx';
import { firstFrom, nearest, reveal, timeAxis } from './time-axis.ts';

interface ConnectionProps {
  readonly page: PageData;
  readonly details: Details;
  readonly stream: number;
  readonly packet: number | null;
  /** The only one of the capture: it stands below the answer. */
  readonly isOnly: boolean;
}

/** One connection: loads it, or says why it is not here. */
export function Connection({ page, details, stream, packet, isOnly }: ConnectionProps) {
  const [state, setState] = useState<{ stream: number; detail: Detail | null; error: string } | null>(null);
  useEffect(() => {
    let isWanted = true;
    setState(null);
    if (!details.has(stream)) return;
    details.load(stream).then(
      (detail) => isWanted && setState({ stream, detail, error: '' }),
      (error: Error) => isWanted && setState({ stream, detail: null, error: error.message }),
    );
    return () => {
      isWanted = false;
    };
  }, [details, stream]);
  const title = useRef<HTMLHeadingElement>(null);
  const here = place.value;
  useEffect(() => {
    // A chosen packet is brought into sight by itself.
    if (here.stream !== null && isJump()) title.current?.focus({ preventScroll: here.packet !== null });
  }, [here]);
  const row = firstFrom(page.connections.stream, stream);
  const isKnown = page.connections.stream[row] === stream;
  return (
    <div class="connection">
      <nav aria-label="connections">{!isOnly && <a href="#connections">← all connections</a>}</nav>
      {isKnown ? (
        <h2 class="title" tabIndex={-1} ref={title}>
          {`Connection ${stream}: `}
          <span class="mono client">{nameOf(page.connections, row, 'client')}</span>
          {' → '}
          <span class="mono server">{nameOf(page.connections, row, 'server')}</span>
        </h2>
      ) : (
        <p class="warning" role="status">{`There is no connection ${stream} in this page.`}</p>
      )}
      {isKnown && !details.has(stream) && <RowOnly page={page} row={row} stream={stream} />}
      {state === null && details.has(stream) && <Reading name={`connection ${stream}`} {...details.progress?.value} />}
      {state?.error && (
        <p class="warning" role="status">
          {state.error}
        </p>
      )}
      {state?.detail && state.stream === stream && <Whole detail={state.detail} packet={packet} />}
    </div>
  );
}

function RowOnly({ page, row, stream }: { page: PageData; row: number; stream: number }) {
  const { connections: table, names } = page;
  const ids = table.findingSets[table.findingSet[row]];
  return (
    <>
      <p>
        {`${formatNumberOf(table.packets[row], 'packet')}, ${formatBytes(table.clientBytes[row])} and ${formatBytes(table.serverBytes[row])} in ${formatDuration(table.duration[row])}, ${table.endings[table.ending[row]]}.`}
        {ids.length > 0 && ` Findings: ${ids.join(', ')}.`}
      </p>
      <p>
        This connection is not in the page in full. To have it:{' '}
        <code>{`tcpscope report ${names} --stream ${stream} -o connection-${stream}.html`}</code>
      </p>
    </>
  );
}

function Whole({ detail, packet }: { detail: Detail; packet: number | null }) {
  const { report, packets, story } = detail;
  const { stream } = report;
  const axis = useMemo(() => timeAxis(report.durationMs * 1e6), [report]);
  const choose = (number: number) => mark({ stream, packet: number });
  const point = (number: number | null) => {
    const index = number === null ? -1 : indexOfPacket(packets, number);
    axis.pointed.value = index < 0 ? null : packets.time[index];
  };
  useEffect(() => {
    const index = packet === null ? -1 : indexOfPacket(packets, packet);
    axis.chosen.value = index < 0 ? null : packets.time[index];
    if (index >= 0) reveal(axis, packets.time[index]);
  }, [axis, packets, packet]);
  const list = useRef<HTMLDivElement>(null);
  const here = place.value;
  useEffect(() => {
    if (here.packet !== null && isJump())
      list.current?.querySelector('[role=grid]')?.scrollIntoView({ block: 'nearest' });
  }, [packets, here]);
  return (
    <>
      <StoryOf tale={story} />
      <Ends detail={detail} />
      <Charts
        detail={detail}
        axis={axis}
        onTime={(time) => {
          const index = nearest(packets.time, time);
          if (index >= 0) choose(packets.number[index]);
        }}
      />
      <Findings findings={report.findings} stream={stream} packet={packet} />
      <div ref={list}>
        {packets.number.length > 0 && <Packets table={packets} axis={axis} packet={packet} onChoose={choose} />}
      </div>
      <Exchanges detail={detail} packet={packet} time={axis.chosen.value} onPacket={choose} />
      {detail.flow !== '' && (
        <section aria-labelledby="flow">
          <h2 id="flow">Sequence diagram</h2>
          <Drawing label="sequence diagram" svg={detail.flow} packet={packet} onPacket={choose} onPoint={point} />
        </section>
      )}
      <section aria-labelledby="states">
        <h2 id="states">States (RFC 9293, Figure 5)</h2>
        <Drawing label="states" svg={detail.states} packet={packet} onPacket={choose} onPoint={point} />
      </section>
      {detail.streams !== null && <Streams data={detail.streams} stream={stream} />}
      <p class="quiet">
        <a href={hashOf({ stream, packet })}>A link to this place</a>
      </p>
    </>
  );
}

function StoryOf({ tale }: { tale: Tale }) {
  const { overview, sections } = tale;
  return (
    <div class="story">
      <p class="lead">{overview.join(' ')}</p>
      <details>
        <summary>The whole story</summary>
        {sections.map(({ heading, lines }) => (
          <div key={heading}>
            <h3>{heading}</h3>
            {lines.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </div>
        ))}
      </details>
    </div>
  );
}

/** Figures of both ends side by side. */
function Ends({ detail }: { detail: Detail }) {
  const { client, server } = detail.report;
  const lines: [string, (end: EndpointReport) => string][] = [
    ['address', ({ address, port }) => formatEndpoint(address.includes(':') ? 6 : 4, address, port)],
    ['state at the end', ({ state, basis }) => `${state}${basis === 'inferred' ? ' (inferred)' : ''}`],
    ['packets', ({ packets, dataPackets }) => `${packets}, ${dataPackets} with data`],
    ['bytes of its stream', ({ streamBytes }) => formatBytes(streamBytes)],
    ['MSS, window scale', ({ mss, windowScale }) => `${mss ?? '-'}, ${windowScale ?? '-'}`],
    ['round trip, smoothed', ({ srttMs }) => (srttMs === null ? '-' : formatDuration(srttMs * 1e6))],
    ['round trip, shortest', ({ minRttMs }) => (minRttMs === null ? '-' : formatDuration(minRttMs * 1e6))],
  ];
  const { congestion } = detail.report;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="both ends">
      <table class="ends">
        <thead>
          <tr>
            <td />
            <th scope="col" class="client">
              client
            </th>
            <th scope="col" class="server">
              server
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(([name, text]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="mono">{text(client)}</td>
              <td class="mono">{text(server)}</td>
            </tr>
          ))}
          {(congestion.client !== null || congestion.server !== null) && (
            <tr>
              <th scope="row">congestion control</th>
              <td>{congestion.client?.model ?? '-'}</td>
              <td>{congestion.server?.model ?? '-'}</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

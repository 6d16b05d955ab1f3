import { useState } from 'preact/hooks';
import type { ExchangeReport } from '../../budget/report.ts';
import { formatBytes, formatCount, formatDuration } from '../../model/units.ts';
import type { Detail } from '../model.ts';
import { Grid, type GridColumn } from './grid.tsx';
import { isNarrow } from './state.ts';
import { useText } from './words.ts';

const ROW = 26;
const VISIBLE = 10;

interface ExchangesProps {
  readonly detail: Detail;
  /** Number of the chosen packet, null none. */
  readonly packet: number | null;
  /** Nanoseconds since the first packet of the connection at which it came. */
  readonly time: number | null;
  readonly onPacket: (packet: number) => void;
}

/** Whether a packet is the first of an exchange, or comes before its end. */
function holds({ packet: first, startMs, durationMs }: ExchangeReport, packet: number | null, time: number | null) {
  if (packet === null || packet <= first) return packet === first;
  return startMs !== null && durationMs !== null && time !== null && time <= (startMs + durationMs) * 1e6 + 1;
}

/** Requests and answers, and what each of them waited for. */
export function Exchanges({ detail, packet, time: at, onPacket }: ExchangesProps) {
  const [chosen, setChosen] = useState(-1);
  const { exchanges, moreExchanges } = detail;
  if (exchanges.length === 0) return null;
  // Several may begin with one packet: the one that was chosen here, then.
  const selected =
    exchanges[chosen]?.packet === packet ? chosen : exchanges.findLastIndex((one) => holds(one, packet, at));
  return (
    <section aria-labelledby="exchanges">
      <h2 id="exchanges">{`${formatCount(exchanges.length + moreExchanges)} ${exchanges.length === 1 ? 'exchange' : 'exchanges'}`}</h2>
      <Grid
        label="Exchanges"
        rows={exchanges.length}
        columns={columnsOf(exchanges, isNarrow.value)}
        rowHeight={ROW}
        height={VISIBLE}
        selected={selected}
        onSelect={(i) => {
          setChosen(i);
          onPacket(exchanges[i].packet);
        }}
      />
      {moreExchanges > 0 && <p class="quiet">{`${formatCount(moreExchanges)} more exchanges are not listed.`}</p>}
    </section>
  );
}

function columnsOf(exchanges: readonly ExchangeReport[], isSlim: boolean): GridColumn[] {
  const time = (key: string, title: string, of: (i: number) => number | null): GridColumn => ({
    key,
    title,
    width: '6.5em',
    align: 'end',
    cell: (i) => {
      const ms = of(i);
      return ms === null ? '-' : formatDuration(ms * 1e6);
    },
  });
  const bytes = (key: 'requestBytes' | 'answerBytes', title: string): GridColumn => ({
    key,
    title,
    width: '6.5em',
    align: 'end',
    cell: (i) => formatBytes(exchanges[i][key]),
  });
  const index: GridColumn = { key: 'index', title: 'n', width: '3.5em', align: 'end', cell: (i) => exchanges[i].index };
  const most: GridColumn = {
    key: 'limit',
    title: 'most of the time',
    width: 'minmax(9em, 1fr)',
    cell: (i) => {
      const { limitedBy } = exchanges[i];
      return limitedBy === null ? '' : useText(limitedBy.owner, limitedBy.cause);
    },
  };
  if (isSlim)
    return [index, bytes('answerBytes', 'answer'), time('duration', 'lasted', (i) => exchanges[i].durationMs), most];
  return [
    index,
    time('at', 'at', (i) => exchanges[i].startMs),
    bytes('requestBytes', 'request'),
    bytes('answerBytes', 'answer'),
    time('client', 'client paused', (i) => exchanges[i].thinkingMs.client),
    time('server', 'server thought', (i) => exchanges[i].thinkingMs.server),
    time('first', 'first byte', (i) => exchanges[i].firstByteMs),
    time('duration', 'lasted', (i) => exchanges[i].durationMs),
    { key: 'losses', title: 'lost', width: '4em', align: 'end', cell: (i) => exchanges[i].losses || '' },
    most,
  ];
}

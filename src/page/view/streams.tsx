import { useMemo, useState } from 'preact/hooks';
import { escapeText } from '../../model/escape.ts';
import { GAP_TYPES } from '../../model/stream.ts';
import { formatBytes } from '../../model/units.ts';
import type { StreamData } from '../model.ts';
import { Choice } from './charts.tsx';
import { hashOf } from './state.ts';

/** Bytes that are written out at first, and with each "more". */
const STEP = 1 << 14;
const HEX_STEP = 1 << 12;

/** What the connection carried, as text or as bytes. */
export function Streams({ data, stream }: { data: StreamData; stream: number }) {
  const [form, setForm] = useState<'text' | 'hex'>('text');
  const [most, setMost] = useState(1);
  const step = form === 'text' ? STEP : HEX_STEP;
  const pieces = useMemo(() => piecesOf(data, most * step, form), [data, most, step, form]);
  const total = data.bytes.length + data.more;
  if (data.length.length === 0) return null;
  const isCut = most * step < data.bytes.length;
  return (
    <section aria-labelledby="carried">
      <div class="section-head">
        <h2 id="carried">What it carried</h2>
        <Choice
          label="form"
          options={[
            { value: 'text', text: 'text' },
            { value: 'hex', text: 'hex' },
          ]}
          value={form}
          onChange={(value) => {
            setForm(value);
            setMost(1);
          }}
        />
        <span class="quiet">{formatBytes(total)}</span>
      </div>
      <div class="carried" tabIndex={0} role="group" aria-label="bytes of the connection">
        {pieces.map(({ key, role, packet, text, isGap }) => (
          <div key={key} class={`piece ${role} ${isGap ? 'gap' : ''}`}>
            <span class="who">
              {role === 'client' ? 'client →' : '← server'}
              {packet > 0 && <a href={hashOf({ stream, packet })}>{`#${packet}`}</a>}
            </span>
            <pre>{text}</pre>
          </div>
        ))}
      </div>
      {isCut && (
        <button type="button" class="more" onClick={() => setMost(most + 4)}>
          more
        </button>
      )}
      {!isCut && data.more > 0 && (
        <p class="quiet">{`${formatBytes(data.more)} more are not in this page: tcpscope follow prints them.`}</p>
      )}
    </section>
  );
}

interface Piece {
  readonly key: number;
  readonly role: 'client' | 'server';
  readonly packet: number;
  readonly text: string;
  readonly isGap: boolean;
}

/** Neighbours of one direction together, up to so many bytes. */
function piecesOf(data: StreamData, most: number, form: 'text' | 'hex'): Piece[] {
  const pieces: Piece[] = [];
  const { fromClient, length, gap, packet, offset, bytes } = data;
  let at = 0;
  for (let row = 0; row < length.length && at < most; ) {
    const role = fromClient[row] === 1 ? 'client' : 'server';
    if (gap[row] >= 0) {
      pieces.push({ key: row, role, packet: 0, text: `${length[row]} bytes: ${GAP_TYPES[gap[row]]}`, isGap: true });
      row++;
      continue;
    }
    const first = row;
    const from = at;
    while (row < length.length && gap[row] < 0 && fromClient[row] === fromClient[first] && at < most)
      at += length[row++];
    const part = bytes.subarray(from, Math.min(at, most));
    const text = form === 'hex' ? hexOf(part, offset[first]) : textOf(part);
    pieces.push({ key: first, role, packet: packet[first], text, isGap: false });
  }
  return pieces;
}

/** UTF-8 in lines; what a terminal would act upon is written out. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).split(/\r?\n/).map(escapeText).join('\n');
}

const COLUMNS = 16;

function hexOf(bytes: Uint8Array, offset: number): string {
  const lines: string[] = [];
  for (let i = 0; i < bytes.length; i += COLUMNS) {
    const part = [...bytes.subarray(i, i + COLUMNS)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${(offset + i).toString(16).padStart(8, '0')}  ${hex.padEnd(3 * COLUMNS)} ${text}`);
  }
  return lines.join('\n');
}

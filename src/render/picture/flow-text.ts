import { formatBytes, formatDuration, formatNumberOf, formatSeconds } from '../../model/units.ts';
import { Kind } from '../../model/verdict.ts';
import type { EndState, Flow, FlowArrow, FlowFold, FlowItem } from '../../picture/flow.ts';
import { packetMarkStyle } from '../packet-mark.ts';
import type { Style } from '../style.ts';
import { pad, textWidth, truncate, wrap } from '../text.ts';
import { flowLabels, flowMark } from './flow-label.ts';

const FRAME_WIDTH = 5;
const TIME_WIDTH = 11;
const STATE_WIDTH = 12;
/** Columns between the lifelines: least and most. */
const MIN_LANE = 30;
const MAX_LANE = 56;
/** Columns to the left of the first lifeline: frame, time, state and the blanks between them. */
const LEFT = FRAME_WIDTH + TIME_WIDTH + 1 + STATE_WIDTH + 1;
/** Columns besides the lane: those, the lifelines, and the other state. */
const AROUND = LEFT + 2 + 1 + STATE_WIDTH;
/** A line without a terminal to fit. */
const DEFAULT_WIDTH = 120;
const MIN_MARK = 24;
/** A segment that is still in the network: RFC 9293 draws such a one with dots as well. */
const ON_ITS_WAY = ' · · ·';

/** The sequence diagram as text: two lifelines, with the state of each end beside every packet. */
export function flowText(flow: Flow, width: number | null, style: Style): string[] {
  return new FlowText(width ?? DEFAULT_WIDTH, style).lines(flow);
}

class FlowText {
  private readonly style: Style;
  private readonly lane: number;
  private readonly width: number;

  constructor(width: number, style: Style) {
    this.style = style;
    this.width = width;
    const room = width - AROUND;
    const withMark = room - 1 - MIN_MARK;
    this.lane = Math.max(MIN_LANE, Math.min(MAX_LANE, withMark >= MIN_LANE + 8 ? withMark : room));
  }

  lines(flow: Flow): string[] {
    const { client, server } = flow.connection;
    const plain = (name: EndState['name']): EndState => ({ name, isNew: false });
    return [
      this.heads(client.name, server.name),
      this.heads('client', 'server'),
      this.line('', '', plain(flow.before.client), ' '.repeat(this.lane), plain(flow.before.server)).trimEnd(),
      ...flow.items.flatMap((item) => this.item(item)),
    ];
  }

  /** One word above each lifeline: the left one ends there, the right one begins there. */
  private heads(left: string, right: string): string {
    const { style } = this;
    const column = LEFT + 1;
    const over = Math.max(textWidth(left) - column, 0);
    const room = this.width - column - over - textWidth(right);
    const gap = Math.max(Math.min(this.lane - over, room), 2);
    return `${style.client(pad(left, column, 'right'))}${' '.repeat(gap)}${style.server(right)}`;
  }

  private item(item: FlowItem): string[] {
    switch (item.kind) {
      case 'arrow':
        return this.arrow(item);
      case 'fold':
        return [this.note(foldText(item))];
      default:
        return [this.note(`${formatDuration(item.duration)} without a packet`)];
    }
  }

  private arrow(arrow: FlowArrow): string[] {
    const { style } = this;
    const { row, course } = arrow;
    const isSeen = course !== 'arrival' || row.verdict?.kind === Kind.REORDERED;
    const [frame, time] = isSeen ? [`#${row.view.frame}`, formatSeconds(row.sinceStart)] : ['', ''];
    const paint = course === 'lost' ? style.error : row.sender.isClient ? style.client : style.server;
    const line = this.line(frame, time, arrow.client, paint(this.shaft(arrow)), arrow.server);
    const mark = flowMark(arrow);
    if (mark === '') return [line.trimEnd()];
    const used = AROUND + this.lane;
    const markStyle = packetMarkStyle(row, style);
    if (this.width - used > MIN_MARK) {
      const [first, ...rest] = wrap(mark, this.width - used - 2);
      return [`${line}  ${markStyle(first)}`, ...rest.map((text) => `${' '.repeat(used + 2)}${markStyle(text)}`)];
    }
    const indent = LEFT + 2;
    const texts = wrap(mark, Math.max(this.width - indent, MIN_MARK));
    return [line.trimEnd(), ...texts.map((text) => `${' '.repeat(indent)}${markStyle(text)}`)];
  }

  /** Between the lifelines, drawn for the client and turned round for the server. */
  private shaft({ row, course }: FlowArrow): string {
    const { lane } = this;
    const isRight = row.sender.isClient;
    const way = course === 'departure' || course === 'arrival' ? ON_ITS_WAY : course === 'lost' ? ' ✕      ' : '';
    const room = lane - way.length - (course === 'lost' || course === 'departure' ? 0 : 1);
    const texts = flowLabels(row).map((text) =>
      course === 'arrival' && row.verdict?.kind !== Kind.REORDERED ? `#${row.view.frame} ${text}` : text,
    );
    const label = texts.find((text) => textWidth(text) + 4 <= room) ?? truncate(texts.at(-1)!, Math.max(room - 4, 0));
    const bars = room - textWidth(label) - 2;
    const left = bars >> 1;
    const body = `${'─'.repeat(left)} ${label} ${'─'.repeat(bars - left)}`;
    const head = isRight ? '▶' : '◀';
    const parts =
      course === 'departure'
        ? [body, way]
        : course === 'arrival'
          ? [way, body, head]
          : course === 'lost'
            ? [body, way]
            : [body, head];
    return (isRight ? parts : parts.reverse().map((part) => (part === way ? reversed(part) : part))).join('');
  }

  private note(text: string): string {
    const shown = pad(truncate(text, this.lane - 2), this.lane - 2, 'left');
    return `${' '.repeat(LEFT)}┊ ${this.style.quiet(shown)} ┊`;
  }

  private line(frame: string, time: string, client: EndState, lane: string, server: EndState): string {
    return `${pad(frame, FRAME_WIDTH, 'right')}${pad(time, TIME_WIDTH, 'right')} ${this.state(client, 'right')} │${lane}│ ${this.state(server, 'left')}`;
  }

  private state({ name, isNew }: EndState, align: 'left' | 'right'): string {
    const text = pad(name, STATE_WIDTH, align);
    return isNew ? this.style.strong(text) : this.style.quiet(text);
  }
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}

/** `212 segments, → 300 KiB, 1.20 s (#12 to #223)` */
export function foldText({ segments, clientBytes, serverBytes, duration, firstFrame, lastFrame }: FlowFold): string {
  const bytes = [
    clientBytes > 0 ? `→ ${formatBytes(clientBytes)}` : '',
    serverBytes > 0 ? `← ${formatBytes(serverBytes)}` : '',
  ].filter((text) => text !== '');
  return [
    `… ${formatNumberOf(segments, 'segment')}`,
    ...bytes,
    `${formatDuration(duration)} (#${firstFrame} to #${lastFrame})`,
  ].join(', ');
}

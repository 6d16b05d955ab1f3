import { formatDuration, formatSeconds } from '../../model/units.ts';
import { Kind } from '../../model/verdict.ts';
import type { EndState, Flow, FlowArrow, FlowItem } from '../../picture/flow.ts';
import { textWidth } from '../text.ts';
import { flowLabels, flowMark } from './flow-label.ts';
import { foldText } from './flow-text.ts';
import { arrowHead, CHARACTER, type DrawingForm, drawing, element, text } from './svg.ts';

const TIME_X = 90;
const CLIENT_X = 215;
const SERVER_X = 655;
const MARK_X = 790;
const TOP = 110;
const STEP = 34;
/** How far an arrow falls on its way. */
const FALL = 14;
const LONGEST_LABEL = Math.floor((SERVER_X - CLIENT_X - 40) / CHARACTER);

/** The sequence diagram as SVG: time runs downwards, not to scale. */
export function flowSvg(flow: Flow, form: DrawingForm = 'document'): string {
  const { connection, items, before } = flow;
  const { client, server } = connection;
  const bottom = TOP + items.length * STEP + 10;
  const marks = items.map((item) => (item.kind === 'arrow' ? flowMark(item) : ''));
  const width = MARK_X + Math.max(...marks.map((mark) => textWidth(mark) * CHARACTER), 20) + 20;
  const title = `Connection ${connection.id}: ${client.name} to ${server.name}`;
  const drawn = [
    text(20, 28, title, 'title', 'start'),
    text(CLIENT_X, 60, client.name, 'client strong', 'middle'),
    text(SERVER_X, 60, server.name, 'server strong', 'middle'),
    text(CLIENT_X, 76, 'client', 'quiet', 'middle'),
    text(SERVER_X, 76, 'server', 'quiet', 'middle'),
    ...states(94, { name: before.client, isNew: false }, { name: before.server, isNew: false }),
    ...[CLIENT_X, SERVER_X].map((x) => element('line', { x1: x, y1: 84, x2: x, y2: bottom, class: 'line' })),
    ...items.flatMap((item, i) => itemOf(item, i, items)),
  ];
  return drawing({ width, height: bottom + 20 }, title, aboutOf(items), drawn, form);
}

function aboutOf(items: readonly FlowItem[]): string {
  const arrows = items.filter((item) => item.kind === 'arrow');
  return `Sequence diagram of ${arrows.length} packets with the states of both ends: ${arrows
    .slice(0, 20)
    .map(({ row }) => `#${row.view.frame} ${row.sender.role} ${flowLabels(row)[0]}`)
    .join('; ')}`;
}

function itemOf(item: FlowItem, i: number, items: readonly FlowItem[]): string[] {
  const y = TOP + i * STEP;
  const middle = (CLIENT_X + SERVER_X) / 2;
  if (item.kind === 'fold') return [text(middle, y + 12, foldText(item), 'quiet', 'middle')];
  if (item.kind === 'pause')
    return [text(middle, y + 12, `${formatDuration(item.duration)} without a packet`, 'quiet', 'middle')];
  const mark = flowMark(item);
  const parts = [
    ...arrowOf(item, i, items),
    ...states(y + FALL, item.client, item.server),
    ...(mark === '' ? [] : [text(MARK_X, y + FALL, mark, isBad(item) ? 'error' : 'warning', 'start')]),
  ];
  return [element('g', { 'data-packet': item.row.view.frame }, parts.join(''))];
}

function arrowOf(arrow: FlowArrow, i: number, items: readonly FlowItem[]): string[] {
  const { row, course } = arrow;
  const y = TOP + i * STEP;
  if (course === 'arrival' && !isOvertaken(arrow)) return [];
  const [from, to] = row.sender.isClient ? [CLIENT_X, SERVER_X] : [SERVER_X, CLIENT_X];
  const reach = course === 'lost' ? 0.62 : 1;
  const start = isOvertaken(arrow) ? Math.max(y - STEP * row.verdict!.depth, TOP) : y;
  const end = y + FALL + (course === 'departure' ? STEP * stepsToArrival(arrow, i, items) : 0);
  const tip = { x: from + (to - from) * reach, y: start + (end - start) * reach };
  const kind = course === 'lost' ? 'error' : row.sender.role;
  const label = flowLabels(row).find((form) => form.length <= LONGEST_LABEL) ?? '';
  // Crossing arrows are labelled near where they leave: in the middle the labels would lie on each other.
  const previous = items[i - 1];
  const isCrossing = course === 'departure' || (previous?.kind === 'arrow' && previous.course === 'departure');
  const share = isCrossing || isOvertaken(arrow) ? 0.25 : 0.5;
  const at = { x: from + (to - from) * share, y: start + (end - start) * share - 4 };
  return [
    text(TIME_X, y + FALL, formatSeconds(row.sinceStart), 'quiet', 'end'),
    element('line', {
      x1: from,
      y1: start,
      x2: tip.x,
      y2: tip.y,
      class: `stroke ${kind}${isOvertaken(arrow) ? ' dashed' : ''}`,
    }),
    course === 'lost' ? cross(tip.x, tip.y) : arrowHead(tip.x, tip.y, Math.atan2(end - start, to - from), kind),
    text(at.x, at.y, `#${row.view.frame} ${label}`, 'halo', 'middle', Math.atan((end - start) / (to - from))),
  ];
}

function stepsToArrival({ row }: FlowArrow, i: number, items: readonly FlowItem[]): number {
  const at = items.findIndex((item, j) => j > i && item.kind === 'arrow' && item.row === row);
  return at < 0 ? 0 : at - i;
}

function isOvertaken({ row, course }: FlowArrow): boolean {
  return course === 'arrival' && row.verdict?.kind === Kind.REORDERED;
}

function isBad({ course }: FlowArrow): boolean {
  return course === 'lost';
}

function states(y: number, client: EndState, server: EndState): string[] {
  const kind = ({ isNew }: EndState) => (isNew ? 'strong' : 'quiet');
  return [
    text(CLIENT_X - 10, y, client.name, kind(client), 'end'),
    text(SERVER_X + 10, y, server.name, kind(server), 'start'),
  ];
}

function cross(x: number, y: number): string {
  const r = 6;
  return element('path', {
    d: `M${x - r} ${y - r}L${x + r} ${y + r}M${x - r} ${y + r}L${x + r} ${y - r}`,
    class: 'stroke error',
  });
}

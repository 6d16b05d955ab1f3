import { formatDuration, formatSeconds } from '../../model/units.ts';
import type { EndState, Flow, FlowArrow, FlowItem } from '../../picture/flow.ts';
import { flowLabels, flowMark } from './flow-label.ts';
import { foldText } from './flow-text.ts';

/** The sequence diagram in mermaid's language, as READMEs and wikis draw it. */
export function flowMermaid(flow: Flow): string[] {
  const { client, server } = flow.connection;
  return [
    'sequenceDiagram',
    `    participant C as ${escapeMermaid(client.name)}`,
    `    participant S as ${escapeMermaid(server.name)}`,
    `    Note over C: ${flow.before.client}`,
    `    Note over S: ${flow.before.server}`,
    ...flow.items.flatMap(linesOf).map((line) => `    ${line}`),
  ];
}

function linesOf(item: FlowItem): string[] {
  if (item.kind === 'fold') return [`Note over C,S: ${escapeMermaid(foldText(item))}`];
  if (item.kind === 'pause') return [`Note over C,S: ${formatDuration(item.duration)} without a packet`];
  return [message(item), ...stateNote('left of C', item.client), ...stateNote('right of S', item.server)];
}

/** `-)` has an open head: under way. `-x` ends in a cross: lost. */
const HEADS = { whole: '->>', lost: '-x', departure: '-)', arrival: '-->>' } as const;

function message(arrow: FlowArrow): string {
  const { row, course } = arrow;
  const [from, to] = row.sender.isClient ? ['C', 'S'] : ['S', 'C'];
  const mark = flowMark(arrow);
  const word = course === 'departure' ? ' (on its way)' : course === 'arrival' ? ' (arrives)' : '';
  const [label] = flowLabels(row);
  const text = `#${row.view.frame} ${formatSeconds(row.sinceStart)} ${label}${word}${mark === '' ? '' : ` ${mark}`}`;
  return `${from}${HEADS[course]}${to}: ${escapeMermaid(text)}`;
}

function stateNote(place: string, { name, isNew }: EndState): string[] {
  return isNew ? [`Note ${place}: ${name}`] : [];
}

/** `#` begins a character code and `;` ends a statement in this language. */
function escapeMermaid(text: string): string {
  return text.replace(/[#;<>"]/g, (character) => `#${character.charCodeAt(0)};`);
}

import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { BASIS_NAMES, type BasisName, STATE_NAMES, State, type StateName } from '../model/state.ts';
import { TRANSITIONS } from '../tcp/transitions.ts';

/** A place on the sheet, in characters of text from its upper left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface FigureBox extends Point {
  readonly width: number;
  readonly height: number;
  readonly state: StateName;
  /** When each end came into it for the first time; none without a connection. */
  readonly visits: readonly Visit[];
}

export interface FigureEdge {
  /** Corners of the line, from the state that is left to the one that is reached. */
  readonly points: readonly Point[];
  readonly labels: readonly FigureLabel[];
  /** Ends that went this way. */
  readonly taken: { readonly client: boolean; readonly server: boolean };
}

interface FigureLabel extends Point {
  readonly text: string;
  /** `end`: the text ends at `x`. */
  readonly align: 'start' | 'end';
}

/** An end comes into a state. */
export interface Visit {
  readonly role: 'client' | 'server';
  readonly state: StateName;
  readonly basis: BasisName;
  /** Nanoseconds since the first packet of the connection, and frame of the packet that brought it. */
  readonly time: number;
  readonly frame: number;
  /** The figure has an arrow for the step; what RFC 9293's text adds to it (resets) has none. */
  readonly isDrawn: boolean;
}

export interface PathOfEnd {
  readonly role: 'client' | 'server';
  readonly name: string;
  readonly initial: StateName;
  readonly visits: readonly Visit[];
}

/** RFC 9293 section 3.3.2, Figure 5, with the way that both ends of a connection took through it. */
export interface StateFigure {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly FigureBox[];
  readonly edges: readonly FigureEdge[];
  readonly paths: readonly PathOfEnd[];
}

const BOX_WIDTH = 17;
/** Lines of a box: its border, the name and one line for each end. */
const BOX_HEIGHT = 5;
const COLUMNS = [0, 31, 62];
const GAP = 4;
const WIDTH = COLUMNS[2] + BOX_WIDTH;

/** Where the figure has its states. CLOSED stands in it twice, where a connection begins and where it ends. */
const PLACES: readonly (readonly [state: number, column: number, row: number])[] = [
  [State.CLOSED, 1, 0],
  [State.LISTEN, 1, 1],
  [State.SYN_RECEIVED, 0, 2],
  [State.SYN_SENT, 2, 2],
  [State.ESTABLISHED, 1, 3],
  [State.FIN_WAIT_1, 0, 4],
  [State.CLOSE_WAIT, 2, 4],
  [State.FIN_WAIT_2, 0, 5],
  [State.CLOSING, 1, 5],
  [State.LAST_ACK, 2, 5],
  [State.TIME_WAIT, 1, 6],
  [State.CLOSED, 2, 6],
];
const LAST_CLOSED = PLACES.length - 1;

type Side = 'left' | 'right' | 'top' | 'bottom';
/** A side of a box, and how far from its upper or left corner: 0 is the corner. */
type Port = readonly [side: Side, offset: number];

interface Route {
  readonly from: Port;
  readonly to: Port;
  /** The first label line stands so far from the first port (x, y); the second `below` lines under it. */
  readonly label: readonly [dx: number, dy: number, below: number, align?: 'end'];
}

/** How the figure draws the way from one state to another: `FROM>TO`, by the names of `State`. */
const ROUTES: Readonly<Record<string, Route>> = {
  [`${State.CLOSED}>${State.SYN_SENT}`]: { from: ['right', 1], to: ['top', 14], label: [2, -1, 2] },
  [`${State.CLOSED}>${State.LISTEN}`]: { from: ['bottom', 5], to: ['top', 5], label: [-2, 1, 1, 'end'] },
  [`${State.LISTEN}>${State.CLOSED}`]: { from: ['top', 11], to: ['bottom', 11], label: [2, -3, 1] },
  [`${State.SYN_SENT}>${State.CLOSED}`]: { from: ['top', 10], to: ['right', 3], label: [-2, -9, 1, 'end'] },
  [`${State.LISTEN}>${State.SYN_RECEIVED}`]: { from: ['left', 3], to: ['top', 12], label: [-16, 1, 1] },
  [`${State.SYN_RECEIVED}>${State.LISTEN}`]: { from: ['top', 4], to: ['left', 1], label: [10, -8, 1] },
  [`${State.LISTEN}>${State.SYN_SENT}`]: { from: ['right', 3], to: ['top', 4], label: [3, 1, 1] },
  [`${State.SYN_SENT}>${State.SYN_RECEIVED}`]: { from: ['left', 2], to: ['right', 2], label: [-27, -1, 2] },
  [`${State.SYN_SENT}>${State.ESTABLISHED}`]: { from: ['bottom', 8], to: ['top', 12], label: [-23, 0, 2] },
  [`${State.SYN_RECEIVED}>${State.ESTABLISHED}`]: { from: ['bottom', 12], to: ['top', 4], label: [3, 0, 2] },
  [`${State.SYN_RECEIVED}>${State.FIN_WAIT_1}`]: { from: ['bottom', 4], to: ['top', 4], label: [2, 3, 1] },
  [`${State.ESTABLISHED}>${State.FIN_WAIT_1}`]: { from: ['left', 2], to: ['top', 12], label: [-13, -1, 2] },
  [`${State.ESTABLISHED}>${State.CLOSE_WAIT}`]: { from: ['right', 2], to: ['top', 8], label: [4, -1, 2] },
  [`${State.FIN_WAIT_1}>${State.FIN_WAIT_2}`]: { from: ['bottom', 4], to: ['top', 4], label: [2, 1, 1] },
  [`${State.FIN_WAIT_1}>${State.CLOSING}`]: { from: ['right', 2], to: ['top', 8], label: [4, -1, 2] },
  [`${State.CLOSE_WAIT}>${State.LAST_ACK}`]: { from: ['bottom', 8], to: ['top', 8], label: [2, 1, 1] },
  [`${State.FIN_WAIT_2}>${State.TIME_WAIT}`]: { from: ['bottom', 8], to: ['left', 2], label: [3, 5, 2] },
  [`${State.CLOSING}>${State.TIME_WAIT}`]: { from: ['bottom', 8], to: ['top', 8], label: [-2, 1, 1, 'end'] },
  [`${State.LAST_ACK}>${State.CLOSED}`]: { from: ['bottom', 8], to: ['top', 8], label: [-2, 1, 1, 'end'] },
  [`${State.TIME_WAIT}>${State.CLOSED}`]: { from: ['right', 2], to: ['left', 2], label: [1, -1, 2] },
};

/** Calls of the user that no packet shows, so that the table of transitions lacks them; the figure has them. */
const UNSEEN = [
  { from: State.CLOSED, to: State.LISTEN, label: 'passive OPEN, create TCB' },
  { from: State.LISTEN, to: State.CLOSED, label: 'CLOSE, delete TCB' },
  { from: State.SYN_SENT, to: State.CLOSED, label: 'CLOSE, delete TCB' },
] as const;

/** The arrows of Figure 5: those of the table that belong to the figure, and those that no packet shows. */
export function figureTransitions(): readonly { from: number; to: number; label: string }[] {
  const own = TRANSITIONS.filter(({ from, to, section }) => from !== to && section === '3.3.2');
  return [...own, ...UNSEEN];
}

/** The figure, with the path of both ends of `connection` where one is given. */
export function stateFigure(connection: Connection | null): StateFigure {
  const paths = connection === null ? [] : [connection.client, connection.server].map(pathOf);
  const taken = new Map(paths.map((path) => [path.role, edgesOf(path)]));
  return {
    width: WIDTH,
    height: topOf(6) + BOX_HEIGHT,
    boxes: PLACES.map(([state, column, row], place) => ({
      x: COLUMNS[column],
      y: topOf(row),
      width: BOX_WIDTH,
      height: BOX_HEIGHT,
      state: STATE_NAMES[state],
      visits: paths.flatMap((path) => visitsOf(path, state, place)),
    })),
    edges: figureTransitions().map(({ from, to, label }) => {
      const key = `${from}>${to}`;
      return {
        ...drawnEdge(from, to, label),
        taken: { client: taken.get('client')?.has(key) ?? false, server: taken.get('server')?.has(key) ?? false },
      };
    }),
    paths,
  };
}

function pathOf(end: Endpoint): PathOfEnd {
  const { timeline, role, name, connection } = end;
  const visits: Visit[] = [];
  let before = timeline.initial;
  for (let i = 0; i < timeline.length; i++) {
    const state = timeline.stateOf(i);
    if (state === before) continue;
    visits.push({
      role,
      state: STATE_NAMES[state],
      basis: BASIS_NAMES[timeline.basisOf(i)],
      time: Math.max(timeline.timeOf(i) - connection.firstTime, 0),
      frame: timeline.frameOf(i),
      isDrawn: `${before}>${state}` in ROUTES,
    });
    before = state;
  }
  return { role, name, initial: STATE_NAMES[timeline.initial], visits };
}

function edgesOf({ initial, visits }: PathOfEnd): Set<string> {
  const states = [initial, ...visits.map(({ state }) => state)].map((name) => STATE_NAMES.indexOf(name));
  return new Set(states.slice(1).map((to, i) => `${states[i]}>${to}`));
}

/** The first time that the end came into the state; into CLOSED of the figure's lower edge where it ended there. */
function visitsOf({ initial, visits }: PathOfEnd, state: number, place: number): Visit[] {
  const name = STATE_NAMES[state];
  if (state === State.CLOSED && place === LAST_CLOSED) return visits.filter((visit) => visit.state === name).slice(-1);
  if (state === State.CLOSED || initial === name) return [];
  return visits.filter((visit) => visit.state === name).slice(0, 1);
}

function drawnEdge(from: number, to: number, label: string): Omit<FigureEdge, 'taken'> {
  const { from: start, to: end, label: place } = ROUTES[`${from}>${to}`];
  const a = portOf(placeOf(from), start);
  const b = portOf(placeOf(to, from), end);
  const [dx, dy, below, align = 'start'] = place;
  const labels = label
    .split(', ')
    .map((text, i): FigureLabel => ({ x: a.x + dx, y: a.y + dy + i * below, text, align }));
  return { points: withCorners(a, start[0], b, end[0]), labels };
}

/** CLOSED is reached at the lower edge by those that come from there. */
function placeOf(state: number, from: number = State.CLOSED): number {
  const isEnd = state === State.CLOSED && (from === State.TIME_WAIT || from === State.LAST_ACK);
  return isEnd ? LAST_CLOSED : PLACES.findIndex(([placed]) => placed === state);
}

function topOf(row: number): number {
  return row * (BOX_HEIGHT + GAP);
}

/** The place just outside the box. */
function portOf(place: number, [side, offset]: Port): Point {
  const [, column, row] = PLACES[place];
  const [x, y] = [COLUMNS[column], topOf(row)];
  switch (side) {
    case 'left':
      return { x: x - 1, y: y + offset };
    case 'right':
      return { x: x + BOX_WIDTH, y: y + offset };
    case 'top':
      return { x: x + offset, y: y - 1 };
    default:
      return { x: x + offset, y: y + BOX_HEIGHT };
  }
}

/** Lines go straight out of a box and straight into one. */
function withCorners(a: Point, from: Side, b: Point, to: Side): Point[] {
  if (a.x === b.x || a.y === b.y) return [a, b];
  const isLevel = (side: Side) => side === 'left' || side === 'right';
  if (isLevel(from)) return [a, { x: b.x, y: a.y }, b];
  if (isLevel(to)) return [a, { x: a.x, y: b.y }, b];
  const middle = Math.floor((a.y + b.y) / 2);
  return [a, { x: a.x, y: middle }, { x: b.x, y: middle }, b];
}

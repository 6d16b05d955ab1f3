import { formatDuration } from '../../model/units.ts';
import { positional, timeArgument } from './arguments.ts';
import { type Call, type Compiling, type Env, inside, type Node, type Scope } from './node.ts';
import { BOOL, type Course, type Moment, record } from './type.ts';
import { type Found, MAX_FRAMES, NO_FRAMES, Unknown, unknown, type Val, type Wanted } from './value.ts';

/** An event: a condition on a packet, and on the states of both ends after it. */
interface Event {
  readonly text: string;
  readonly at: (moment: Moment, env: Env) => Val;
}

interface Setting {
  readonly events: readonly Event[];
  readonly within: number | null;
  readonly course: (env: Env) => Course;
}

function setting(compiler: Compiling, call: Call, scope: Scope, events: number, takesWithin: boolean): Setting {
  const args = positional(compiler, call, events, events, takesWithin ? ['within'] : []);
  let up = 0;
  let s: Scope | null = scope;
  while (s !== null && !(s.type.kind === 'record' && s.type.schema.course !== undefined)) {
    s = s.parent;
    up++;
  }
  if (s?.type.kind !== 'record' || s.type.schema.course === undefined)
    throw compiler.error(call, `${call.name}(...) speaks of one connection: use it in flows, or in flows.all(f, ...)`);
  const { course, moments } = s.type.schema.course;
  compiler.isOfFlow ||= s.name === null;
  compiler.needsPackets = true;
  const inner: Scope = { name: null, type: record(moments), parent: scope };
  return {
    events: args.map((arg) => {
      const before = compiler.nodes;
      const node = compiler.condition(arg, inner);
      return eventOf(node, 1 + compiler.nodes - before);
    }),
    within: timeArgument(compiler, call, 'within'),
    course: (env) => {
      let e = env;
      for (let i = 0; i < up; i++) e = e.parent!;
      return course(e.value);
    },
  };
}

function eventOf(node: Node, cost: number): Event {
  return {
    text: node.text,
    at: (moment, env) => {
      env.budget.spend(cost);
      return node.run(inside(env, moment));
    },
  };
}

interface Hit {
  /** Index among the moments of the first that matches, -1 for none. */
  readonly index: number;
  /** Why some moment could not be judged. */
  readonly doubt: string | null;
}

function first(event: Event, moments: readonly Moment[], env: Env, from = 0, until = Number.POSITIVE_INFINITY): Hit {
  let doubt: string | null = null;
  for (let i = from; i < moments.length && moments[i].time <= until; i++) {
    const { v } = event.at(moments[i], env);
    if (v === true) return { index: i, doubt };
    if (v instanceof Unknown) doubt ??= v.reason;
  }
  return { index: -1, doubt };
}

function found(text: string, value: string, wanted: Wanted | null, ...moments: Moment[]): Found[] {
  return [{ text, value, frames: moments.length === 0 ? NO_FRAMES : moments.map(({ frame }) => frame), wanted }];
}

/** ` within 2 s`; empty without. */
function limitText(within: number | null): string {
  return within === null ? '' : ` within ${formatDuration(within)}`;
}

function at(moment: Moment): string {
  return `after ${formatDuration(moment.time)}`;
}

/** eventually(EVENT, within: 2s): it happens, at the latest that long after the connection's first packet. */
export function eventually(compiler: Compiling, call: Call, scope: Scope): Node {
  const { events, within, course } = setting(compiler, call, scope, 1, true);
  const [event] = events;
  const limit = limitText(within);
  const wanted: Wanted = { text: `at least once${limit}`, negated: `never${limit}` };
  return compiler.make(call, BOOL, (env) => {
    const { moments, missing, isOver, watched } = course(env);
    const hit = first(event, moments, env);
    const moment = moments[hit.index];
    if (moment !== undefined && within !== null && env.noClock !== null) return unknown(env.noClock);
    const isInTime = moment !== undefined && (within === null || moment.time <= within);
    if (isInTime) return { v: true, found: found(event.text, at(moment), wanted, moment) };
    const shown =
      moment === undefined ? found(event.text, 'never', wanted) : found(event.text, at(moment), wanted, moment);
    if (hit.doubt !== null) return unknown(hit.doubt, shown);
    if (missing !== null) return unknown(missing, shown);
    if (moment === undefined && !isOver) {
      if (within === null) return unknown('the connection is still open where the capture ends', shown);
      if (watched < within) {
        const reason = `the capture ends ${formatDuration(watched)} after the connection began, before the ${formatDuration(within)} are over`;
        return unknown(reason, shown);
      }
    }
    return { v: false, found: shown };
  });
}

/** never(EVENT): no packet is such. */
export function never(compiler: Compiling, call: Call, scope: Scope): Node {
  const { events, course } = setting(compiler, call, scope, 1, false);
  const [event] = events;
  const wanted: Wanted = { text: 'never', negated: 'at least once' };
  return compiler.make(call, BOOL, (env) => {
    const { moments, missing } = course(env);
    const hits: Moment[] = [];
    let doubt = missing;
    for (const moment of moments) {
      const { v } = event.at(moment, env);
      if (v === true) hits.push(moment);
      else if (v instanceof Unknown) doubt ??= v.reason;
    }
    if (hits.length > 0) {
      const times = hits.length === 1 ? 'once' : `${hits.length} times, first`;
      return { v: false, found: found(event.text, `${times} ${at(hits[0])}`, wanted, ...hits.slice(0, MAX_FRAMES)) };
    }
    const shown = found(event.text, 'never', wanted);
    return doubt === null ? { v: true, found: shown } : unknown(doubt, shown);
  });
}

/** before(A, B): A happens, and B not earlier. */
export function inOrder(compiler: Compiling, call: Call, scope: Scope): Node {
  const { events, course } = setting(compiler, call, scope, 2, false);
  const [a, b] = events;
  const wanted: Wanted = { text: `before ${b.text}`, negated: `not before ${b.text}` };
  return compiler.make(call, BOOL, (env) => {
    const { moments, missing } = course(env);
    const one = first(a, moments, env);
    const other = first(b, moments, env);
    const [x, y] = [moments[one.index], moments[other.index]];
    const shown = [
      ...(x === undefined ? found(a.text, 'never', wanted) : found(a.text, at(x), wanted, x)),
      ...(y === undefined ? found(b.text, 'never', null) : found(b.text, at(y), null, y)),
    ];
    // What is missing could be an earlier one of either.
    const doubt = one.doubt ?? other.doubt ?? missing;
    if (doubt !== null) return unknown(doubt, shown);
    if (x === undefined && y === undefined) return unknown('neither of the two happens', shown);
    return { v: x !== undefined && (y === undefined || one.index < other.index), found: shown };
  });
}

/** followed_by(A, B, within: 1s): after every A there is a B, at the latest that much later. */
export function followedBy(compiler: Compiling, call: Call, scope: Scope): Node {
  const { events, within, course } = setting(compiler, call, scope, 2, true);
  const [a, b] = events;
  const sequel = `followed by ${b.text}${limitText(within)}`;
  const wanted: Wanted = { text: sequel, negated: `not ${sequel}` };
  return compiler.make(call, BOOL, (env) => {
    const { moments, missing, isOver, watched } = course(env);
    let doubt = missing;
    let causes = 0;
    // The next B of an A serves the As in between too: every packet is looked at no more than twice.
    let next: Hit = { index: -1, doubt: null };
    let searched = -1;
    for (let i = 0; i < moments.length; i++) {
      const { v } = a.at(moments[i], env);
      if (v instanceof Unknown) doubt ??= v.reason;
      if (v !== true) continue;
      causes++;
      if (searched < 0 || (next.index >= 0 && next.index <= i)) {
        next = first(b, moments, env, i + 1);
        searched = i;
      }
      const effect = moments[next.index];
      if (effect !== undefined && within !== null && env.noClock !== null) return unknown(env.noClock);
      const deadline = moments[i].time + (within ?? Number.POSITIVE_INFINITY);
      if (effect !== undefined && effect.time <= deadline) continue;
      const shown = found(
        a.text,
        `${at(moments[i])}, ${lacking(b.text, effect)}`,
        wanted,
        moments[i],
        ...(effect === undefined ? [] : [effect]),
      );
      if (next.doubt !== null || doubt !== null) return unknown((next.doubt ?? doubt)!, shown);
      if (effect === undefined && !isOver && watched < deadline) {
        return unknown('the capture ends before the time for it is over', shown);
      }
      return { v: false, found: shown };
    }
    const shown = found(a.text, causes === 0 ? 'never' : `${causes} times`, wanted);
    if (causes === 0) return unknown(doubt ?? `${a.text} never happens, so there is nothing to follow it`, shown);
    return doubt === null ? { v: true, found: shown } : unknown(doubt, shown);
  });
}

function lacking(text: string, effect: Moment | undefined): string {
  return effect === undefined ? `and no ${text} follows` : `${text} only ${at(effect)}`;
}

import {
  COSTLY_KINDS,
  type Cost,
  type CostlyKind,
  type Failure,
  type Quiet,
  type Trust,
  type Unknowable,
} from '../messages/answer.ts';
import { OWNERS, type Owner, TIME_USES } from '../model/budget.ts';
import type { KindSummary } from './kind-summary.ts';
import { isWorthSentence } from './kinds.ts';
import type { Tally } from './tally.ts';
import { isTimed } from './trust.ts';
import { type Weight, weightOf } from './weight.ts';

/** A sentence of the verdict; its words are in `messages/`. `stream` and `frame` are where its evidence begins, 0 unknown. */
export type Statement =
  | { readonly key: 'cost'; readonly kind: CostlyKind; readonly values: Cost; readonly stream: number }
  | { readonly key: 'failure'; readonly values: Failure; readonly stream: number; readonly frame: number }
  | { readonly key: 'quiet'; readonly values: Quiet }
  | { readonly key: 'unknowable'; readonly values: Unknowable }
  | { readonly key: 'no-connections' };

/** Most sentences. */
const MOST = 4;
/** A kind is worth a sentence from this share of what the worst kind cost. */
const SHARE_OF_WORST = 0.05;
/** So large a part of a kind's cost is one service's: it is named. */
const ONE_SERVICE = 0.8;
/** Findings are worth a sentence when so many of the connections have them. */
const MANY = 0.01;

export function statementsOf(summary: {
  readonly connections: number;
  readonly overall: Tally;
  readonly kinds: readonly KindSummary[];
  /** Connections of each service. */
  readonly services: ReadonlyMap<string, number>;
  readonly trust: Trust;
}): Statement[] {
  const { connections, overall, kinds, services, trust } = summary;
  if (connections === 0) return [{ key: 'no-connections' }];
  const costly = kinds.filter(({ affected }) => affected.length > 0);
  const dearest = Math.max(...costly.map(({ lost }) => lost), 0);
  const costs = costly
    .filter(({ lost }) => isWorthSentence(lost, overall.busy) && lost >= SHARE_OF_WORST * dearest)
    .map((kind) => costOf(kind, overall, connections, services));
  const found = (weight: Weight) =>
    kinds
      .filter((kind) => kind.affected.length === 0 && isMany(kind, connections))
      .filter(({ kind, severity }) => weightOf(kind, severity) === weight)
      // Who scans a host is refused by it: what is found of the whole explains what is found of connections.
      .sort((a, b) => Number(wholeOf(b) !== null) - Number(wholeOf(a) !== null))
      .slice(0, MOST / 2)
      .map((kind) => findingOf(kind, connections));
  const statements = [...found('failure'), ...costs].slice(0, MOST);
  if (statements.length > 0) return statements;
  const notable = found('notable');
  return notable.length > 0 ? notable : [quietOf(overall, connections, trust)];
}

/** An error counts wherever it is, and so does what is found of the capture as a whole. */
function isMany(kind: KindSummary, connections: number): boolean {
  return kind.severity === 'error' || wholeOf(kind) !== null || kind.connections >= MANY * connections;
}

/** What is said of the capture as a whole; null of what is found of connections. */
function wholeOf({ worst: { stream, text } }: KindSummary): string | null {
  return stream < 0 && text !== '' ? text : null;
}

function costOf(
  { kind, connections, lost, affected, worst }: KindSummary,
  overall: Tally,
  all: number,
  services: ReadonlyMap<string, number>,
): Statement {
  const byService = new Map<string, { lost: number; times: number[] }>();
  let sum = 0;
  for (const { service: name, lost: time } of affected) {
    sum += time;
    const service = byService.get(name) ?? { lost: 0, times: [] };
    service.lost += time;
    service.times.push(time);
    byService.set(name, service);
  }
  const [name, main] = [...byService].sort(([, a], [, b]) => b.lost - a.lost)[0];
  const isOne = main.lost >= ONE_SERVICE * sum;
  // What is said of one service is what was lost there.
  const said = isOne ? main.lost : lost;
  const times = (isOne ? main.times : Array.from(affected, (one) => one.lost)).sort((a, b) => a - b);
  return {
    key: 'cost',
    kind: COSTLY_KINDS.find((known) => known === kind)!,
    stream: worst.stream,
    values: {
      service: isOne ? name : null,
      services: byService.size,
      connections: isOne ? main.times.length : connections,
      of: isOne ? (services.get(name) ?? all) : all,
      lost: said,
      each: (times[(times.length - 1) >> 1] + times[times.length >> 1]) / 2,
      worst: times[times.length - 1],
      share: overall.busy > 0 ? said / overall.busy : 0,
    },
  };
}

function findingOf(found: KindSummary, of: number): Statement {
  const { kind, connections, worst } = found;
  return {
    key: 'failure',
    values: { id: kind, connections, of, text: wholeOf(found) },
    stream: worst.stream,
    frame: worst.frame,
  };
}

function quietOf(overall: Tally, connections: number, trust: Trust): Statement {
  const { oneWay, midStream, doubts, damaged } = trust;
  const isUntimed = !isTimed(trust.times);
  const byOwner = new Map<Owner, number>(OWNERS.map((owner) => [owner, 0]));
  overall.totals.forEach((time, use) => {
    const { owner, cause } = TIME_USES[use];
    if (owner !== 'idle' && owner !== 'closing' && !(owner === 'client' && cause === 'thinking'))
      byOwner.set(owner, byOwner.get(owner)! + time);
  });
  const [owner, time] = [...byOwner].sort(([, a], [, b]) => b - a)[0];
  const { busy, lost } = overall;
  const isBlind = busy === 0 && Math.max(oneWay, midStream) === connections;
  const isUnknown = owner === 'unknown' && time > 0;
  const isLacking = oneWay > 0 || midStream > 0 || doubts.length > 0 || damaged;
  if (isUntimed || isBlind || (isUnknown && isLacking))
    return { key: 'unknowable', values: { connections, oneWay, midStream, isUntimed } };
  // Of a capture that lacks nothing the time of stray packets is not known, and nobody waited for them.
  return { key: 'quiet', values: { connections, owner, share: busy > 0 && !isUnknown ? time / busy : 0, lost } };
}

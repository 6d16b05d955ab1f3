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
/** Findings that mean that a connection came to nothing or stuck: worth a sentence when so many of the connections have them. */
const FAILURES: ReadonlySet<string> = new Set([
  'connection-refused',
  'syn-unanswered',
  'handshake-reset',
  'icmp-unreachable',
  'peer-unresponsive',
  'path-mtu-black-hole',
  'gap-not-filled',
]);
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
  const failures = kinds
    .filter(
      ({ kind, lost, severity, connections: failed }) =>
        lost === 0 && (severity === 'error' || (FAILURES.has(kind) && failed >= MANY * connections)),
    )
    .map((kind) => findingOf(kind, connections));
  const statements: Statement[] = [...failures.slice(0, MOST / 2), ...costs].slice(0, MOST);
  return statements.length > 0 ? statements : [quietOf(overall, connections, trust)];
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
      lost,
      each: (times[(times.length - 1) >> 1] + times[times.length >> 1]) / 2,
      worst: times[times.length - 1],
      share: overall.busy > 0 ? lost / overall.busy : 0,
    },
  };
}

function findingOf({ kind, connections, worst }: KindSummary, of: number): Statement {
  return {
    key: 'failure',
    values: { id: kind, connections, of, text: worst.stream < 0 ? worst.text : null },
    stream: worst.stream,
    frame: worst.frame,
  };
}

function quietOf(overall: Tally, connections: number, { oneWay, midStream }: Trust): Statement {
  const byOwner = new Map<Owner, number>(OWNERS.map((owner) => [owner, 0]));
  overall.totals.forEach((time, use) => {
    const { owner, cause } = TIME_USES[use];
    if (owner !== 'idle' && owner !== 'closing' && !(owner === 'client' && cause === 'thinking'))
      byOwner.set(owner, byOwner.get(owner)! + time);
  });
  const [owner, time] = [...byOwner].sort(([, a], [, b]) => b - a)[0];
  const { busy, lost } = overall;
  const isBlind = busy === 0 && Math.max(oneWay, midStream) === connections;
  if (isBlind || (owner === 'unknown' && time > 0))
    return { key: 'unknowable', values: { connections, oneWay, midStream } };
  return { key: 'quiet', values: { connections, owner, share: busy > 0 ? time / busy : 0, lost } };
}

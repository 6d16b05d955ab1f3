import { didYouMean } from '../../model/suggest.ts';
import { positional } from './arguments.ts';
import { TIME } from './dimension.ts';
import type { Call, Compiling, Node, Scope } from './node.ts';
import { NUMBER } from './type.ts';
import { Unknown, type Val } from './value.ts';

/** Captures of several points, compared: what conditions ask of them. */
export interface ComparedPoints {
  /** A series of nanoseconds. */
  delay(from: string, to: string): Val;
  lost(one: string, other: string): Val;
}

/** one_way_delay("client.pcap", "server.pcap"): how long each packet took from the one capture to the other. */
export function oneWayDelay(compiler: Compiling, call: Call, scope: Scope): Node {
  return ofPoints(compiler, call, scope, { kind: 'series', dimension: TIME }, (points, from, to) =>
    points.delay(from, to),
  );
}

/** lost_between("client.pcap", "server.pcap"): packets that were lost between the two captures, in either direction. */
export function lostBetweenPoints(compiler: Compiling, call: Call, scope: Scope): Node {
  return ofPoints(compiler, call, scope, NUMBER, (points, one, other) => points.lost(one, other));
}

function ofPoints(
  compiler: Compiling,
  call: Call,
  scope: Scope,
  type: Node['type'],
  get: (points: ComparedPoints, one: string, other: string) => Val,
): Node {
  const points = compiler.resolve(call, 'points', scope);
  const comparison = compiler.resolve(call, 'comparison', scope);
  if (points === null || comparison === null)
    throw compiler.error(call, `${call.name}(...) needs several captures: check --compare A.pcap B.pcap`);
  const known = points.type.kind === 'list' && points.type.of.kind === 'string' ? (points.type.of.values ?? []) : [];
  const names = positional(compiler, call, 2).map((argument) => {
    if (argument.op !== 'string')
      throw compiler.error(argument, `the name of a capture is expected, in quotes: "${known[0] ?? 'client.pcap'}"`);
    if (!known.includes(argument.value))
      throw compiler.error(
        argument,
        `no capture is called ${argument.value}${didYouMean(argument.value, known)}; they are ${known.join(', ')}`,
      );
    return argument.value;
  });
  if (names[0] === names[1]) throw compiler.error(call, 'two captures are expected');
  return compiler.make(call, type, (env) => {
    const value = comparison.run(env);
    return value.v instanceof Unknown ? value : get(value.v as ComparedPoints, names[0], names[1]);
  });
}

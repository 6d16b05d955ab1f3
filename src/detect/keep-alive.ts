import { say } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Kind } from '../model/verdict.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';

/** Unanswered probes in a row from which on the other end is taken to be dead. */
const DEAD = 2;
/** Timers of keep-alives are set in seconds: what comes in less than this (ns) on average, the capture has in another order. */
const SHORTEST_INTERVAL = 200e6;

/** The keep-alives of one end. */
interface Probes {
  count: number;
  frames: number[];
  /** Those since the other end was last heard. */
  unanswered: number;
  unansweredFrames: number[];
  /** Nanoseconds: when the unanswered ones began, the latest, and the time between the latest two. */
  since: number;
  latest: number;
  interval: number;
  /** How it ended: a reset by the prober, or the capture; null while it goes on. */
  end: 'reset' | 'capture' | null;
  /** Some were answered before: the first of them is not the first without an answer. */
  wasAnswered: boolean;
}

/** Keep-alives, answered or not. */
export class KeepAlive implements Detector {
  readonly ids = ['keep-alive', 'keep-alive-failure'] as const;
  readonly when = [Fact.PROBE, Fact.RST];
  private readonly findings: Collector;
  private readonly probes = new Memory<Endpoint, Probes>(() => ({
    count: 0,
    frames: [],
    unanswered: 0,
    unansweredFrames: [],
    since: 0,
    latest: 0,
    interval: 0,
    end: null,
    wasAnswered: false,
  }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { sender, receiver } = segment;
    if (segment.has(Fact.RST)) {
      const probes = this.probes.find(sender);
      if (probes !== undefined && receiver.lastFrame < (probes.unansweredFrames[0] ?? 0)) {
        if (probes.unanswered >= DEAD) note(probes.unansweredFrames, segment.frame);
        this.ends(sender, probes, 'reset');
      }
      return;
    }
    if (segment.verdict!.kind !== Kind.KEEP_ALIVE || segment.explained) return;
    const known = this.probes.find(sender);
    const probes = known ?? this.probes.of(sender);
    if (probes.count > 0) probes.interval = segment.time - probes.latest;
    if (probes.unanswered === 0 || receiver.lastFrame > probes.unansweredFrames[0]) {
      probes.wasAnswered = probes.unanswered > 0;
      probes.unanswered = 0;
      probes.unansweredFrames.length = 0;
      probes.since = segment.time;
    }
    probes.count++;
    probes.unanswered++;
    probes.latest = segment.time;
    note(probes.frames, segment.frame);
    note(probes.unansweredFrames, segment.frame);
    if (known === undefined) this.findings.add(segment, 'keep-alive', () => describe(sender, probes));
  }

  /** Those before them were answered: that these were not is told where they begin. */
  private ends(prober: Endpoint, probes: Probes, end: 'reset' | 'capture'): void {
    probes.end = end;
    if (!probes.wasAnswered || !isFailure(prober, probes)) return;
    const { since: time, unansweredFrames } = probes;
    const where = { connection: prober.connection, row: null, frame: unansweredFrames[0], time };
    this.findings.add(where, 'keep-alive-failure', () => failure(prober, probes));
  }

  concludeConnection({ a, b, hasLeft }: Connection): void {
    if (hasLeft) return;
    for (const prober of [a, b]) {
      const probes = this.probes.find(prober);
      if (probes?.end === null && prober.peer.lastFrame < probes.unansweredFrames[0])
        this.ends(prober, probes, 'capture');
    }
  }
}

/** An end that was never captured may have answered all of them. */
function isFailure({ peer }: Endpoint, { unanswered, end, since, latest }: Probes): boolean {
  const isTimed = latest - since >= (unanswered - 1) * SHORTEST_INTERVAL;
  return end !== null && unanswered >= DEAD && isTimed && peer.seen;
}

function describe(prober: Endpoint, probes: Probes): Account {
  const { count, frames, interval, unanswered, unansweredFrames } = probes;
  const fails = isFailure(prober, probes);
  if (fails && !probes.wasAnswered) return failure(prober, probes);
  return {
    id: 'keep-alive',
    message: say('keep-alive', { prober, probes: fails ? count - unanswered : count, interval }),
    evidence: fails ? frames.filter((frame) => frame < unansweredFrames[0]) : frames,
  };
}

function failure(prober: Endpoint, { unanswered, unansweredFrames, interval, end }: Probes): Account {
  return {
    id: 'keep-alive-failure',
    evidence: unansweredFrames,
    confidence: end === 'reset' ? 0.95 : 0.8,
    message: say('keep-alive-failure', {
      prober,
      peer: prober.peer,
      probes: unanswered,
      interval,
      end: end ?? 'capture',
    }),
  };
}

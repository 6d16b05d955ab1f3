import { flagLetters } from '../../model/flags.ts';
import { Option } from '../../model/segment.ts';
import { formatDuration } from '../../model/units.ts';
import { Kind } from '../../model/verdict.ts';
import type { FlowFacts } from '../facts/flow-facts.ts';
import type { PacketFact } from '../facts/packet-fact.ts';
import type { Budget } from '../language/budget.ts';
import { type Found, NO_FRAMES, unknown, type Val } from '../language/value.ts';
import type { ExpectedLine, ExpectedOption, ExpectedPacket, ExpectedTrace } from './expected.ts';
import { packetLine } from './export.ts';

/** Does the connection begin as the script expects? Copies that the capture made are passed over. */
export function matchTrace({ lines }: ExpectedTrace, flow: FlowFacts, budget: Budget): Val {
  const packets = flow.packets.filter(({ verdict }) => !(verdict.kind === Kind.DUPLICATE && verdict.byCapture));
  const failure = new Matcher(lines, packets, budget).run();
  if (failure === null) {
    return {
      v: true,
      found: [{ text: 'script', value: `all ${lines.length} lines`, frames: NO_FRAMES, wanted: null }],
    };
  }
  return flow.missing === null ? { v: false, found: failure } : unknown(flow.missing, failure);
}

/** What comparing a packet with a line costs. */
const STEPS_OF_COMPARISON = 10;

/** A place that is reached: the next packet, and the packet that the line before matched. */
interface Reached {
  readonly next: number;
  readonly last: number;
}

class Matcher {
  private readonly lines: readonly ExpectedLine[];
  private readonly packets: readonly PacketFact[];
  private readonly budget: Budget;
  /** The line that nothing could match, so far the last one. */
  private failed: readonly Found[] = [];

  constructor(lines: readonly ExpectedLine[], packets: readonly PacketFact[], budget: Budget) {
    this.lines = lines;
    this.packets = packets;
    this.budget = budget;
  }

  /** Null when all lines matched; else what was found instead of the line that did not. */
  run(): readonly Found[] | null {
    let reached: Reached[] = [{ next: 0, last: -1 }];
    let gap = false;
    for (const line of this.lines) {
      if (line.kind === 'gap') {
        gap = true;
        continue;
      }
      reached = line.kind === 'end' ? this.ends(line, reached, gap) : this.step(line, reached, gap);
      if (reached.length === 0) return this.failed;
      gap = false;
    }
    return null;
  }

  private ends(line: ExpectedLine, reached: readonly Reached[], gap: boolean): Reached[] {
    const there = reached.filter(({ next }) => gap || next === this.packets.length);
    if (there.length === 0) {
      const next = this.packets[Math.max(...reached.map((place) => place.next))];
      this.failed = [found(line, `packet ${next.frame} follows: ${packetLine(next, null)}`, next)];
    }
    return there;
  }

  private step(line: ExpectedPacket, reached: readonly Reached[], gap: boolean): Reached[] {
    const hits = new Map<number, Reached>();
    let nearest: { index: number; differences: string[] } | null = null;
    // After a gap the earliest place reaches every packet that the others reach. Only a time that counts from the line before
    // makes a difference between them.
    const places =
      gap && line.time?.isRelative !== true ? [reached.reduce((a, b) => (b.next < a.next ? b : a))] : reached;
    for (const { next, last } of places) {
      const until = gap ? this.packets.length : Math.min(next + 1, this.packets.length);
      for (let i = next; i < until; i++) {
        this.budget.spend(STEPS_OF_COMPARISON);
        const differences = this.differences(line, i, last);
        if (differences.length === 0) hits.set(i, { next: i + 1, last: i });
        else if (nearest === null || differences.length < nearest.differences.length)
          nearest = { index: i, differences };
      }
    }
    if (hits.size === 0) this.failed = this.explain(line, nearest, reached);
    return [...hits.values()];
  }

  private explain(
    line: ExpectedPacket,
    nearest: { index: number; differences: string[] } | null,
    reached: readonly Reached[],
  ): Found[] {
    if (nearest === null) return [found(line, `the connection has no further packet`, this.packets[reached[0].last])];
    const packet = this.packets[nearest.index];
    const before = this.packets[nearest.index - 1] ?? null;
    return [
      found(line, `packet ${packet.frame}: ${packetLine(packet, before)} (${nearest.differences.join(', ')})`, packet),
    ];
  }

  /** What is not as the line expects; nothing when it matches. */
  private differences(line: ExpectedPacket, index: number, last: number): string[] {
    const packet = this.packets[index];
    const wrong: string[] = [];
    if (packet.sender.role !== line.from) wrong.push(`from the ${packet.sender.role}`);
    if (line.flags !== null && (packet.flags & 0x1ff) !== line.flags) {
      wrong.push(`flags ${flagLetters(packet.flags)}, not ${flagLetters(line.flags)}`);
    }
    if (line.seq !== null && packet.seq !== line.seq) wrong.push(`starts at ${packet.seq}, not ${line.seq}`);
    if (line.length !== null && packet.payload !== line.length)
      wrong.push(`${packet.payload} bytes, not ${line.length}`);
    if (line.ack !== null && packet.ack !== line.ack) wrong.push(`ack ${packet.ack}, not ${line.ack}`);
    if (line.window !== null && packet.rawWindow !== line.window)
      wrong.push(`win ${packet.rawWindow}, not ${line.window}`);
    if (line.options !== null) wrong.push(...optionDifferences(line.options, line.mayHaveMore, packet));
    if (line.time !== null) {
      const origin = line.time.isRelative && last >= 0 ? this.packets[last].time : 0;
      const time = packet.time - origin;
      if (time < line.time.least || time > line.time.most) {
        const { least, most } = line.time;
        wrong.push(
          `after ${formatDuration(time)}, not ${formatDuration(Math.max(least, 0))} to ${formatDuration(most)}`,
        );
      }
    }
    return wrong;
  }
}

function found({ line, text }: ExpectedLine, value: string, packet: PacketFact | undefined): Found {
  return {
    text: `line ${line}: ${text}`,
    value,
    frames: packet === undefined ? NO_FRAMES : [packet.frame],
    wanted: null,
  };
}

const BITS = {
  mss: Option.MSS,
  wscale: Option.WSCALE,
  sackOK: Option.SACK_PERMITTED,
  TS: Option.TIMESTAMPS,
  sack: Option.SACK,
} as const;

function optionDifferences(
  expected: readonly ExpectedOption[],
  mayHaveMore: boolean,
  { options }: PacketFact,
): string[] {
  const wrong: string[] = [];
  const named = new Set(expected.map(({ name }) => name));
  for (const { name, values } of expected) {
    if (!(options.present & BITS[name])) {
      wrong.push(`no ${name}`);
      continue;
    }
    const actual = valuesOf(name, options);
    const isSame = values.every((value, i) => value === null || value === actual[i]);
    const isWhole = name !== 'sack' || values.includes(null) || values.length === actual.length;
    if (!isSame || !isWhole) wrong.push(`${name} ${actual.join(' ')}`);
  }
  if (!mayHaveMore) {
    for (const [name, bit] of Object.entries(BITS)) {
      if (options.present & bit && !named.has(name as ExpectedOption['name'])) wrong.push(`${name} too`);
    }
  }
  return wrong;
}

function valuesOf(name: ExpectedOption['name'], options: PacketFact['options']): readonly number[] {
  switch (name) {
    case 'mss':
      return [options.mss];
    case 'wscale':
      return [options.wscale];
    case 'TS':
      return [options.tsVal, options.tsEcr];
    case 'sack':
      return options.sack;
    default:
      return [];
  }
}

import { type Field, field, listOf, NUMBER, record, type Schema, SIZE, type Type } from '../language/type.ts';
import { between, estimated, exact, MAX_FRAMES, type Val } from '../language/value.ts';
import type { FlowFacts } from './flow-facts.ts';
import { type Doubt, doubtOf, type GroupName, joined, NO_DOUBT } from './group-doubts.ts';
import type { PacketFact } from './packet-fact.ts';
import { CAUSES, PACKET } from './packet-names.ts';
import { isAtReceiver, isAtSender } from './place.ts';
import type { SideFacts } from './side-facts.ts';

type Side = SideFacts<FlowFacts>;

/** Packets of one sort, and what they are a part of. */
export interface Group {
  readonly items: readonly PacketFact[];
  /** How many more there may be, and why. */
  readonly doubt: Doubt;
  /** Packets with data, and bytes of data, of the ends concerned. */
  readonly dataPackets: number;
  readonly dataBytes: number;
  /** Of retransmissions: every packet was seen to arrive or not by a capture at its receiver. */
  readonly isAtReceivers: boolean;
  readonly areSynsAtSenders: boolean;
}

/** The packets, and those that they repeat. */
function framesOf(items: readonly PacketFact[]): number[] {
  return [...new Set(items.slice(0, MAX_FRAMES).flatMap(({ evidence }) => evidence))].sort((a, b) => a - b);
}

function bytesOf(items: readonly PacketFact[]): number {
  return items.reduce((sum, { payload }) => sum + payload, 0);
}

/** Why a figure that is no count is in doubt. */
function reasonOf({ doubt }: Group): string | null {
  return doubt.most > 0 ? doubt.reason : null;
}

const GROUP_FIELDS: Record<string, Field<Group>> = Object.fromEntries(
  Object.entries<Field<Group>>({
    count: field(NUMBER, 'how many', ({ items, doubt }) =>
      between(items.length, items.length + doubt.most, doubt.reason, framesOf(items)),
    ),
    bytes: field(SIZE, 'their bytes of data', ({ items, doubt }) => {
      const bytes = bytesOf(items);
      return between(bytes, doubt.most > 0 ? Number.POSITIVE_INFINITY : bytes, doubt.reason, framesOf(items));
    }),
    ratio: field(NUMBER, 'their share of the packets with data', (group) =>
      estimated(group.items.length / Math.max(group.dataPackets, 1), reasonOf(group), framesOf(group.items)),
    ),
    bytes_ratio: field(NUMBER, 'their share of the bytes of data', (group) =>
      estimated(bytesOf(group.items) / Math.max(group.dataBytes, 1), reasonOf(group), framesOf(group.items)),
    ),
    packets: field(listOf(PACKET), 'the packets themselves', (group) => {
      const why = reasonOf(group);
      return why === null ? exact(group.items) : { v: group.items, why };
    }),
  }).map(([name, rest]) => [name, { ...rest, cost: ({ items }: Group) => items.length }]),
);

export const GROUP: Schema<Group> = { name: 'group of packets', fields: GROUP_FIELDS, main: 'count' };

/** Those of a group for which something is so. `doubt` says how many more of them it may be so for. */
function part(
  about: string,
  belongs: (packet: PacketFact) => boolean | null,
  doubt: (group: Group, items: readonly PacketFact[]) => Doubt,
): Field<Group> {
  return {
    ...field<Group>(record(GROUP), about, (group) => {
      const items = group.items.filter((packet) => belongs(packet) === true);
      return exact({ ...group, items, doubt: joined(group.doubt, doubt(group, items)) } satisfies Group);
    }),
    cost: ({ items }) => items.length,
  };
}

const CAUSE_ABOUT: Record<string, string> = {
  syn: 'a SYN sent again',
  'syn-ack': 'a SYN,ACK sent again',
  fast: 'by duplicate ACKs or SACK (RFC 5681 section 3.2, RFC 6675)',
  rto: 'by the retransmission timer (RFC 6298)',
  'rto-recovery': 'what followed such a timeout',
  tlp: 'tail loss probes (RFC 8985 section 7)',
  pmtu: 'after ICMP said that a packet was too big',
  unknown: 'for no visible reason',
};

/** A retransmission without a visible reason may have any. A SYN is lost without a trace before it is captured. */
function causeDoubt(cause: string): (group: Group) => Doubt {
  if (cause === 'unknown') return () => NO_DOUBT;
  if (cause === 'syn' || cause === 'syn-ack') {
    return ({ areSynsAtSenders }) =>
      areSynsAtSenders
        ? NO_DOUBT
        : { most: Number.POSITIVE_INFINITY, reason: 'a SYN that was lost before the point of capture leaves no trace' };
  }
  return ({ items }) => ({
    most: items.filter((packet) => packet.cause === 'unknown').length,
    reason: 'some packets were retransmitted for no visible reason: this may be theirs',
  });
}

export const RETRANSMISSIONS: Schema<Group> = {
  name: 'retransmissions',
  main: 'count',
  fields: {
    ...GROUP_FIELDS,
    ...Object.fromEntries(
      CAUSES.map((cause) => [
        cause.replaceAll('-', '_'),
        part(CAUSE_ABOUT[cause], (packet) => packet.cause === cause, causeDoubt(cause)),
      ]),
    ),
    spurious: part(
      'those that were not needed',
      ({ verdict }) => verdict.spurious,
      ({ items, isAtReceivers }, spurious) =>
        isAtReceivers
          ? NO_DOUBT
          : {
              most: items.length - spurious.length,
              reason: 'only a capture at the receiver is sure to show which retransmissions were not needed',
            },
    ),
    lost: part(
      'those that were lost again',
      ({ isLost }) => isLost,
      ({ items }) => ({
        most: items.filter(({ isLost }) => isLost === null).length,
        reason: 'the capture does not show whether each retransmission arrived',
      }),
    ),
  },
};

function groupOf(items: readonly PacketFact[], name: GroupName, ...sides: Side[]): Val {
  return exact({
    items,
    doubt: sides.map((side) => doubtOf(name, side)).reduce(joined),
    dataPackets: sides.reduce((sum, { endpoint }) => sum + endpoint.dataPackets, 0),
    dataBytes: sides.reduce((sum, { endpoint }) => sum + endpoint.payloadBytes, 0),
    isAtReceivers: sides.every((side) => side.flow.trusts || isAtReceiver(side)),
    areSynsAtSenders: sides.every((side) => side.flow.trusts || (isAtSender(side) && side.endpoint.hasIss)),
  } satisfies Group);
}

const GROUPS: readonly [name: GroupName, about: string][] = [
  ['retransmissions', 'what was sent again: count, bytes, ratio, packets, and by cause rto, fast, tlp ...'],
  ['reordered', 'packets that later ones overtook'],
  ['duplicates', 'packets captured twice: copies made by the capture or the network'],
  ['keep_alives', 'keep-alive probes'],
  ['window_probes', 'probes into a closed window'],
  ['lost', 'copies that passed the point of capture and did not arrive'],
  ['undelivered', 'copies that did not arrive: those, and those lost before the point of capture'],
  ['resets', 'RST segments'],
  ['fins', 'FIN segments'],
  ['syns', 'SYN segments'],
  ['bad_checksums', 'segments captured with a wrong TCP checksum'],
];

const KEPT = {
  retransmissions: 'retransmissions',
  reordered: 'reordered',
  duplicates: 'duplicates',
  keep_alives: 'keepAlives',
  window_probes: 'windowProbes',
  lost: 'lost',
  undelivered: 'undelivered',
  resets: 'resets',
  fins: 'fins',
  syns: 'syns',
  bad_checksums: 'badChecksums',
} as const satisfies Record<GroupName, keyof Side>;

function groupType(name: GroupName): Type {
  return record(name === 'retransmissions' ? RETRANSMISSIONS : GROUP);
}

/** The groups of the packets of one end. */
export const SIDE_GROUPS: Record<string, Field<Side>> = Object.fromEntries(
  GROUPS.map(([name, about]) => [
    name,
    field<Side>(groupType(name), about, (side) => groupOf(side[KEPT[name]], name, side)),
  ]),
);

/** The same of both ends. */
export const FLOW_GROUPS: Record<string, Field<FlowFacts>> = Object.fromEntries(
  GROUPS.map(([name, about]) => [
    name,
    {
      ...field<FlowFacts>(groupType(name), about, ({ a, b }) => {
        const items = [...a[KEPT[name]], ...b[KEPT[name]]].sort((x, y) => x.frame - y.frame);
        return groupOf(items, name, a, b);
      }),
      cost: ({ a, b }: FlowFacts) => a[KEPT[name]].length + b[KEPT[name]].length,
    },
  ]),
);

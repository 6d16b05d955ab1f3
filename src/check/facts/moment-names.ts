import { BASIS_NAMES, STATE_NAMES, State } from '../../model/state.ts';
import { field, oneOf, record, type Schema } from '../language/type.ts';
import { exact, unknown, type Val } from '../language/value.ts';
import { ENDPOINT_FIELDS, type Side, STATES } from './endpoint-names.ts';
import type { FlowFacts } from './flow-facts.ts';
import type { PacketFact } from './packet-fact.ts';
import { PACKET_FIELDS, ROLES } from './packet-names.ts';

/** A packet of a connection, and an end as it was after it. */
interface EndThen {
  readonly side: Side;
  readonly packet: PacketFact<FlowFacts>;
}

function stateThen({ side, packet }: EndThen): Val {
  const { timeline } = side.endpoint;
  const state = timeline.stateAt(packet.frame);
  if (state === State.UNKNOWN)
    return unknown(`nothing shows the state of the ${side.endpoint.role} at packet ${packet.frame}`);
  return exact(STATE_NAMES[state], [packet.frame]);
}

const END_THEN: Schema<EndThen> = {
  name: 'endpoint',
  fields: {
    ...Object.fromEntries(
      Object.entries(ENDPOINT_FIELDS).map(([name, { get, ...rest }]) => [
        name,
        { ...rest, get: ({ side }: EndThen) => get(side) },
      ]),
    ),
    state: field(oneOf(STATES), 'its state after the packet', stateThen),
    state_basis: field(oneOf(BASIS_NAMES), 'confirmed or inferred', ({ side, packet }) =>
      exact(BASIS_NAMES[side.endpoint.timeline.basisAt(packet.frame)]),
    ),
  },
};

export const MOMENT: Schema<PacketFact<FlowFacts>> = {
  name: 'packet',
  fields: {
    ...PACKET_FIELDS,
    ...Object.fromEntries(
      ROLES.map((role) => [
        role,
        field<PacketFact<FlowFacts>>(record(END_THEN), `the ${role} as it was after the packet`, (packet) =>
          exact({ side: packet.flow[role], packet } satisfies EndThen),
        ),
      ]),
    ),
  },
};

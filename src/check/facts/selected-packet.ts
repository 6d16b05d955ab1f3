import type { Connection } from '../../model/connection.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import { STATE_NAMES, State } from '../../model/state.ts';
import { ADDRESS, field, NUMBER, oneOf, record, type Schema } from '../language/type.ts';
import { exact, unknown } from '../language/value.ts';
import { addressOf, STATES } from './endpoint-names.ts';
import type { PacketFact } from './packet-fact.ts';
import { PACKET_FIELDS, ROLES } from './packet-names.ts';

/** An end of the connection, as it was after the packet. */
interface EndOfPacket {
  readonly endpoint: Endpoint;
  readonly frame: number;
}

const END: Schema<EndOfPacket> = {
  name: 'endpoint',
  fields: {
    ip: field(ADDRESS, 'its address', ({ endpoint }) => exact(addressOf(endpoint))),
    port: field(NUMBER, 'its port', ({ endpoint }) => exact(endpoint.port)),
    state: field(oneOf(STATES), 'its state after the packet', ({ endpoint, frame }) => {
      const state = endpoint.timeline.stateAt(frame);
      if (state === State.UNKNOWN) return unknown(`nothing shows the state of the ${endpoint.role} at packet ${frame}`);
      return exact(STATE_NAMES[state], [frame]);
    }),
  },
};

/** A packet that is judged by itself, while the rest of the capture is still to come. */
export const SELECTED_PACKET: Schema<PacketFact<Connection>> = {
  name: 'packet',
  fields: {
    ...PACKET_FIELDS,
    stream: field(NUMBER, 'number of the connection', ({ flow }) => exact(flow.id)),
    ...Object.fromEntries(
      ROLES.map((role) => [
        role,
        field<PacketFact<Connection>>(record(END), `the ${role}: ip, port, state`, ({ flow, frame }) =>
          exact({ endpoint: flow[role], frame } satisfies EndOfPacket),
        ),
      ]),
    ),
  },
};

import { Doing, durationOf, type Exchange, TimeUse } from '../../model/budget.ts';
import { TIME } from '../language/dimension.ts';
import { DURATION, type Field, field, NUMBER, record, type Schema } from '../language/type.ts';
import { between, counted, exact, unknown, type Val } from '../language/value.ts';
import type { FlowFacts } from './flow-facts.ts';
import { Samples } from './samples.ts';

const NOT_KEPT = 'the time budget was left out of the analysis';

/** Time of the connection that was spent on one of `uses`: what the capture does not show may have been spent on them too. */
function spent(about: string, uses: readonly number[]): Field<FlowFacts> {
  return field(DURATION, about, ({ budget, missing }) => {
    if (budget === null) return unknown(NOT_KEPT);
    const { totals } = budget;
    const time = uses.reduce((sum, use) => sum + totals[use], 0);
    if (missing !== null) return counted(time, missing);
    const hidden = totals[TimeUse.UNKNOWN];
    return between(time, time + hidden, hidden > 0 ? 'the capture does not show where all of the time went' : null);
  });
}

const NETWORK = {
  handshake: spent('the handshake, without the waits for a timer', [TimeUse.HANDSHAKE]),
  timeout: spent('waiting for retransmission timers and tail loss probes', [TimeUse.TIMEOUT]),
  round_trip: spent('flights of the first segments of messages', [TimeUse.ROUND_TRIP]),
  congestion_window: spent('waiting for an ACK with the congestion window full', [TimeUse.CONGESTION_WINDOW]),
  path_rate: spent('in the queue of the bottleneck, and on its link', [TimeUse.PATH_RATE]),
  recovery: spent('repair of losses without a timer', [TimeUse.RECOVERY]),
};

/** All six follow one another from 0 on. */
const NETWORK_USES = Object.keys(NETWORK).map((_, use) => use);

const NETWORK_TIME: Schema<FlowFacts> = {
  name: 'time of the network',
  main: 'total',
  fields: { total: spent('all of it', NETWORK_USES), ...NETWORK },
};

function timeOfEnd(role: 'client' | 'server', base: number): Schema<FlowFacts> {
  const all = Object.values(Doing).map((doing) => base + doing);
  return {
    name: `time of the ${role}`,
    main: 'total',
    fields: {
      total: spent('all of it', all),
      thinking: spent(
        role === 'server' ? 'from whole requests to the first bytes of answers' : 'pauses before requests',
        [base + Doing.THINKING],
      ),
      sending: spent('it wrote in pieces', [base + Doing.SENDING]),
      receive_window: spent('its receive window was full', [base + Doing.RECEIVE_WINDOW]),
      delayed_ack: spent("Nagle's algorithm held its small segments back", [base + Doing.DELAYED_ACK]),
    },
  };
}

export const BUDGET: Schema<FlowFacts> = {
  name: 'time budget',
  fields: {
    network: field(record(NETWORK_TIME), 'time that the path took', exact),
    server: field(record(timeOfEnd('server', TimeUse.SERVER)), 'time that the server took', exact),
    client: field(record(timeOfEnd('client', TimeUse.CLIENT)), 'time that the client took', exact),
    idle: spent('neither end waited for the other', [TimeUse.IDLE]),
    closing: spent('from the last data to the last packet', [TimeUse.CLOSING]),
    unknown: spent('the capture does not show it', [TimeUse.UNKNOWN]),
  },
};

/** One figure of each exchange that has it. */
function each(about: string, of: (exchange: Exchange) => number): Field<FlowFacts> {
  return field({ kind: 'series', dimension: TIME }, about, ({ budget, missing }): Val => {
    if (budget === null) return unknown(NOT_KEPT);
    const samples = new Samples();
    for (const exchange of budget.exchanges) {
      const value = of(exchange);
      if (!Number.isNaN(value)) samples.add(value, exchange.frame);
    }
    const why = missing ?? (budget.moreExchanges > 0 ? 'the connection has more exchanges than are kept' : null);
    return why === null ? exact(samples) : { v: samples, why };
  });
}

export const EXCHANGES: Schema<FlowFacts> = {
  name: 'exchanges',
  main: 'count',
  fields: {
    count: field(NUMBER, 'requests with their answers', ({ budget, missing }) =>
      budget === null ? unknown(NOT_KEPT) : counted(budget.exchanges.length + budget.moreExchanges, missing),
    ),
    unfinished: field(NUMBER, 'those of which a part never arrived', ({ budget, missing }) =>
      budget === null
        ? unknown(NOT_KEPT)
        : counted(budget.exchanges.filter((x) => x.unfinished !== null).length, missing),
    ),
    server_thinking: each('from a whole request to the first byte of its answer', (x) => x.serverThinking),
    client_thinking: each('pauses of the client before requests', (x) => x.clientThinking),
    first_byte: each(
      'from the first byte of a request to the first byte of its answer, at the client',
      ({ answerFirst, requestStart }) => answerFirst - requestStart,
    ),
    duration: each('to the last byte of the answer', durationOf),
  },
};

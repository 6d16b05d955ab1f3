/** What a detector is shown, and what it says, where nothing else of the analysis is there. */

import type { Account, Where } from '../../src/detect/account.ts';
import type { Collector } from '../../src/detect/collector.ts';
import type { Inspection } from '../../src/detect/inspection.ts';
import type { Connection } from '../../src/model/connection.ts';
import { ACK } from '../../src/model/flags.ts';
import { NEVER } from '../../src/model/packed.ts';
import { ChecksumStatus } from '../../src/model/segment.ts';
import { State } from '../../src/model/state.ts';
import { Reset } from '../../src/model/transition.ts';

/** What a detector raises, and what it adds or defers, which it may tell later. */
export interface Said {
  readonly findings: Collector;
  readonly raised: (Account & { where: Where })[];
  readonly added: (() => Account | null)[];
  /** Of which sort it says that there are so many more. */
  readonly further: [sort: string, count: number][];
}

/** Takes what detectors say. */
export function listener(): Said {
  const raised: Said['raised'] = [];
  const added: Said['added'] = [];
  const further: Said['further'] = [];
  const later = (_where: Where, _sort: string, account: () => Account | null) => added.push(account);
  const findings = {
    raise: (where: Where, account: Account) => raised.push({ ...account, where }),
    add: later,
    defer: later,
    countFurther: (...of: [sort: string, count: number]) => further.push(of),
  };
  return { findings: findings as unknown as Collector, raised, added, further };
}

/** The values of a message. */
export const valuesOf = (account: Account | null | undefined) => account?.message.values as Record<string, unknown>;

/** Two ends of a connection that are both established, of which nothing else is known; `client` and `server` say more. */
export function ends(client: object = {}, server: object = {}, connection: object = {}) {
  const end = (role: 'client' | 'server', address: string, more: object) => {
    const { outbound = {}, timeline = {}, ...rest } = more as { outbound?: object | null; timeline?: object };
    return {
      name: role,
      address,
      role,
      isClient: role === 'client',
      seen: true,
      hasIss: true,
      state: State.ESTABLISHED,
      packets: 0,
      dataPackets: 0,
      payloadBytes: 0,
      sndUna: 1,
      sndNxt: 1,
      lastAck: 1,
      lastFrame: 0,
      finEnd: -1,
      rstFrame: 0,
      windowEdge: -1,
      window: -1,
      windowShift: 0,
      windowFullSince: NEVER,
      rawWindow: 1000,
      mss: 1460,
      synOptions: 0,
      offeredShift: 0,
      sackPermitted: true,
      timestamps: true,
      ttl: -1,
      unansweredKind: 0,
      unansweredFrame: 0,
      unansweredTime: 0,
      unansweredCopies: 0,
      repeatsUnheard: 0,
      questionedTo: -1,
      ...rest,
      timeline: { state: State.ESTABLISHED, time: 0, frame: 0, stateAt: () => State.ESTABLISHED, ...timeline },
      outbound: outbound === null ? null : { ...OUTBOUND, ...outbound },
    };
  };
  const both = {
    client: end('client', '10.0.0.1', client) as ReturnType<typeof end> & { peer: object; connection: object },
    server: end('server', '10.0.0.2', server) as ReturnType<typeof end> & { peer: object; connection: object },
  };
  const whole = {
    id: 0,
    ipVersion: 4,
    a: both.client,
    b: both.server,
    ...both,
    firstFrame: 1,
    firstTime: 0,
    lastFrame: 99,
    lastTime: 0,
    duration: 0,
    sawHandshake: true,
    continues: -1,
    previous: null,
    icmpError: null,
    hasLeft: false,
    views: null,
    ...connection,
  };
  Object.assign(both.client, { peer: both.server, connection: whole });
  Object.assign(both.server, { peer: both.client, connection: whole });
  return { ...both, connection: whole as unknown as Connection };
}

const OUTBOUND = {
  dupAcks: 0,
  episodeStart: NEVER,
  synAckSent: false,
  sendsUnstamped: false,
  scoreboard: { isEmpty: true, unanswered: 0, oldestTime: NEVER, oldestFrame: 0, outstanding: 0, forgotten: 0 },
  rtt: { min: -1, srtt: -1, samples: 0 },
  clocks: { firstTsVal: -1, firstTsTime: 0, maxTsVal: -1, maxIpId: -1, idBreaks: 0, idRises: 0 },
};

interface Shown {
  facts?: readonly number[];
  view?: object;
  t?: object;
  [field: string]: unknown;
}

/** A segment of `sender` with these facts, as it is shown to a detector: a plain ACK, unless something else is given. */
export function shown(sender: object, { facts = [], view = {}, t = {}, ...more }: Shown = {}): Inspection {
  const { peer, connection } = sender as { peer: object; connection: object };
  const place = { seq: 1, end: 1, ack: 1, window: 1000, previousSndNxt: 1, sincePrevious: 0, unacceptableSyn: false };
  const header = { flags: ACK, options: 0, payloadLength: 0, ttl: 64, ipId: 0, ipVersion: 4, time: 0 };
  return {
    has: (fact: number) => facts.includes(fact),
    sender,
    receiver: peer,
    connection,
    frame: 10,
    time: 0,
    row: null,
    verdict: null,
    explained: false,
    effect: {},
    transition: { resetOutcome: Reset.NONE },
    view: { ...header, tcpChecksumStatus: ChecksumStatus.GOOD, ipChecksumStatus: ChecksumStatus.GOOD, ...view },
    t: { sender, receiver: peer, connection, effect: {}, ...place, ...t },
    ...more,
  } as unknown as Inspection;
}

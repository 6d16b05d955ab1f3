/** What a reset ends: `resets.ts`, and what no state machine knows: `illegal-transition.ts`. Of each condition an example on either side. */
import { describe, expect, it } from 'vitest';
import { Fact } from '../../src/detect/facts.ts';
import { IllegalTransition } from '../../src/detect/illegal-transition.ts';
import { Pauses } from '../../src/detect/pauses.ts';
import { Resets } from '../../src/detect/resets.ts';
import { causeOf } from '../../src/messages/message.ts';
import { ACK, RST, SYN } from '../../src/model/flags.ts';
import { Option } from '../../src/model/segment.ts';
import { Basis, State } from '../../src/model/state.ts';
import { Reset } from '../../src/model/transition.ts';
import { Event } from '../../src/tcp/transitions.ts';
import { analyseScenario } from '../support/analyze.ts';
import { ends, listener, shown, valuesOf } from '../support/detector.ts';

const SECOND = 1e9;
type Shown = NonNullable<Parameters<typeof shown>[1]>;
type Step = Shown & { by?: 'client' | 'server'; set?: { client?: object; server?: object } };

/** The server resets; the states of both ends before it are as given. */
const RESET: Step = { facts: [Fact.RST], view: { flags: RST | ACK }, transition: { resetOutcome: Reset.ACCEPTED } };

function story(
  steps: readonly Step[],
  client: object = {},
  server: object = {},
  pauses = new Pauses(),
  connection: object = {},
) {
  const heard = listener();
  const resets = new Resets(heard.findings, pauses);
  const both = ends(client, { resetDisowned: 0, ...server }, connection);
  for (const [i, { by = 'server', set = {}, ...segment }] of steps.entries()) {
    Object.assign(both.client, set.client);
    Object.assign(both.server, set.server);
    resets.inspect(shown(both[by], { frame: 20 + i, ...segment }));
  }
  return {
    ...both,
    ...heard,
    told: [...heard.raised, ...heard.added.map((account) => account())].filter((account) => account !== null),
  };
}
/** The one finding of a reset. */
const one = (...of: Parameters<typeof story>) => story(...of).told[0];
const key = (...of: Parameters<typeof story>) => one(...of)?.message.key;
/** The state just before frame 20. */
const was = (state: number) => ({ timeline: { stateAt: (frame: number) => (frame === 19 ? state : State.LISTEN) } });
const SYN_SENT = was(State.SYN_SENT);

describe('a reset that is accepted', () => {
  it('refuses a SYN that it has not answered', () => {
    expect(one([RESET], { ...SYN_SENT, unansweredFrame: 5 }, { hasIss: false })).toMatchObject({
      id: 'connection-refused',
      evidence: [20, 5],
      confidence: 0.95,
    });
    expect(one([RESET], { ...SYN_SENT, lastFrame: 4 }, { hasIss: false }).evidence).toEqual([20, 4]);
    expect(key([RESET], SYN_SENT)).toBe('handshake-reset.asked');
  });

  it('may end a handshake, which somebody asked for who had sent a SYN', () => {
    const reset = (server: object, state: number = State.SYN_RECEIVED) =>
      one([RESET], { ...was(state), lastFrame: 4 }, server);
    expect(reset({})).toMatchObject({ evidence: [20, 4], confidence: 0.8, message: { key: 'handshake-reset.asked' } });
    expect(reset({ hasIss: false })).toMatchObject({ confidence: 0.9, message: { key: 'handshake-reset.unasked' } });
    expect(reset({ seen: false })).toMatchObject({ confidence: 0.9 });
    expect([reset({}, State.SYN_SENT).id, reset({}, State.ESTABLISHED).id]).toEqual([
      'handshake-reset',
      'connection-aborted',
    ]);
  });

  it('in TIME-WAIT is an assassination (RFC 1337), whatever its sender had said', () => {
    expect(one([RESET], { ...was(State.TIME_WAIT), lastFrame: 4 }, { finEnd: 5 })).toMatchObject({
      id: 'time-wait-assassination',
      evidence: [20, 4],
    });
  });

  it('after half a minute of silence is of an idle timer', () => {
    const after = (sincePrevious: number) => one([{ ...RESET, t: { sincePrevious } }]);
    expect(after(30 * SECOND)).toMatchObject({ id: 'idle-close', confidence: 0.8 });
    expect(after(30 * SECOND - 1).id).toBe('connection-aborted');
  });

  it('says nothing after a pause of the capture, in which anything may have happened', () => {
    const after = (pausedAt: number) => {
      const pauses = new Pauses();
      pauses.see(1001, pausedAt * SECOND, (pausedAt + 60) * SECOND);
      // The connection was heard last after 10 seconds.
      return story([{ ...RESET, time: 100 * SECOND, t: { sincePrevious: 90 * SECOND } }], {}, {}, pauses).told;
    };
    expect(after(9)).toMatchObject([{ id: 'idle-close' }]);
    expect([after(10), after(40)]).toEqual([[], []]);
  });

  it('of an end that is closed says nothing', () => {
    expect(story([RESET], {}, was(State.CLOSED)).told).toEqual([]);
  });

  it('after two repeats that nobody heard shows that its sender gave up; keep-alives have a finding of their own', () => {
    const waiting = { outbound: { scoreboard: { isEmpty: false } } };
    const gaveUp = (repeatsUnheard: number, client: object = {}, server: object = waiting) =>
      key([RESET], client, { repeatsUnheard, ...server });
    expect([gaveUp(1), gaveUp(2)]).toEqual(['connection-aborted', 'connection-aborted.gave-up']);
    expect(one([RESET], {}, { repeatsUnheard: 2, ...waiting }).confidence).toBe(0.9);
    expect([gaveUp(2, { seen: false }), gaveUp(2, {}, {})]).toEqual(['connection-aborted', undefined]);
  });

  it('without an ACK, just where the other end’s last segment acknowledged, is of a host that has forgotten it', () => {
    const forgot = (flags: number, seq: number, client: number, server: number) =>
      one([{ ...RESET, view: { flags }, t: { seq } }], { lastFrame: client, lastAck: 50 }, { lastFrame: server });
    expect(forgot(RST, 50, 9, 8)).toMatchObject({ id: 'peer-forgot', evidence: [20, 9] });
    const ids = [forgot(RST | ACK, 50, 9, 8), forgot(RST, 51, 9, 8), forgot(RST, 50, 9, 9)].map(({ id }) => id);
    expect(ids).toEqual(['connection-aborted', 'connection-aborted', 'connection-aborted']);
    // A lone ACK may be a probe: of a connection nothing was seen.
    const severity = (packets: number, dataPackets = 0, before = 0) =>
      one(
        [{ ...RESET, view: { flags: RST }, t: { seq: 50 } }],
        { lastFrame: 9, lastAck: 50, packets, dataPackets },
        { lastFrame: before },
      )?.severity;
    expect([severity(1), severity(2), severity(1, 1), severity(1, 0, 1)]).toEqual([
      ...['info', 'warning', 'warning', 'warning'],
    ]);
  });

  it('is asked for by MP_FASTCLOSE (RFC 8684 section 3.5)', () => {
    const steps = [{ by: 'client' as const, facts: [Fact.FAST_CLOSE] }, RESET];
    expect(one(steps)).toMatchObject({
      severity: 'info',
      confidence: 0.9,
      evidence: [21, 20],
      message: { key: 'connection-aborted.fast-close' },
    });
    expect(key([{ ...steps[0], by: 'server' }, RESET])).toBe('connection-aborted');
  });

  it('may be asked for by an MP_FASTCLOSE that is not in the capture, where MPTCP was agreed and nothing of the other end is there', () => {
    const of = (seen: boolean, synOptions: number) => key([RESET], { seen }, { synOptions });
    expect(of(false, Option.MPTCP)).toBe('connection-aborted.unheard');
    expect(one([RESET], { seen: false }, { synOptions: Option.MPTCP })).toMatchObject({
      severity: 'info',
      confidence: 0.6,
      evidence: [20],
    });
    expect([of(true, Option.MPTCP), of(false, Option.SACK)]).toEqual(['connection-aborted', 'connection-aborted']);
  });

  it('is told once for each end', () => {
    expect(story([RESET, RESET]).told).toHaveLength(1);
    expect(story([RESET, { ...RESET, by: 'client' }]).told).toHaveLength(2);
  });

  it('but not where it is not acceptable, or an old one', () => {
    expect(story([{ ...RESET, facts: [Fact.RST, Fact.UNACCEPTABLE] }]).told).toEqual([]);
    expect(story([{ ...RESET, transition: { resetOutcome: Reset.OLD } }]).told).toEqual([]);
    expect(story([{ ...RESET, facts: [] }]).told).toEqual([]);
  });

  it('has a TTL that no other packet of its host has', () => {
    const ttl = (usual: number, lastFrame = 3) =>
      valuesOf(one([{ ...RESET, view: { flags: RST | ACK, ttl: 60, ipId: 9 } }], {}, { ttl: usual, lastFrame })).ttl;
    expect([ttl(64), ttl(60), ttl(-1), ttl(64, 0), ttl(0)]).toEqual([
      { ttl: 60, usual: 64, ipId: 9 },
      null,
      null,
      null,
      { ttl: 60, usual: 0, ipId: 9 },
    ]);
  });

  it('without an ACK and with a TTL that no other packet of its host has is not blamed on that host', () => {
    const forgot = (usual: number, server: object = {}) =>
      one(
        [{ ...RESET, view: { flags: RST, ttl: 60, ipId: 9 }, t: { seq: 50 } }],
        { lastFrame: 9, lastAck: 50 },
        { lastFrame: 8, ttl: usual, ...server },
      );
    const words = (usual: number, server: object = {}) => {
      const { who, message } = forgot(usual, server)!;
      return [who, causeOf(message)];
    };
    expect([60, 61].map((usual) => words(usual, { dataPackets: 1 }))).toEqual([
      [undefined, 'no such connection at that end'],
      ['network', 'a middlebox, or no such connection at that end'],
    ]);
    const agreed = { hasIss: true, dataPackets: 0, lastAck: 1 };
    expect([60, 61].map((usual) => words(usual, agreed))).toEqual([
      [undefined, 'the handshake was not completed at that end'],
      ['network', 'a middlebox, or the handshake was not completed at that end'],
    ]);
  });

  describe('loses', () => {
    const lost = (client: object, server: object = {}, segment: Step = {}) => {
      const account = one([{ ...RESET, ...segment }], client, server);
      const { own, others, hadData } = valuesOf(account);
      return [own, others, hadData, account.severity];
    };

    it('what either end had sent and the other had not acknowledged', () => {
      expect(lost({}, {})).toEqual([0, 0, false, 'info']);
      expect(lost({ lastAck: 10 }, { sndNxt: 11 })).toEqual([1, 0, false, 'warning']);
      expect(lost({ lastAck: 0 }, { sndNxt: 2 })).toEqual([1, 0, false, 'warning']);
      expect(lost({ sndNxt: 11 }, { lastAck: 10 })).toEqual([0, 1, false, 'warning']);
      expect(lost({ sndNxt: 11 }, { lastAck: 5 }, { t: { ack: 11 } })).toEqual([0, 0, false, 'info']);
      expect(lost({ sndNxt: 11 }, { lastAck: 0 }, { t: { ack: -1 } })).toEqual([0, 10, false, 'warning']);
      // Without the FIN.
      expect(lost({ sndNxt: 11, finEnd: 11 }, { lastAck: 5 })).toEqual([0, 5, false, 'warning']);
    });

    it('nothing that is not known: what came with packets that are not in the capture', () => {
      expect(lost({ lastAck: 10, seen: false }, { sndNxt: 11 })).toEqual([0, 0, false, 'info']);
      expect([
        lost({ lastAck: 10 }, { sndNxt: 11, lastAck: 1 }),
        lost({ lastAck: 10 }, { sndNxt: 11, lastAck: 2 }),
      ]).toEqual([
        [1, 0, false, 'warning'],
        [0, 0, false, 'info'],
      ]);
    });

    it('an exchange: the other end had sent data, and its ACKs are of what was seen', () => {
      const hadData = (client: object, server: object = {}) => lost({ dataPackets: 1, ...client }, server)[2];
      expect([hadData({}), hadData({ dataPackets: 0 }), hadData({ finEnd: 0 })]).toEqual([true, false, false]);
      expect([hadData({ lastAck: 9 }, { sndNxt: 9 }), hadData({ lastAck: 10 }, { sndNxt: 9 })]).toEqual([true, false]);
    });

    it('nothing by a TLS close_notify, nor by what comes before it for an end that has closed', () => {
      const alert = (seq: number): Step => ({ facts: [Fact.TLS_ALERT], t: { seq } });
      const severity = (client: object, steps: readonly Step[]) =>
        one([...steps, RESET], { lastAck: 1, ...client }, { sndNxt: 8 }).severity;
      expect([severity({}, [alert(1)]), severity({}, [alert(2)]), severity({ finEnd: 0 }, [alert(2)])]).toEqual([
        'info',
        'warning',
        'info',
      ]);
      expect([severity({}, []), severity({ finEnd: 0 }, [])]).toEqual(['warning', 'warning']);
      expect(severity({ finEnd: 0 }, [{ ...alert(1), by: 'client' }])).toBe('warning');
    });
  });
});

describe('a reset after the FIN of its sender', () => {
  /** The server had closed and acknowledged up to 10. */
  const reset = (client: object = {}, server: object = {}, steps: readonly Step[] = [RESET]) =>
    one(steps, { lastFrame: 4, ...client }, { finEnd: 30, lastAck: 10, ...server });

  it('loses what the other end sent meanwhile', () => {
    expect(reset({ sndNxt: 11 })).toMatchObject({
      id: 'reset-after-fin',
      severity: 'warning',
      evidence: [20, 4],
      confidence: 0.9,
      message: { key: 'reset-after-fin.lost' },
    });
    expect(valuesOf(reset({ sndNxt: 13 })).bytes).toBe(3);
    // The first byte of data has number 1.
    expect(valuesOf(reset({ sndNxt: 2 }, { lastAck: 0 })).bytes).toBe(1);
    const restsOn = (sndNxt: number) => reset({ sndNxt }).restsOn;
    expect([restsOn(10), restsOn(11)]).toEqual([['order'], ['order', 'absence']]);
    expect(reset({ sndNxt: 10 })).toMatchObject({ severity: 'info', message: { key: 'reset-after-fin' } });
    expect(reset({ sndNxt: 2 }, { lastAck: 0 })).toMatchObject({ severity: 'warning' });
    expect(reset({ sndNxt: 2 }, { finEnd: 0 })).toMatchObject({ id: 'reset-after-fin' });
  });

  it('which is a question where a server was asked by a client that goes on', () => {
    const severity = (client: object) => reset({ sndNxt: 13, ...client }).severity;
    expect([severity({}), severity({ finEnd: 13 }), severity({ rstFrame: 3 })]).toEqual(['warning', 'info', 'info']);
    expect(valuesOf(reset({ sndNxt: 13, finEnd: 13 })).bytes).toBe(2);
    const byClient = one([{ ...RESET, by: 'client' }], { finEnd: 30, lastAck: 10, resetDisowned: 0 }, { sndNxt: 11 });
    expect([byClient.id, byClient.severity]).toEqual(['reset-after-fin', 'info']);
  });

  it('or by one that closes only when it hears of the FIN, and had sent more than a word of its protocol', () => {
    const crossed = (seq: number): Step => ({ by: 'client', facts: [Fact.CROSSED], t: { seq } });
    const severity = (seq: number, client: object = {}) =>
      reset({ sndNxt: 201, finEnd: 201, ...client }, {}, [RESET, crossed(seq)]).severity;
    // Up to 10 was acknowledged; the longest TLS alert has 85 bytes.
    expect([severity(95), severity(96), severity(96, { rstFrame: 3 })]).toEqual(['info', 'warning', 'info']);
    // The RST passes before the segment that acknowledges the FIN, or after it.
    const before = reset({ sndNxt: 201, finEnd: 201 }, {}, [crossed(96), RESET]);
    expect([before.severity, valuesOf(before).bytes]).toEqual(['warning', 190]);
  });

  it('unless it is a TLS close_notify', () => {
    const alert = (seq: number) =>
      reset({ sndNxt: 18 }, {}, [{ by: 'client', facts: [Fact.TLS_ALERT], t: { seq } }, RESET]);
    expect([alert(10).message.key, alert(11).message.key]).toEqual(['reset-after-fin.alert', 'reset-after-fin.lost']);
    expect([alert(10).severity, alert(11).severity]).toEqual(['info', 'warning']);
    expect(
      reset({ sndNxt: 2 }, { lastAck: 0 }, [{ by: 'client', facts: [Fact.TLS_ALERT], t: { seq: 1 } }, RESET]).message
        .key,
    ).toBe('reset-after-fin.alert');
  });
});

describe('a reset that turns out to be forged', () => {
  it('is one after which its sender goes on', () => {
    const disowned = (resetDisowned: number, more: readonly Step[] = []) =>
      one([RESET, ...more], {}, { resetDisowned, lastFrame: 21 });
    expect(disowned(20)).toMatchObject({ id: 'forged-reset', evidence: [20], confidence: 0.85 });
    expect(disowned(19).id).toBe('connection-aborted');
    // A later one of the same connection, and one of another attempt.
    expect(disowned(21).id).toBe('forged-reset');
    expect(disowned(21, [{ by: 'client', facts: [Fact.SYN], view: { flags: SYN } }]).id).toBe('connection-aborted');
  });

  it('is none where the last word of its sender is another one: what came in between was on its way', () => {
    const again: Step = { ...RESET, transition: { resetOutcome: Reset.OLD } };
    const disowned = (lastFrame: number) => one([RESET, again], {}, { resetDisowned: 20, lastFrame }).id;
    expect([disowned(22), disowned(21)]).toEqual(['forged-reset', 'connection-aborted']);
  });

  describe('and comes once more', () => {
    const OPEN = `0 > S seq 0 win 65535
      0.05 < S. seq 0 ack 1 win 65535
      0.0501 > . ack 1
      0.0502 > P. 1:301(300) ack 1
      0.055 < R. seq 1 ack 301 win 0 ttl 120
      0.1 < P. 1:101(100) ack 301
      0.15 < P. 101:201(100) ack 301`;
    const of = (more: string) =>
      analyseScenario(`${OPEN}\n${more}`, { clientIsn: 0, serverIsn: 0 })
        .analyzer.connections[0].findings.filter(({ frame }) => frame === 5)
        .map(({ id }) => id);

    it('is forged still where the other one has a foreign TTL too', () => {
      expect(of('0.16 < R seq 201 win 0 ttl 121')).toEqual(['forged-reset']);
    });

    it('is not where the other one has the TTL of its host, whatever a middlebox adds to it', () => {
      expect(of('0.16 < R seq 201 win 0 ttl 64')).toEqual(['connection-aborted']);
      expect(of('0.16 < R seq 201 win 0 ttl 64\n0.161 < R seq 201 win 0 ttl 121')).toEqual(['connection-aborted']);
    });

    it('is forged where its host goes on after that', () => {
      expect(of('0.16 < R seq 201 win 0 ttl 64\n0.3 < P. 201:301(100) ack 301')).toEqual(['forged-reset']);
    });
  });

  it('keeps nothing of an end of whose resets nothing is told', () => {
    const { server } = story([{ ...RESET, transition: { resetOutcome: Reset.OLD } }]);
    expect(server.connection).not.toHaveProperty('isRemembered');
    expect(story([RESET]).server.connection).toMatchObject({ isRemembered: true });
  });

  it('is no refusal of an end that goes on to accept the connection', () => {
    const refused = (client: object, more: readonly Step[] = []) => {
      const { client: asking, added } = story([RESET, ...more], SYN_SENT, { hasIss: false });
      Object.assign(asking, client);
      return added[0]()!.id;
    };
    expect([refused({ dataPackets: 1 }), refused({ dataPackets: 0 })]).toEqual(['forged-reset', 'connection-refused']);
    // Where the client asked again, that attempt may have been accepted.
    const again: Step = { by: 'client', facts: [Fact.SYN], view: { flags: SYN } };
    expect(refused({ dataPackets: 1 }, [again])).toBe('connection-refused');
    expect(refused({ dataPackets: 1 }, [{ ...again, view: { flags: ACK } }])).toBe('forged-reset');
    const { added } = story([again, { ...RESET, frame: 20 }], { ...SYN_SENT, dataPackets: 1 }, { hasIss: false });
    expect(added[0]()!.id).toBe('forged-reset');
  });
});

describe('a reset that is not accepted', () => {
  const unfit = (resetOutcome: number, client: object = {}, server: object = {}, t: object = {}) =>
    one(
      [{ facts: [Fact.RST], view: { flags: RST }, transition: { resetOutcome }, t: { seq: 500, ...t } }],
      client,
      server,
    );

  it('is blind: in the window, or outside of it (RFC 5961 section 3.2)', () => {
    const keyOf = (sndNxt: number, ttl = {}) =>
      unfit(Reset.CHALLENGED, { lastAck: 400 }, { sndNxt, ...ttl })?.message.key;
    expect(unfit(Reset.CHALLENGED, { lastAck: 400 }, { sndNxt: 500 })).toMatchObject({
      id: 'blind-reset',
      confidence: 0.7,
      message: { key: 'blind-reset.in-window' },
    });
    expect([keyOf(500), keyOf(499)]).toEqual(['blind-reset.in-window', 'blind-reset.gap']);
    expect(keyOf(499, { ttl: 63, lastFrame: 1 })).toBe('blind-reset.in-window');
    expect(unfit(Reset.OUT_OF_WINDOW)).toMatchObject({ confidence: 0.85, message: { key: 'blind-reset.outside' } });
    expect([
      valuesOf(unfit(Reset.CHALLENGED, { lastAck: 400 })).off,
      valuesOf(unfit(Reset.CHALLENGED, { lastAck: -1 })).off,
    ]).toEqual([100, 500]);
  });

  it('in SYN-SENT acknowledges no SYN (RFC 9293 section 3.10.7.3)', () => {
    expect(unfit(Reset.OUT_OF_WINDOW, { state: State.SYN_SENT }, { hasIss: false })).toMatchObject({
      confidence: 0.85,
      message: { key: 'blind-reset.syn-sent' },
    });
    // Where its own SYN,ACK was seen, a number that follows shows that the capture lacks what was in between.
    const ahead = (by: number, hasIss = true, ack = -1) =>
      unfit(Reset.OUT_OF_WINDOW, { state: State.SYN_SENT }, { hasIss, sndNxt: 100 }, { seq: 100 + by, ack })?.message
        .key;
    expect([ahead(-1), ahead(0), ahead(2 ** 30), ahead(2 ** 30 + 1), ahead(0, false)]).toEqual([
      'blind-reset.syn-sent',
      undefined,
      undefined,
      'blind-reset.syn-sent',
      'blind-reset.syn-sent',
    ]);
    expect([ahead(0, true, 0), ahead(1, true, 0)]).toEqual([undefined, 'blind-reset.syn-sent']);
  });

  it('is no wonder from an end that is gone, or to one', () => {
    const closed = { state: State.CLOSED };
    expect([
      unfit(Reset.CHALLENGED, closed),
      unfit(Reset.CHALLENGED, {}, closed),
      unfit(Reset.CHALLENGED, {}, { rstFrame: 3 }),
    ]).toEqual([undefined, undefined, undefined]);
  });

  it('nor with a number that its sender knows: one of the data that it sent', () => {
    const known = (seq: number, dataPackets = 1) =>
      unfit(Reset.OUT_OF_WINDOW, {}, { sndNxt: 500, dataPackets }, { seq })?.id;
    expect([known(0), known(1), known(500), known(501)]).toEqual(['blind-reset', undefined, undefined, 'blind-reset']);
    expect(known(1, 0)).toBe('blind-reset');
  });

  it('nor from the end of an earlier connection of the same sockets, with a number below the new one', () => {
    const below = (seq: number, previous: object | null) => {
      const { told } = story(
        [{ facts: [Fact.RST], view: { flags: RST }, transition: { resetOutcome: Reset.OUT_OF_WINDOW }, t: { seq } }],
        {},
        {},
        undefined,
        { previous },
      );
      return told[0]?.id;
    };
    expect([below(-1, {}), below(0, {}), below(-1, null)]).toEqual([undefined, 'blind-reset', 'blind-reset']);
  });

  it('nor to a client of which nothing was captured, or that sent what the capture lacks', () => {
    const syn = (client: object, ack: number, hasIss = true) =>
      unfit(
        Reset.OUT_OF_WINDOW,
        { state: State.SYN_SENT, sndNxt: 5, ...client },
        { hasIss, sndNxt: 100 },
        { seq: 7, ack },
      )?.message.key;
    expect([syn({}, 5), syn({}, 6), syn({}, 6, false), syn({ seen: false }, 5)]).toEqual([
      'blind-reset.syn-sent',
      undefined,
      'blind-reset.syn-sent',
      undefined,
    ]);
  });

  it('nor from an end whose ACKs are not in the capture, beyond what it is seen to have sent', () => {
    const beyond = (sndNxt: number, lastAck: number) => unfit(Reset.OUT_OF_WINDOW, {}, { sndNxt, lastAck })?.id;
    expect([beyond(499, 0), beyond(499, 1), beyond(500, 0)]).toEqual([undefined, 'blind-reset', 'blind-reset']);
  });

  it('nor from one that has closed, with an older number (RFC 9293 section 3.5.2)', () => {
    const old = (sndNxt: number, finEnd = 30) => unfit(Reset.CHALLENGED, {}, { finEnd, sndNxt });
    expect([old(500), old(499)?.id, old(500, -1)?.id, old(500, 0)]).toEqual([
      undefined,
      'blind-reset',
      'blind-reset',
      undefined,
    ]);
  });
});

describe('a transition that RFC 9293 does not know', () => {
  const told = ({
    event = Event.SENDS_SYN_ACK as number,
    state = State.ESTABLISHED as number,
    client = {},
    facts = [Fact.ILLEGAL] as readonly number[],
    connection = {},
    of = 'client' as 'client' | 'server' | null,
  } = {}) => {
    const heard = listener();
    const timeline = { length: 0, basis: Basis.CONFIRMED, stateAt: () => state };
    const both = ends(
      { packets: 2, resetDisowned: 0, timeline, ...client },
      { packets: 1, resetDisowned: 0, timeline },
      connection,
    );
    const illegalEndpoint = of === null ? null : both[of];
    new IllegalTransition(heard.findings).inspect(
      shown(both.client, { facts, transition: { illegalEvent: event, illegalState: state, illegalEndpoint } }),
    );
    return heard.added.map((account) => account()).filter((account) => account !== null);
  };

  it('is a warning where the handshake was seen, else the state is a guess', () => {
    expect(told()).toMatchObject([{ severity: 'warning', confidence: 0.8, evidence: [10] }]);
    expect(told({ connection: { sawHandshake: false } })).toMatchObject([{ severity: 'info', confidence: 0.4 }]);
  });

  it('is what an end sends', () => {
    const sends = [Event.SENDS_SYN, Event.SENDS_SYN_ACK, Event.SENDS_FIN, Event.SENDS_RST];
    for (const event of Object.values(Event))
      expect(told({ event }).length, `${event}`).toBe(sends.includes(event as never) ? 1 : 0);
    expect(told({ of: null })).toEqual([]);
  });

  it('is no split handshake, which has a finding of its own', () => {
    const split = (event: number, state: number) => told({ event, state }).length;
    expect([
      split(Event.SENDS_SYN, State.SYN_RECEIVED),
      split(Event.SENDS_SYN, State.ESTABLISHED),
      split(Event.SENDS_SYN_ACK, State.SYN_RECEIVED),
    ]).toEqual([0, 1, 1]);
  });

  it('moves nobody where it has odd flags or is sent again', () => {
    expect([told({ facts: [Fact.ODD_HEADER] }), told({ facts: [Fact.RETRANSMISSION] })]).toEqual([[], []]);
  });

  it('is not told of an end whose state was concluded from packets that may not have arrived', () => {
    const timeline = (length: number, basis: number) =>
      told({ client: { timeline: { length, basis, stateAt: () => State.ESTABLISHED } } }).length;
    expect([timeline(1, Basis.INFERRED), timeline(0, Basis.INFERRED), timeline(1, Basis.CONFIRMED)]).toEqual([0, 1, 1]);
    // Of the first packet of an end, but the other end's.
    expect([
      told({ client: { packets: 1 } }).length,
      told({ client: { packets: 2 } }).length,
      told({ of: 'server' }).length,
    ]).toEqual([0, 1, 1]);
  });

  it('holds while nothing shows that the end was in another state, or that the reset before was not its own', () => {
    const stateAt = (frame: number) => (frame === 9 ? State.FIN_WAIT_1 : State.ESTABLISHED);
    expect(told({ client: { timeline: { length: 0, basis: Basis.CONFIRMED, stateAt } } })).toEqual([]);
    expect(told({ client: { resetDisowned: 3 } })).toEqual([]);
  });
});

describe('a request that meets the FIN of the server on its way', () => {
  /** Seen at the client, 40 ms from the server; in `closing` SEQ stands for the end of the request. */
  const story = (bytes: number, closing: string) =>
    analyseScenario(`
      0.000 > S  seq 0 win 65535 <mss 1460>
      0.040 < S. seq 0 ack 1 win 65535 <mss 1460>
      0.040 > .  ack 1
      0.050 > P. 1:101(100) ack 1
      0.090 < P. 1:201(200) ack 101
      0.090 > .  ack 201
      5.080 > P. 101:${101 + bytes}(${bytes}) ack 201
      ${closing.replaceAll('SEQ', String(101 + bytes))}
      5.120 < R  seq 201 win 0
      5.131 < R  seq 202 win 0`).analyzer.connections[0].findings.filter(({ id }) => id === 'reset-after-fin');
  const onHearing = `5.090 < F. seq 201 ack 101
      5.091 > F. seq SEQ ack 202`;
  const before = `5.081 > F. seq SEQ ack 201
      5.090 < F. seq 201 ack 101
      5.091 > .  seq SEQ ack 202`;

  it('is lost where the client closes only then', () => {
    const severities = (bytes: number, closing: string) => story(bytes, closing).map(({ severity }) => severity);
    expect([severities(86, onHearing), severities(85, onHearing)]).toEqual([['warning'], ['info']]);
    expect(severities(300, before)).not.toContain('warning');
  });
});

import { describe, expect, it } from 'vitest';
import { Heard } from '../../src/congestion/heard.ts';
import { SenderView } from '../../src/congestion/sender-view.ts';
import { congestionOf } from '../../src/congestion/stage.ts';
import type { CongestionState } from '../../src/model/congestion.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { Ca } from '../../src/model/outbound.ts';
import { analyseScenario } from '../support/analyze.ts';

/** Segments of 100 bytes; bytes 0 to 1000 are sent, and SACK reported up to `highSacked`. */
function view(fields: Partial<SenderView> = {}, highSacked = 0): SenderView {
  const endpoint = { sndUna: 0, sndNxt: 1000, outbound: { scoreboard: { highSacked } } } as unknown as Endpoint;
  return Object.assign(new SenderView({ smss: 100 } as CongestionState, endpoint), fields);
}

const heard = (fields: Partial<Heard>) => Object.assign(new Heard(), fields);

describe('what a sender knows', () => {
  it('counts parts of a segment as one', () => {
    expect([0, 1, 100, 101].map((bytes) => view().toSegments(bytes) + 0)).toEqual([0, 1, 1, 2]);
    expect(view().unacknowledged).toBe(10);
  });

  it('takes out of the flight what an ACK delivers', () => {
    const sender = view();
    sender.settles(heard({ ack: 300, delivered: 300 }));
    expect(sender).toMatchObject({ una: 300, outstanding: 700, advanced: 300 });
    // By SACK.
    sender.settles(heard({ ack: 300, delivered: 200 }));
    expect(sender).toMatchObject({ una: 300, outstanding: 500, advanced: 0 });
    // An ACK of what was not seen being sent.
    sender.settles(heard({ ack: 1200, delivered: 900 }));
    expect(sender).toMatchObject({ una: 1000, outstanding: 0, advanced: 700 });
    const older = view({ una: 500 });
    older.settles(heard({ ack: 400, delivered: 0 }));
    expect(older.una).toBe(500);
  });

  it('adds what is new', () => {
    const sender = view({ outstanding: 400 });
    sender.sends(1150);
    expect(sender).toMatchObject({ sndNxt: 1150, outstanding: 550 });
    sender.countFlight();
    expect(sender.inFlight).toBe(6);
    const without = (sackedOut: number) => {
      const one = view({ outstanding: 300, sackedOut });
      one.countFlight();
      return one.inFlight;
    };
    expect([without(1), without(2), without(3), without(4)]).toEqual([2, 1, 0, 0]);
  });

  it('is at the edge of the window where less than two segments fit', () => {
    expect(view({ edge: 0 }).reachesEdge()).toBe(true);
    expect([1199, 1200, -1].map((edge) => view({ edge }).reachesEdge())).toEqual([true, false, false]);
  });

  it('is told of a loss by more than two segments above the left edge (RFC 6675 section 4, IsLost)', () => {
    expect([800, 799].map((outstanding) => view({ outstanding }).tellsOfLoss())).toEqual([false, true]);
  });
});

describe('without SACK', () => {
  const count = (sackedOut: number, ca: number, fields: Partial<Heard>) => {
    const sender = view({ sackedOut });
    sender.countDelivered(heard(fields), ca);
    return [sender.delivered + 0, sender.sackedOut];
  };

  it('each duplicate ACK says that a segment has arrived (RFC 5681 section 3.2)', () => {
    expect(count(0, Ca.OPEN, { duplicate: true })).toEqual([1, 1]);
    expect(count(2, Ca.RECOVERY, { duplicate: true })).toEqual([1, 3]);
  });

  it('the ACK that fills the hole delivers the hole, and no segment twice', () => {
    expect(count(2, Ca.RECOVERY, { delivered: 300 })).toEqual([1, 0]);
    expect(count(3, Ca.RECOVERY, { delivered: 200 })).toEqual([1, 2]);
    expect(count(3, Ca.OPEN, { delivered: 200 })).toEqual([1, 0]);
    expect(count(0, Ca.OPEN, { delivered: 200 })).toEqual([2, 0]);
    // The hole alone.
    expect([count(1, Ca.OPEN, { delivered: 100 }), count(1, Ca.RECOVERY, { delivered: 100 })]).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(count(1, Ca.RECOVERY, { delivered: 0 })).toEqual([0, 1]);
  });

  it('with it they are not counted', () => {
    const sender = view({}, 600);
    sender.countDelivered(heard({ duplicate: true, delivered: 200, newlySacked: 200 }), Ca.OPEN);
    expect(sender).toMatchObject({ delivered: 2, sackedOut: 0 });
  });

  it('what arrives cumulatively is taken for what was sent again', () => {
    const sender = view({ retransOut: 300 });
    sender.countDelivered(heard({ delivered: 250, newlySacked: 100 }), Ca.RECOVERY);
    expect(sender.retransOut).toBe(150);
    sender.countDelivered(heard({ delivered: 900 }), Ca.RECOVERY);
    expect(sender.retransOut).toBe(0);
    const selective = view({ retransOut: 300 }, 600);
    selective.countDelivered(heard({ delivered: 100, newlySacked: 100 }), Ca.RECOVERY);
    expect(selective.retransOut).toBe(300);
  });
});

describe('pipe (RFC 6675 section 4)', () => {
  it('is what is outstanding, without what duplicate ACKs say has arrived', () => {
    for (const ca of [Ca.OPEN, Ca.CWR, Ca.RECOVERY]) expect(view({ sackedOut: 3 }).pipe(ca, 0)).toBe(700);
    expect(view({ sackedOut: 11 }).pipe(Ca.OPEN, 0)).toBe(0);
  });

  it('in recovery is what lies above all that SACK reported, and what was sent again', () => {
    const fields = { outstanding: 700, retransOut: 100 };
    expect(view(fields, 600).pipe(Ca.RECOVERY, 1000)).toBe(500);
    // No more than there is below.
    expect(view({ outstanding: 450, retransOut: 300 }, 600).pipe(Ca.RECOVERY, 1000)).toBe(450);
    expect(view({ outstanding: 200, retransOut: 0 }, 600).pipe(Ca.RECOVERY, 1000)).toBe(200);
    // Outside of recovery nothing is taken for lost.
    expect(view(fields, 600).pipe(Ca.OPEN, 1000)).toBe(700);
  });

  it('after a timeout is what was sent since then', () => {
    expect(view({ retransOut: 200 }).pipe(Ca.LOSS, 1000)).toBe(200);
    expect(view({ retransOut: 200, sndNxt: 1100 }).pipe(Ca.LOSS, 1000)).toBe(300);
    expect(view({ retransOut: 200, outstanding: 150 }).pipe(Ca.LOSS, 1000)).toBe(150);
  });

  it('at a loss is counted above what has arrived, or is the flight', () => {
    expect(view({ inFlight: 9 }, 600).pipeOfLoss).toBe(4);
    expect(view({ inFlight: 3 }, 600).pipeOfLoss).toBe(3);
    expect(view({ inFlight: 9, una: 600 }, 600).pipeOfLoss).toBe(9);
    expect(view({ inFlight: 9, una: 599 }, 600).pipeOfLoss).toBe(4);
  });

  it('at a loss is that of the ACK that told of it, whatever comes with it before the answer', () => {
    const sender = view({ inFlight: 7, outstanding: 700 }, 600);
    sender.noteLoss();
    // Three segments have arrived above the left edge: DupThresh.
    expect([sender.flightOfLoss, sender.pipeOfLoss]).toEqual([7, 4]);
    Object.assign(sender, { inFlight: 3, outstanding: 300 });
    sender.noteLoss();
    expect([sender.flightOfLoss, sender.pipeOfLoss]).toEqual([7, 4]);
    sender.forgetLoss();
    expect([sender.flightOfLoss, sender.pipeOfLoss]).toEqual([3, 3]);
    const untold = view({ inFlight: 8, outstanding: 800 }, 600);
    untold.noteLoss();
    Object.assign(untold, { inFlight: 3 });
    expect([untold.flightOfLoss, untold.pipeOfLoss]).toEqual([3, 3]);
  });

  it('is not known once more is sent again than is taken for lost', () => {
    // 400 bytes above what has arrived, 300 missing below.
    expect(view({ outstanding: 700, retransOut: 300 }, 600).repeatsUnlost()).toBe(false);
    expect(view({ outstanding: 700, retransOut: 301 }, 600).repeatsUnlost()).toBe(true);
  });
});

describe('SMSS (RFC 9293 section 3.7.1)', () => {
  /** Of a client that sends eight segments of `length` bytes. */
  const smss = (length: number, own: string, peer: string) => {
    const lines = [`0 > S seq 0 win 60000${own}`, `0.01 < S. seq 0 ack 1 win 60000${peer}`, '0.01 > . ack 1 win 60000'];
    for (let i = 0; i < 8; i++)
      lines.push(`+0.001 > . ${1 + i * length}:${1 + (i + 1) * length}(${length}) ack 1 win 60000`);
    return congestionOf(analyseScenario(lines.join('\n')).analyzer.connections[0].client)!.smss;
  };

  it("is the smaller of both ends' MSS options", () => {
    expect(smss(100, ' <mss 1460>', ' <mss 1400>')).toBe(1400);
    expect(smss(100, ' <mss 1300>', ' <mss 1400>')).toBe(1300);
    expect(smss(100, '', ' <mss 1400>')).toBe(1400);
  });

  it('is 536 without the option of the other end, or the largest segment that was sent, up to 1460', () => {
    expect(smss(100, ' <mss 1460>', '')).toBe(536);
    expect(smss(536, '', '')).toBe(536);
    expect(smss(537, '', '')).toBe(537);
    expect(smss(1460, '', '')).toBe(1460);
    expect(smss(1461, '', '')).toBe(1460);
  });

  it('is 64 at the least', () => {
    expect(smss(60, ' <mss 64>', ' <mss 64>')).toBe(64);
    expect(smss(60, ' <mss 65>', ' <mss 65>')).toBe(65);
    expect(smss(60, ' <mss 63>', ' <mss 63>')).toBe(64);
  });
});

import { expect, it } from 'vitest';
import { Bottleneck } from '../../src/congestion/bottleneck.ts';
import { Told } from '../../src/congestion/controller.ts';

const MS = 1e6;

/** 100 ACKs of a segment of 1000 bytes each, a millisecond apart, of data that was sent half a millisecond apart. */
function rateWith(outstanding: number): number {
  const bottleneck = new Bottleneck();
  const told = new Told();
  told.srtt = 40 * MS;
  for (let i = 0; i < 100; i++) {
    told.now = 40 * MS + i * MS;
    told.rtt = 40 * MS + (i * MS) / 2;
    told.delivered = 1;
    told.bytes = 1000;
    told.una = 1000 * (i + 1);
    told.sndNxt = told.una + outstanding;
    bottleneck.note(told);
  }
  return bottleneck.rate;
}

it('is the rate of the ACKs where more is under way than the path holds', () => {
  // 1000 bytes a millisecond over 40 ms: the path holds 40,000 bytes. Rates are told in steps of 5 %.
  expect(Math.abs(rateWith(60_000) / 1e6 - 1)).toBeLessThan(0.06);
});

it('is none where the sender never filled the path', () => {
  expect(rateWith(20_000)).toBeNaN();
});

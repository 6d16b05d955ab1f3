import { describe, expect, it } from 'vitest';
import { ACK } from '../../src/model/flags.ts';
import { Known, Sightings } from '../../src/views/sightings.ts';
import { Traits } from '../../src/views/traits.ts';

const ALL = Known.TIMESTAMPS | Known.SUM | Known.IP_ID;

/** One packet with everything that a trait looks at. */
function sighting(
  changed: Partial<Record<'ipId' | 'tsVal' | 'tsEcr' | 'ack' | 'window' | 'sack' | 'sum', number>> = {},
) {
  const s = new Sightings();
  const column = (values: number) => Uint32Array.of(values);
  const { ipId = 7, tsVal = 100, tsEcr = 200, ack = 5001, window = 512, sack = 33, sum = 44 } = changed;
  return Object.assign(s, {
    length: 1,
    known: column(ALL),
    flags: column(ACK),
    payload: column(10),
    ipId: column(ipId),
    tsVal: column(tsVal),
    tsEcr: column(tsEcr),
    ack: column(ack),
    window: column(window),
    sack: column(sack),
    sum: column(sum),
  }) as Sightings;
}

/** What packets show that are surely the same: `equal` of them in everything, `different` but for this. */
function learnt(changed: Parameters<typeof sighting>[0], equal: number, different: number): Traits {
  const traits = new Traits();
  for (let n = 0; n < equal; n++) traits.learn(sighting(), 0, sighting(), 0, 0);
  for (let n = 0; n < different; n++) traits.learn(sighting(), 0, sighting(changed), 0, 0);
  traits.conclude();
  return traits;
}

describe.each([
  ['ipId', { ipId: 8 }],
  ['timestamps', { tsVal: 101 }],
  ['timestamps', { tsEcr: 201 }],
  ['ack', { ack: 5002 }],
  ['window', { window: 513 }],
  ['sack', { sack: 34 }],
  ['sum', { sum: 45 }],
] as const)('%s', (trait, changed) => {
  it('tells packets apart as long as nothing was learnt, and where 98 of 100 have kept it', () => {
    for (const traits of [new Traits(), learnt(changed, 49, 1)]) {
      expect(traits[trait]).toBe(true);
      expect(traits.agree(sighting(), 0, sighting(changed), 0, 0)).toBe(false);
      expect(traits.agree(sighting(), 0, sighting(), 0, 0)).toBe(true);
    }
  });

  it('tells nothing where it was changed more often; the others still do', () => {
    const traits = learnt(changed, 48, 1);
    expect(traits[trait]).toBe(false);
    expect(traits.agree(sighting(), 0, sighting(changed), 0, 0)).toBe(true);
    const others = ['ipId', 'timestamps', 'ack', 'window', 'sack', 'sum'].filter((name) => name !== trait);
    expect(others.filter((name) => !traits[name as typeof trait])).toEqual([]);
  });
});

it('ACK numbers are compared after they were shifted', () => {
  const traits = new Traits();
  expect(traits.agree(sighting(), 0, sighting({ ack: 5101 }), 0, 100)).toBe(true);
  expect(traits.agree(sighting(), 0, sighting({ ack: 5101 }), 0, 99)).toBe(false);
});

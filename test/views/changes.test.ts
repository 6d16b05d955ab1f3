import { describe, expect, it } from 'vitest';
import { Option } from '../../src/model/segment.ts';
import { type ChangeCode, changeNames, changesOf } from '../../src/views/changes.ts';
import { Known, Sightings } from '../../src/views/sightings.ts';

const COLUMNS = ['ttl', 'tos', 'vlan', 'tunnels', 'seq', 'ack', 'mss', 'options', 'scale', 'ipId', 'payload'] as const;
type Columns = Partial<Record<(typeof COLUMNS)[number] | 'known', number>>;

const SENT: Columns = { ttl: 64, seq: 1001, ack: 5001, mss: 1460, options: Option.SACK_PERMITTED, scale: 8, ipId: 7 };
const AT = { from: '10.0.0.1:1000', to: '10.0.0.2:80' };

function sighting(columns: Columns): Sightings {
  const all: Columns = { known: Known.OPTIONS | Known.IP_ID, ...SENT, ...columns };
  const values = [...COLUMNS, 'known' as const].map((name) => [name, Int32Array.of(all[name] ?? 0)]);
  return Object.assign(new Sightings(), { length: 1, ...Object.fromEntries(values) }) as Sightings;
}

function changes(before: Columns, after: Columns, { at = AT, isPart = false } = {}): ChangeCode[] {
  return changeNames(changesOf(sighting(before), 0, AT, sighting(after), 0, at, isPart));
}

describe('what differs in a packet between two vantages', () => {
  it.each<[ChangeCode[], Columns, Columns]>([
    [[], {}, {}],
    [['ttl'], {}, { ttl: 63 }],
    [['ecn'], { tos: 2 }, { tos: 3 }],
    [['dscp'], { tos: 2 }, { tos: 6 }],
    [['vlan'], { vlan: 20 }, { vlan: 21 }],
    [['encapsulation'], {}, { tunnels: 1 }],
    [['seq'], {}, { seq: 1002 }],
    [['ack'], {}, { ack: 5002 }],
    [['mss'], {}, { mss: 1459 }],
    // The option was taken away: that is a change of the options.
    [[], {}, { mss: 0 }],
    [['options'], {}, { options: 0 }],
    [['options'], {}, { scale: 7 }],
    // A capture that cut the options does not change them, and where one shows none at all nothing is known.
    [[], {}, { options: Option.SACK_PERMITTED | Option.CUT }],
    [[], {}, { options: Option.SACK_PERMITTED | Option.MALFORMED }],
    [[], {}, { options: 0, known: Known.IP_ID }],
    [['ipid'], {}, { ipId: 8 }],
    [[], {}, { ipId: 8, known: Known.OPTIONS }],
  ])('%j', (told, before, after) => {
    expect(changes(before, after)).toEqual(told);
  });

  it.each<[ChangeCode, typeof AT]>([
    ['src-addr', { ...AT, from: '10.0.0.3:1000' }],
    ['src-port', { ...AT, from: '10.0.0.1:1001' }],
    ['dst-addr', { ...AT, to: '10.0.0.4:80' }],
    ['dst-port', { ...AT, to: '10.0.0.2:81' }],
  ])('%s', (told, at) => {
    expect(changes({}, {}, { at })).toEqual([told]);
  });

  it('a part of a frame is compared in nothing that the whole frame decides', () => {
    expect(changes({}, { seq: 1002, ipId: 8, options: 0, ttl: 63 }, { isPart: true })).toEqual(['ttl']);
    expect(changes({ payload: 2000 }, { payload: 1000 }, { isPart: true })).toEqual(['segments']);
  });
});

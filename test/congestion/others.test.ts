import { describe, expect, it } from 'vitest';
import { congestionOf } from '../../src/congestion/stage.ts';
import { ALGORITHM_NAMES, VANTAGE_NAMES } from '../../src/model/congestion.ts';
import { OTHERS, type Simulation, simulatedConnection } from './simulate.ts';

const PATHS = [
  { rtt: 40, rate: 1.2, lost: [150, 330, 520, 760, 1000] },
  { rtt: 25, rate: 2, lost: [200, 450, 700, 950] },
  { rtt: 60, rate: 1.5, lost: [260, 500, 800, 1100] },
  { rtt: 80, rate: 1, lost: [180, 420, 640, 900, 1180] },
];

const stateOf = (simulation: Simulation) => congestionOf(simulatedConnection(simulation).client)!;

function nameOf(simulation: Simulation): string {
  return ALGORITHM_NAMES[stateOf(simulation).algorithm];
}

describe('a sender that no model replays', () => {
  /** RFC 3649: up to 38 segments it is Reno, and close to it in the windows of these paths. */
  const accepted: Record<string, string[]> = { westwood: ['westwood+'], highspeed: ['highspeed', 'reno'] };

  it.each(Object.keys(OTHERS) as (keyof typeof OTHERS)[])('%s is unknown or called by its own name', (algorithm) => {
    const names = PATHS.map((path) => nameOf({ algorithm, segments: 1400, ...path }));
    const right = ['unknown', ...(accepted[algorithm] ?? [algorithm])];
    expect(names.filter((name) => !right.includes(name))).toEqual([]);
  });
});

describe('a sender that a model replays', () => {
  it.each(['reno', 'cubic'] as const)('%s is called by its name on each of these paths', (algorithm) => {
    expect(PATHS.map((path) => nameOf({ algorithm, segments: 1400, ...path }))).toEqual(PATHS.map(() => algorithm));
  });
});

describe('a capture that begins in the middle', () => {
  const begun = { segments: 1400, begunAt: 400 } as const;

  it.each(['reno', 'cubic'] as const)('tells by SACK blocks that %s is not one that does without', (algorithm) => {
    const names = PATHS.map((path) => nameOf({ algorithm, ...begun, ...path }));
    expect(names.filter((name) => name !== algorithm && name !== 'unknown')).toEqual([]);
    expect(names.filter((name) => name === algorithm).length).toBeGreaterThan(1);
  });

  it('tells by the echoes of timestamps that it was made beside the sender, and not beside the receiver', () => {
    const of = (captureAt: 'sender' | 'receiver') =>
      VANTAGE_NAMES[stateOf({ algorithm: 'reno', captureAt, ...begun, ...PATHS[0] }).vantage];
    expect([of('sender'), of('receiver')]).toEqual(['sender', 'unknown']);
  });
});

import { describe, expect, it } from 'vitest';
import { congestionOf } from '../../src/congestion/stage.ts';
import { ALGORITHM_NAMES } from '../../src/model/congestion.ts';
import { OTHERS, type Simulation, simulate } from './simulate.ts';

const PATHS = [
  { rtt: 40, rate: 1.2, lost: [150, 330, 520, 760, 1000] },
  { rtt: 25, rate: 2, lost: [200, 450, 700, 950] },
  { rtt: 60, rate: 1.5, lost: [260, 500, 800, 1100] },
  { rtt: 80, rate: 1, lost: [180, 420, 640, 900, 1180] },
];

function nameOf(simulation: Simulation): string {
  return ALGORITHM_NAMES[congestionOf(simulate(simulation).connection.client)!.algorithm];
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

import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  ALGORITHM_NAMES,
  ALGORITHM_TITLES,
  Algorithm,
  PHASE_NAMES,
  Phase,
  REPLAYED_ALGORITHMS,
  STALL_CAUSE_NAMES,
  StallCause,
  TRIGGER_NAMES,
  Trigger,
  VANTAGE_NAMES,
  Vantage,
} from '../../src/model/congestion.ts';
import { CHECKSUM_STATUS_NAMES, ChecksumStatus } from '../../src/model/segment.ts';
import { BASIS_NAMES, Basis, STATE_NAMES, State } from '../../src/model/state.ts';
import { CAUSE_NAMES, Cause, FATE_NAMES, Fate, KIND_NAMES, Kind } from '../../src/model/verdict.ts';

it.each([
  ['algorithms', Algorithm, ALGORITHM_NAMES],
  ['titles of algorithms', Algorithm, ALGORITHM_TITLES],
  ['phases', Phase, PHASE_NAMES],
  ['points of capture', Vantage, VANTAGE_NAMES],
  ['triggers', Trigger, TRIGGER_NAMES],
  ['causes of stalls', StallCause, STALL_CAUSE_NAMES],
  ['kinds', Kind, KIND_NAMES],
  ['causes', Cause, CAUSE_NAMES],
  ['fates', Fate, FATE_NAMES],
  ['checksums', ChecksumStatus, CHECKSUM_STATUS_NAMES],
  ['states', State, STATE_NAMES],
  ['bases', Basis, BASIS_NAMES],
] as const)('%s count from 0 without a gap, and each has a name of its own', (_, values, names) => {
  expect(Object.values(values)).toEqual(Object.keys(names).map(Number));
  expect(new Set(names).size).toBe(names.length);
});

it('algorithms that senders are replayed through are algorithms', () => {
  for (const name of REPLAYED_ALGORITHMS) expect(ALGORITHM_NAMES).toContain(name);
});

it('schemas list the algorithms that there are', () => {
  const folder = new URL('../../schema/', import.meta.url);
  const lists: unknown[][] = [];
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return;
    const { enum: values } = node as { enum?: unknown };
    if (Array.isArray(values) && values.includes('newreno')) lists.push(values);
    for (const inner of Object.values(node)) visit(inner);
  };
  for (const name of readdirSync(folder)) visit(JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
  expect(lists.length).toBeGreaterThanOrEqual(4);
  for (const list of lists) expect(list).toEqual([...ALGORITHM_NAMES]);
});

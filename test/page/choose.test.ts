import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/model/connection.ts';
import { worstConnections } from '../../src/page/build/choose.ts';

const connection = (id: number, packets: number, severity?: 'error' | 'warning') =>
  ({ id, packets, findings: severity === undefined ? [] : [{ severity }] }) as unknown as Connection;

const quiet = connection(0, 10);
const long = connection(1, 40);
const warned = connection(2, 10, 'warning');
const failed = connection(3, 10, 'error');
const slow = connection(4, 10);
const all = [quiet, long, warned, failed, slow];
const worst = [{ connection: slow, lost: 5, kind: null, most: 0 }];
const chosen = (streams: number, packets: number) =>
  worstConnections(all, { worst }, { streams, packets }).map(({ id }) => id);

describe('the connections that are shown in full', () => {
  it('are those that lost time, then those with the gravest findings, then the longest', () => {
    expect(chosen(9, 1000)).toEqual([4, 3, 2, 1, 0]);
  });

  it('are so many at the most', () => {
    expect(chosen(2, 1000)).toEqual([4, 3]);
    expect(chosen(0, 1000)).toEqual([]);
  });

  it('are those whose packets fit together; a smaller one may follow one that does not fit', () => {
    expect(chosen(9, 80)).toEqual([4, 3, 2, 1, 0]);
    expect(chosen(9, 79)).toEqual([4, 3, 2, 1]);
    expect(chosen(9, 69)).toEqual([4, 3, 2, 0]);
  });

  it('are at least the first, however long it is', () => {
    expect(chosen(9, 1)).toEqual([4]);
  });
});

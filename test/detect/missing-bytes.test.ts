import { expect, it } from 'vitest';
import { MissingBytes } from '../../src/detect/missing-bytes.ts';
import { textOf } from '../../src/messages/message.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';

/** What is said of 100 bytes that are missing from a capture with so many points of view, of which `base` is analysed. */
function said(shares: number, base: string | null = 'eth0'): string {
  const views = { base: base === null ? null : { name: base }, shares: Array.from({ length: shares }) };
  const connection = { sawHandshake: true, firstTime: 0, views: shares === 0 ? null : views };
  const owner = { name: 'a:1', role: 'client', connection } as unknown as Endpoint;
  const missing = new MissingBytes();
  missing.add(owner, 1, 101, { frame: 7, time: 1e9 }, 0);
  return textOf(missing.account(owner, 7)!.message);
}

it('bytes are missing from the capture, or from one of several points of view', () => {
  const all = /arrived but are not in the capture: packet 7/;
  expect(said(0)).toMatch(all);
  expect(said(1)).toMatch(all);
  expect(said(2, null)).toMatch(all);
  expect(said(2)).toMatch(
    /arrived but are not among the packets captured at eth0: .*other points of view may have them/,
  );
});

/** Ends of connections that look like trouble and are none, or whose blame lies elsewhere. */
import { describe, expect, it } from 'vitest';
import { findingsIn } from '../support/findings.ts';
import { PLAIN } from './cases.ts';

const find = (text: string, id: string) => findingsIn(text).find((finding) => finding.id === id);

const CLOSED_BY_SERVER = `${PLAIN}
  0.030 > P. 1:101(100) ack 1
  0.050 < .  ack 101
  0.060 < F. seq 1 ack 101
  0.0601 > . ack 2`;

describe('the tail of a close', () => {
  const repeats = (line: string) => [0.2, 0.6, 1.4, 3].map((at) => `${at + 0.0602} ${line}`).join('\n');

  it('is no dead path: only a FIN is repeated after the FIN of the other end', () => {
    const text = `${CLOSED_BY_SERVER}\n0.0602 > F. seq 101 ack 2\n${repeats('> F. seq 101 ack 2')}`;
    expect(find(text, 'peer-unresponsive')).toMatchObject({ severity: 'info' });
  });

  it('may hold 64 bytes with it, and not 65: that is data which somebody waits for', () => {
    const text = (bytes: number) => `${CLOSED_BY_SERVER}
      0.0602 > FP. 101:${101 + bytes}(${bytes}) ack 2
      ${repeats(`> FP. 101:${101 + bytes}(${bytes}) ack 2`)}`;
    expect(find(text(64), 'peer-unresponsive')).toMatchObject({ severity: 'info' });
    expect(find(text(65), 'peer-unresponsive')).toMatchObject({ severity: 'warning' });
  });

  it('is a dead path where the other end had not closed', () => {
    const text = `${PLAIN}\n0.0602 > FP. 1:65(64) ack 1\n${repeats('> FP. 1:65(64) ack 1')}`;
    expect(find(text, 'peer-unresponsive')).toMatchObject({ severity: 'warning' });
  });
});

it('counts from the last FIN, and says so where there were more', () => {
  const said = (fins: string[]) => find(`${PLAIN}\n${fins.join('\n')}\n9 < . seq 1 ack 1`, 'fin-unanswered')?.text;
  expect(said(['4 > F. seq 1 ack 1'])).toMatch(
    / \(sent once\) was not .* until the end of the capture, 5\.00 s later\.$/,
  );
  expect(said(['4 > F. seq 1 ack 1', '5 > F. seq 1 ack 1'])).toMatch(
    / \(sent twice\) was not .* until the end of the capture, 4\.00 s after the last time\.$/,
  );
});

it('a FIN that was acknowledged and comes again is not unanswered', () => {
  const text = `${CLOSED_BY_SERVER}\n0.2601 < F. seq 1 ack 101\n0.2602 > . ack 2\n5 < F. seq 1 ack 101`;
  expect(find(`${text}\n6 < F. seq 1 ack 101\n8 > . seq 101 ack 2`, 'fin-unanswered')).toBeUndefined();
});

it('a reset after the FIN of the other end, with everything acknowledged, is information', () => {
  expect(find(`${CLOSED_BY_SERVER}\n0.0602 > R. seq 101 ack 2`, 'connection-aborted')).toMatchObject({
    severity: 'info',
  });
});

describe('a reset that MP_FASTCLOSE asks for (RFC 8684 section 3.5)', () => {
  // Subtype 7, and the key of the receiver.
  const ending = (option: string) => `${PLAIN}
    0.030 > P. 1:101(100) ack 1
    0.050 < .  ack 101
    0.060 < .  seq 1 ack 101 ${option}
    0.0601 > R. seq 101 ack 1`;

  it('is the work of the end that asked', () => {
    const asked = find(ending('<opt 30 70000102030405060708>'), 'connection-aborted');
    expect(asked).toMatchObject({ severity: 'info', cite: 'RFC 8684 3.5' });
    expect(asked?.text).toMatch(/10\.0\.0\.2:80/);
    expect(find(ending('<opt 30 60000102030405060708>'), 'connection-aborted')?.cite).not.toBe('RFC 8684 3.5');
  });
});

it('an empty SACK option is well formed, one with half a block is not (RFC 2018 section 3)', () => {
  const text = (data: string) => `${PLAIN}\n0.03 > P. 1:101(100) ack 1 <opt 5${data}>\n0.05 < . ack 101`;
  expect(find(text(''), 'malformed-options')).toBeUndefined();
  expect(find(text(' 00000001'), 'malformed-options')).toBeDefined();
});

describe('a RST that its receiver does not expect', () => {
  it('is no blind one where a closed end answers what still comes (RFC 9293 section 3.10.7.1)', () => {
    const text = `${PLAIN}
      0.030 > P. 1:101(100) ack 1
      0.050 < P. 1:1001(1000) ack 101
      0.0502 > R. seq 101 ack 1001
      0.0512 < P. 1001:2001(1000) ack 101
      0.0513 > R seq 101
      0.0514 < P. 2001:3001(1000) ack 90
      0.0515 > R seq 90`;
    expect(find(text, 'blind-reset')).toBeUndefined();
  });
});

/** What the other connections of a host show of a RST that answers a SYN: `refusals.ts`. */
import { describe, expect, it } from 'vitest';
import type { CaptureEnd } from '../../src/detect/detector.ts';
import { Refusals } from '../../src/detect/refusals.ts';
import { noneLeft } from '../../src/model/left.ts';
import { analyseScenario } from '../support/analyze.ts';

const SERVER = '10.9.0.2:80';
const connections = {
  two: { client: '10.9.0.1:40002', server: SERVER },
  three: { client: '10.9.0.1:40003', server: SERVER },
  port: { client: '10.9.0.1:40004', server: '10.9.0.2:81' },
  host: { client: '10.9.0.1:40005', server: '10.9.0.3:80' },
};
const options = { client: '10.9.0.1:40001', server: SERVER, clientIsn: 0, serverIsn: 0, connections };

/** Lines of one connection; its host answers with the TTL. */
const refused = (at: number, ttl = 64, name = '', more = '') => `
  ${at} > S seq 0 win 65535 ${name && `conn ${name}`}
  ${at + 0.02} < R. seq 0 ack 1 win 0 ttl ${ttl} id 0 ${name && `conn ${name}`}
  ${more}`;
const accepted = (at: number, name: string, ttl = 64) => `
  ${at} > S seq 0 win 65535 conn ${name}
  ${at + 0.02} < S. seq 0 ack 1 win 65535 ttl ${ttl} conn ${name}
  ${at + 0.021} > . ack 1 conn ${name}`;

const told = (text: string) =>
  analyseScenario(text, options).analyzer.connections.flatMap(({ findings }) =>
    findings.filter(({ id }) => id === 'connection-refused'),
  );

describe('a SYN that a RST answers', () => {
  it('is refused by its host where nothing else of that is there', () => {
    const [alone] = told(refused(0));
    expect(alone).toMatchObject({ confidence: 0.95, cause: 'nothing listens there, or a firewall refuses' });
    expect(alone.text).toMatch(/^10\.9\.0\.2:80 \(server\) refused the connection of .* with a RST\.$/);
  });

  it('is told with what the same port accepted, earlier or later', () => {
    const later = told(refused(0) + accepted(1, 'two'))[0];
    expect(later.text).toContain('accepted 1 other connection, in packet 3:');
    expect(later.cause).toBe('the program was not there for a while, or something refuses some connections');
    const both = told(accepted(0, 'two') + refused(1) + accepted(2, 'three'))[0].text;
    expect(both).toContain('accepted 2 other connections, the first in packet 1, the last in packet 6:');
  });

  it('but not with what another port or another host accepted, nor with a SYN,ACK that nobody acknowledged', () => {
    const unacknowledged = accepted(1, 'two').split('\n').slice(0, -1).join('\n');
    for (const more of [accepted(1, 'port'), accepted(1, 'host'), unacknowledged])
      expect(told(refused(0) + more)[0].text).not.toContain('accepted');
  });

  it('nor with its own next attempt', () => {
    const again = `1 > S seq 0 win 65535\n1.02 < S. seq 0 ack 1 win 65535\n1.021 > . ack 1`;
    expect(told(refused(0, 64, '', again))[0].text).not.toContain('accepted');
  });

  it('may be refused by a middlebox where no other packet of the host has that TTL', () => {
    const [by] = told(accepted(0, 'port', 57) + refused(1, 64));
    expect(by).toMatchObject({
      who: 'network',
      confidence: 0.7,
      cause: 'a middlebox refuses, or nothing listens there',
    });
    expect(by.text).toContain('A RST in the name of 10.9.0.2:80 (server) refused');
    expect(by.text).toContain(
      'Its TTL is 64 (IP ID 0), other packets of that host have 57: a middlebox may have sent it.',
    );
    expect(told(accepted(0, 'port', 57) + refused(1, 58))[0].confidence).toBe(0.7);
    expect(told(accepted(0, 'port', 57) + refused(1, 57))[0].confidence).toBe(0.95);
    expect(told(accepted(0, 'host', 57) + refused(1, 58))[0].confidence).toBe(0.95);
  });

  it('names the TTL that most of its connections have, and none where one has that of the RST', () => {
    const most = accepted(0, 'port', 57) + accepted(1, 'two', 58) + accepted(2, 'three', 58);
    expect(told(most + refused(3, 64))[0].text).toContain('other packets of that host have 58');
    expect(told(most + refused(3, 57))[0].confidence).toBe(0.95);
  });

  it('counts what is left of the analysis, and says so where connections had left it that may have been accepted', () => {
    const { analyzer } = analyseScenario(accepted(0, 'two') + refused(1), options);
    const of = (left: CaptureEnd['left']) => {
      const refusals = new Refusals();
      for (const connection of analyzer.connections) refusals.see(connection);
      refusals.weigh(left);
      return analyzer.connections[1].findings[0].text.match(/accepted (at least )?1 other/)?.[1] ?? '';
    };
    const left = (by: object) => ({ ...noneLeft(), connections: 1, by: { ...noneLeft().by, ...by } });
    expect([of(left({ idle: 1 })), of(left({ closed: 1 })), of(left({ 'half-closed': 1 }))]).toEqual(
      Array(3).fill('at least '),
    );
    expect([of(left({ attempt: 1 })), of(null)]).toEqual(['', '']);
  });
});

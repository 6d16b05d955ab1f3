import { HANDSHAKE, pcapOf } from './support.ts';

/** Two connections: the first sent something again, the second begins after its handshake. */
export function everyOutcome(): Uint8Array {
  return pcapOf(
    `${HANDSHAKE}
    0.030 > P.  1:101(100) ack 1
    0.330 > P.  1:101(100) ack 1
    0.350 < .   ack 101
    0.400 > P.  1:101(100) ack 1 win 500 conn B
    0.420 < .   ack 101 win 400 conn B`,
    { connections: { B: { client: '10.0.0.1:50000', server: '10.0.0.3:8080' } } },
  );
}

/** Rules that have each outcome once on `everyOutcome`: pass, fail, inconclusive, error. `first` is the name of the first group. */
export function rulesOfEveryOutcome(first: string): string {
  return `version: 1
flows:
  - name: "${first}"
    select: server.port == 80
    assert:
      - handshake.complete
      - retransmissions.count == 0
  - name: later
    select: server.port == 8080
    assert:
      - client.options.wscale >= 7
  - name: none, here
    select: server.port == 9
    assert: [handshake.complete]
`;
}

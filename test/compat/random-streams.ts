import { ACK, FIN, PSH, RST, SYN } from '../../src/model/flags.ts';
import { type CapturedPacket, ip4, pcapFile, randomNumbers, tcp, u32 } from '../render/packets.ts';

const RAW_IP = 101;
const CLIENT = 0x0a000001;
const SERVER = 0x0a000002;

/** Around the places where a sequence number wraps, is negative as a signed one, or is 0. */
const INITIAL = [1000, 0xfffffff0, 0x7ffffff0, 0xffffffff, 0xfffffffb, 0xffffff9b];

/** In nanoseconds: about the limits of the rules, 3 ms, 20 ms, and the initial round trips made here. */
const STEPS = [
  [1e6, 5e6],
  [1e6, 19.999e6, 20e6, 20.001e6],
  [0, 1e3, 2.9e6, 3e6, 50e6],
  [1e6, 10e6, 49e6, 50e6],
];

/**
 * Connections of packets that nearly fit: numbers a little off, windows of 0, SYNs and RSTs at any time, options where they do
 * not belong, clocks that step back. They meet conditions of the rules that no real capture does.
 */
export function randomStreams(seed: number, connections: number, packets: number): Uint8Array {
  const below = randomNumbers(seed);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)];
  const chance = (percent: number): boolean => below(100) < percent;
  const captured: CapturedPacket[] = [];
  let now = 1_000_000_000_000;

  for (let connection = 0; connection < connections; connection++) {
    const ports = [20000 + connection, 40000];
    const isn = [pick(INITIAL), pick(INITIAL)];
    const steps = pick(STEPS);
    const stepsBack = chance(10);
    const usesMptcp = chance(20);
    /** Where each end's stream, its acknowledgement and its window stand. */
    const next = [1, 1];
    const acked = [isn[1] + 1, isn[0] + 1];
    const windows = [1000, 1000];

    const send = (side: number, flags: number, seq: number, ack: number, length = 0, options: number[] = []): void => {
      const segment = tcp({
        source: ports[side],
        destination: ports[1 - side],
        seq: seq >>> 0,
        ack: ack >>> 0,
        flags,
        window: windows[side],
        options,
        payload: new Array(length).fill(0x61),
      });
      const bytes = ip4({ source: side ? SERVER : CLIENT, destination: side ? CLIENT : SERVER }, segment);
      // Some the frame is too short for, some the capture cut, in the payload or in the header.
      const hasSack = options.includes(5);
      const missing = !hasSack && chance(2) ? pick([1, 10, 30]) : 0;
      const cut = !hasSack && chance(2) ? pick([1, 8, 20, 100]) : 0;
      const originalLength = Math.max(40, bytes.length - missing);
      const capturedLength = Math.max(40, Math.min(originalLength, bytes.length - cut));
      captured.push({ bytes: bytes.slice(0, capturedLength), originalLength, time: BigInt(now) });
    };
    const windowScale = (): number[] => (chance(70) ? [3, 3, pick([0, 1, 2, 7, 14, 15])] : []);

    if (chance(70)) {
      if (chance(20)) {
        send(0, SYN, isn[0], 0, 0, windowScale());
        now += 1e8;
      }
      send(0, SYN, isn[0], 0, 0, windowScale());
      now += pick([1e3, 50e6]);
      send(1, SYN | ACK, isn[1], isn[0] + 1, 0, windowScale());
      now += pick([0, 1e3, 5e6]);
      send(0, ACK, isn[0] + 1, isn[1] + 1);
    }
    for (let i = 0; i < packets; i++) {
      now += pick(steps);
      if (stepsBack && chance(15)) now -= 30e6;
      const side = below(2);
      const length = pick([0, 0, 0, 1, 1, 2, 10, 10, 100]);
      const flags = pick([ACK, ACK, ACK, ACK, ACK, ACK, ACK, ACK | PSH, ACK | PSH, ...RARE_FLAGS.slice(below(9))]);

      let offset = next[side];
      if (chance(25)) offset += pick([-1, -1, -2, -10, -20, -100, 1, 10, 100]);
      if (flags & SYN && chance(50)) offset = pick([0, 0, 50, 1000]);

      const peer = isn[1 - side] + next[1 - side];
      if (chance(40)) acked[side] = peer;
      else if (chance(15)) acked[side] = chance(80) ? peer + pick([1, 10, -5, -10, -1]) : 0;
      const ack = flags & ACK || chance(20) ? acked[side] : 0;

      if (chance(20)) windows[side] = pick([0, 0, 1, 5, 10, 100, 1000]);
      const options = flags & SYN || chance(2) ? windowScale() : [];
      if (chance(15)) options.push(...sack(peer, pick(usesMptcp ? [1] : [1, 2, 3, 4]), pick));
      if (usesMptcp && chance(30)) options.push(...pick(MPTCP));
      if (options.length <= 40) send(side, flags, isn[side] + offset, ack, length, options);

      const end = offset + length + (flags & FIN ? 1 : 0);
      if (end > next[side] && !(flags & SYN) && chance(97)) next[side] = end;
    }
    now += 1e9;
  }
  return pcapFile(RAW_IP, captured);
}

/** The first eight may be left out, so that the others are as frequent as they are. */
const RARE_FLAGS = [0, FIN, SYN | FIN, SYN | RST, FIN | RST, PSH, RST, RST | ACK, SYN, SYN | ACK, FIN | ACK];

/** ADD_ADDR, MP_PRIO, MP_FAIL and DSS (RFC 8684 section 3). */
const MPTCP = [
  [30, 8, 0x34, 1, 10, 0, 0, 9],
  [30, 4, 0x50, 1],
  [30, 12, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  [30, 8, 0x20, 1, 0, 0, 0, 1],
];

function sack(from: number, blocks: number, pick: (of: number[]) => number): number[] {
  const edges: number[] = [];
  for (let i = 0; i < blocks; i++) {
    const left = (from + pick([5, 10, 20])) >>> 0;
    edges.push(...u32(left), ...u32((left + pick([1, 10, 50])) >>> 0));
  }
  return [5, 2 + edges.length, ...edges];
}

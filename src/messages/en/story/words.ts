import type { Owner, TimeCause } from '../../../model/budget.ts';
import type { Role } from '../../story.ts';

/** `The client`, at the beginning of a sentence. */
export const The = (role: Role) => `The ${role}`;
export const the = (role: Role) => `the ${role}`;
export const other = (role: Role): Role => (role === 'client' ? 'server' : 'client');
export const packet = (frame: number) => (frame > 0 ? `packet ${frame}` : 'a packet that was not captured');

/** `, packet 7`, after the name of what it carries. */
export const at = (frame: number) => (frame > 0 ? `, packet ${frame}` : '');

const BY_CAUSE: Readonly<
  Record<Exclude<TimeCause, 'thinking' | 'sending' | 'receive-window' | 'delayed-ack'>, string>
> = {
  handshake: 'the handshake',
  timeout: 'waiting for a retransmission timer',
  'round-trip': 'the way there and back of requests and answers',
  'congestion-window': 'waiting for ACKs, the congestion window full',
  'path-rate': 'the queue or the link of the bottleneck',
  recovery: 'repairing losses',
  idle: 'idle: neither end waited for the other',
  closing: 'the end, after the last data',
  unknown: 'not known',
};

/** What a stretch of time was spent on, such as `the server thinking`. */
export function use(owner: Owner, cause: TimeCause): string {
  switch (cause) {
    case 'thinking':
      return owner === 'client' ? 'the client pausing before a request' : `the ${owner} thinking`;
    case 'sending':
      return `the ${owner} sending in pieces`;
    case 'receive-window':
      return `the receive window of the ${owner} full or closed`;
    case 'delayed-ack':
      return `small segments that the ${owner} held back for an ACK (Nagle)`;
    default:
      return BY_CAUSE[cause];
  }
}

import type { End } from '../../message.ts';
import { count, duration, durations, nameOf, percent, plural, times } from '../grammar.ts';

export type Provocation = 'syn' | 'unfit' | 'rst' | 'unsent';

const PROVOCATIONS: Readonly<Record<Provocation, string>> = {
  syn: 'a SYN',
  unfit: 'a segment that does not fit',
  rst: 'a RST in the window',
  unsent: 'an ACK of data that was not sent',
};

export type UpdateEvidence =
  | { shown: 'probe-after'; updateFrame: number; since: number }
  | { shown: 'answer'; probeFrame: number };

export const WINDOW = {
  'zero-window': {
    cause: 'the application did not read',
    text: ({
      owner,
      peer,
      lasted,
      opened,
      isReset,
      probes,
      intervals,
    }: {
      owner: End;
      peer: End;
      /** Nanoseconds. */
      lasted: number;
      opened: boolean;
      /** The connection ended while it was closed. */
      isReset: boolean;
      probes: number;
      intervals: readonly number[];
    }) => {
      const unopened = isReset ? ', when the connection was reset' : '';
      const length = opened ? `for ${duration(lasted)}` : `and had not opened it ${duration(lasted)} later${unopened}`;
      const probing = probes === 0 ? '' : `; ${nameOf(peer)} probed it ${times(probes)}, after ${durations(intervals)}`;
      return `${nameOf(owner)} closed its window ${length}${probing}.`;
    },
  },
  'window-update-lost': {
    cause: 'the window update did not arrive',
    text: ({ owner, peer, evidence }: { owner: End; peer: End; evidence: UpdateEvidence }) => {
      const shown =
        evidence.shown === 'answer'
          ? `only the answer to the probe in packet ${evidence.probeFrame} told of it`
          : `the update in packet ${evidence.updateFrame} opened it ${duration(evidence.since)} before`;
      return `The window of ${nameOf(owner)} was open again, but ${nameOf(peer)} did not know: ${shown}.`;
    },
  },
  'window-full': {
    cause: 'the receive window is too small or the application too slow',
    text: ({
      sender,
      receiver,
      largest,
      stops,
      stopped,
      share,
    }: {
      sender: End;
      receiver: End;
      /** Null where the capture was made away from the sender: it shows neither the window that stopped it nor each time that one did. */
      largest: number | null;
      stops: number;
      stopped: number;
      share: number;
    }) => {
      const least = largest === null ? 'at least ' : '';
      const size = largest === null ? '' : ` (up to ${count(largest)} bytes)`;
      return `The window of ${nameOf(receiver)}${size} stopped ${nameOf(sender)} ${least}${times(stops)}, for ${least}${duration(stopped)} in all (${percent(share)} of the connection).`;
    },
  },
  'data-beyond-window': {
    cause: 'the sender ignores the window',
    text: ({ sender, receiver, segments, most }: Excess) =>
      `${nameOf(sender)} sent more than the windows of ${nameOf(receiver)} in this capture allow, in ${plural(segments, 'segment')} and by up to ${plural(most, 'byte')}.`,
  },
  'data-beyond-window.taken': {
    cause: 'a window update that the capture missed',
    text: ({ sender, receiver, segments, most }: Excess) =>
      `${nameOf(sender)} sent more than the windows of ${nameOf(receiver)} in this capture allow, in ${plural(segments, 'segment')} and by up to ${plural(most, 'byte')}. All of it was acknowledged: ACKs that offered more are probably missing in the capture.`,
  },
  'window-shrunk': {
    cause: 'the receiver has less room than it said',
    text: ({ owner, retreats, most }: { owner: End; retreats: number; most: number }) =>
      `${nameOf(owner)} took back window that it had offered, ${times(retreats)} and up to ${plural(most, 'byte')}.`,
  },
  'out-of-order-discarded': {
    cause: 'no queue for segments out of order',
    text: ({
      receiver,
      sender,
      flights,
      bytes,
      acks,
    }: {
      receiver: End;
      sender: End;
      flights: number;
      bytes: number;
      /** Duplicate ACKs at the first of them. */
      acks: number;
    }) =>
      `${nameOf(receiver)} keeps nothing that comes out of order: ${times(flights)} it reported by duplicate ACKs (${acks} at first) that later segments had arrived, and ${nameOf(sender)} had to send the whole flight again (${plural(bytes, 'byte')}).`,
  },
  'sack-reneging': {
    cause: 'the receiver was short of memory',
    text: ({
      receiver,
      sender,
      frame,
      ack,
      bytes,
      occasions,
    }: {
      receiver: End;
      sender: End;
      /** The first ACK that shows it, and where that stops. */
      frame: number;
      ack: number;
      bytes: number;
      occasions: number;
    }) =>
      `${nameOf(receiver)} threw away ${plural(bytes, 'byte')} that it had reported by SACK, ${times(occasions)}: its ACK of ${count(ack)} in packet ${frame} stops at a byte that it had reported, and ${nameOf(sender)} had to send that again.`,
  },
  'small-segments': {
    cause: 'the application writes a few bytes at a time',
    text: ({ sender, segments, bytes }: { sender: End; segments: number; bytes: number }) =>
      `${nameOf(sender)} sent ${plural(bytes, 'byte')} in ${plural(segments, 'segment')}, ${plural(Math.round(bytes / segments), 'byte')} each on average.`,
  },
  'silly-window': {
    cause: 'the application reads a few bytes at a time',
    text: ({
      owner,
      openings,
      segment,
      smallest,
    }: {
      owner: End;
      openings: number;
      segment: number;
      smallest: number;
    }) =>
      `${nameOf(owner)} opens its window in very small steps: ${times(openings)} by less than a segment of ${count(segment)} bytes, the smallest of them ${plural(smallest, 'byte')}. The sender has to send small segments.`,
  },
  'keep-alive': {
    cause: 'the connection is idle',
    text: ({ prober, probes, interval }: { prober: End; probes: number; interval: number }) =>
      `${nameOf(prober)} kept the idle connection alive with ${plural(probes, 'probe')}${every(probes, interval)}.`,
  },
  'keep-alive-failure': {
    cause: 'no answer from the other end',
    text: ({
      prober,
      peer,
      probes,
      interval,
      end,
    }: {
      prober: End;
      peer: End;
      probes: number;
      interval: number;
      end: 'reset' | 'capture';
    }) =>
      `${nameOf(peer)} did not answer ${plural(probes, 'keep-alive')} of ${nameOf(prober)}${every(probes, interval)}; ${end === 'reset' ? `then ${nameOf(prober)} reset the connection` : 'nothing more came until the end of the capture'}.`,
  },
  'duplicate-acks': {
    cause: 'segments arrived after a gap',
    text: ({ receiver, bursts, longest }: { receiver: End; bursts: number; longest: number }) =>
      `${nameOf(receiver)} sent ${plural(bursts, 'burst')} of duplicate ACKs, the longest of ${longest}: segments reached it after a gap.`,
  },
  'delayed-acks': {
    cause: 'the receiver waits for a second segment or for data to send along',
    text: ({ receiver, acks, mean, total }: { receiver: End; acks: number; mean: number; total: number }) =>
      `${nameOf(receiver)} held back ${plural(acks, 'ACK')} of single segments, by ${duration(mean)} on average and ${duration(total)} in all.`,
  },
  'stretch-acks': {
    cause: 'receive offload, or ACKs thinned or lost on the way',
    text: ({ receiver, acks, share }: { receiver: End; acks: number; share: number }) =>
      `${plural(acks, 'ACK')} of ${nameOf(receiver)} (${percent(share)}) cover more than two full segments each.`,
  },
  'challenge-ack': {
    cause: ({ provocation }: { provocation: Provocation }) => PROVOCATIONS[provocation],
    text: ({ end, provocation, frame, late }: { end: End; provocation: Provocation; frame: number; late: number }) =>
      `${nameOf(end)} answered packet ${frame} (${PROVOCATIONS[provocation]}) with a challenge ACK after ${duration(late)}.`,
  },
  'challenge-ack.unprovoked': {
    cause: 'something that did not pass here',
    text: ({ end, acks }: { end: End; acks: number }) =>
      `${nameOf(end)} repeated its ACK ${times(acks)} though nothing in the capture asked for it: probably challenge ACKs to segments that came from elsewhere.`,
  },
  'ack-of-unsent-data': {
    cause: 'forged, or the ends disagree',
    text: ({ acker, owner, frame, bytes }: { acker: End; owner: End; frame: number; bytes: number }) =>
      `Packet ${frame} in the name of ${nameOf(acker)} acknowledges ${plural(bytes, 'byte')} that ${nameOf(owner)} never sent.`,
  },
};

export interface Excess {
  sender: End;
  receiver: End;
  segments: number;
  most: number;
}

const every = (probes: number, interval: number) => (probes > 1 ? `, every ${duration(interval)}` : '');

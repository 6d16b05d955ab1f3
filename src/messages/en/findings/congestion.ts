import type { End } from '../../message.ts';
import { duration, nameOf, plural, times } from '../grammar.ts';

export const CONGESTION = {
  'ecn-marks': {
    cause: 'routers mark packets instead of dropping them',
    text: ({ receiver, sender, acks, reductions }: { receiver: End; sender: End; acks: number; reductions: number }) =>
      `${nameOf(receiver)} echoed congestion marks (ECE) in ${plural(acks, 'segment')}; ${nameOf(sender)} answered ${times(reductions)} that it had reduced its window (CWR).`,
  },
  'standing-queue': {
    cause: 'a full buffer on the path',
    text: ({ sender, shortest, loaded }: { sender: End; shortest: number; loaded: number }) =>
      `While ${nameOf(sender)} was sending, its round trip rose from ${duration(shortest)} to ${duration(loaded)}: a queue on the path stays full.`,
  },
  'initial-window-exceeded': {
    cause: 'a larger initial window than ten segments',
    text: ({ sender, segments, allowed }: { sender: End; segments: number; allowed: number }) =>
      `${nameOf(sender)} sent ${plural(segments, 'segment')} before anything was acknowledged; ${allowed} are allowed.`,
  },
  'window-growth-too-fast': {
    cause: 'the window grew by more than was acknowledged',
    text: ({ sender, segments }: { sender: End; segments: number }) =>
      `${nameOf(sender)} had ${plural(segments, 'segment')} in flight: more than its initial window and all that had been acknowledged until then.`,
  },
  'burst-after-timeout': {
    cause: 'a timeout without slow start',
    text: ({ sender, segments }: { sender: End; segments: number }) =>
      `${nameOf(sender)} sent ${plural(segments, 'segment')} in a row after a timeout, before any acknowledgment; one is allowed.`,
  },
  'loss-without-reduction': {
    cause: 'the window is not reduced',
    text: ({ sender, losses, before, after }: { sender: End; losses: number; before: number; after: number }) =>
      `${nameOf(sender)} had as much in flight after each of ${plural(losses, 'loss', 'losses')} in a row as before it: at last ${plural(after, 'segment')} after ${plural(before, 'segment')}.`,
  },
};

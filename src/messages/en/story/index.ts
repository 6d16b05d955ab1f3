import type { StoryFrame, StoryWords } from '../../story.ts';
import { duration, percent, plural } from '../grammar.ts';
import { ACCOUNT } from './account.ts';
import { ADVICE } from './advice.ts';
import { FIELDS } from './fields.ts';
import { STEPS } from './steps.ts';
import { use } from './words.ts';

export const STORY: StoryWords = { ...ACCOUNT, ...ADVICE, ...STEPS, ...FIELDS };

const carries = (bytes: number) => (bytes > 0 ? `, ${plural(bytes, 'byte')}` : '');

export const STORY_FRAME: StoryFrame = {
  heading: {
    connect: 'Connecting',
    data: 'Asked and answered',
    time: 'Where the time went',
    wrong: 'What went wrong',
    end: 'How it ended',
    help: 'What would help',
    sure: 'How sure this is',
    fields: 'Fields',
    why: 'Why it was sent',
    answers: 'What it answers',
    follows: 'What follows from it',
    verdict: 'Verdict',
  },
  field: {
    time: 'time',
    from: 'from',
    to: 'to',
    ttl: 'TTL',
    'ip-id': 'IP ID',
    fragment: 'fragmenting',
    ecn: 'ECN',
    seq: 'sequence number',
    ack: 'acknowledgment',
    header: 'header length',
    flag: 'flag',
    window: 'window',
    checksum: 'checksum',
    urgent: 'urgent pointer',
    option: 'option',
    payload: 'payload',
  },
  use,
  certainty: {
    shown: 'The packets show this.',
    likely: 'This is the usual cause of what the packets show.',
    possible: 'This is one of several possible causes.',
  },
  packetTitle: ({ frame, stream, role, flags, bytes }) =>
    `Packet ${frame} of connection ${stream}, from the ${role}: ${flags}${carries(bytes)}`,
  stepTitle: ({ frame, at, role, flags, bytes }) => `#${frame}  ${duration(at)}  ${role}  ${flags}${carries(bytes)}`,
  finding: ({ frame, clock, text, id }) =>
    `${frame > 0 ? `Packet ${frame}${clock === '' ? '' : `, at ${clock}`}: ` : ''}${text} [${id}]`,
  betweenSentences: ' ',
  duration,
  percent,
};

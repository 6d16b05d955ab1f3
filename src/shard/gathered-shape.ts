import type { Part } from './part.ts';
import { formOf, isCount, isNumber, isText, isTruth, listOf, listOfAll, nullOr, oneOf, type Shape } from './shape.ts';

/* The form of what the detectors of a shard know of the capture: somebody else may have written it. */

type Gathered = Part['gathered'];
type Records = Part['overview']['records'];
type Some<T> = NonNullable<T>;

const isFrames = listOf(isCount);
const isSomeFrames: Shape = (value) => isFrames(value) && (value as unknown[]).length > 0;
/** A time that was not found out is none: JSON has no form for it. */
const isTime = nullOr(isNumber);

const isCopies = formOf<Some<Gathered['duplicates']['here']>>({
  copies: isCount,
  frames: isSomeFrames,
  original: isCount,
  time: isNumber,
  atOnce: isCount,
  samples: listOf(
    formOf<Some<Gathered['duplicates']['here']>['samples'][number]>({
      every: isCount,
      pairs: listOf(listOfAll([isCount, isCount])),
    }),
  ),
});

const isOffloadHost = formOf<Gathered['offload'][number]>({
  address: isText,
  partial: isCount,
  wrong: isCount,
  wrongIp: isCount,
  checksumFrames: isFrames,
  oversize: isCount,
  largest: isCount,
  oversizeFrames: isFrames,
});

const isExamples = listOf(formOf<Gathered['extent']['oneWay'][number]>({ firstFrame: isCount, firstTime: isNumber }));

type Vote = Gathered['position'][number];

const isVote = formOf<Vote>({
  key: isText,
  position: oneOf(['client', 'server', 'middle', 'loopback']),
  connections: isCount,
  example: formOf<Vote['example']>({
    frame: isCount,
    time: isNumber,
    address: isText,
    client: isText,
    server: isText,
    clientAnswers: isTime,
    serverAnswers: isTime,
  }),
});

const isWorstEnd = formOf<Some<Gathered['limits']['worst']>>({
  forgotten: isCount,
  stream: isCount,
  name: isText,
  role: oneOf(['client', 'server']),
});

const isWords = [isNumber, isNumber, isNumber, isNumber];

const isIsns = formOf<Gathered['isns'][number]>({
  address: listOfAll([oneOf([4, 6]), ...isWords]),
  isns: listOf(isNumber),
  times: listOf(isNumber),
  frames: isFrames,
});

const isDistinct = formOf<Gathered['flood'][number]['sources']>({
  addresses: listOf(listOfAll([isText, ...isWords])),
  bits: nullOr(isText),
});

const isListener = formOf<Gathered['flood'][number]>({
  name: isText,
  attempts: isCount,
  halfOpen: isCount,
  sources: isDistinct,
  frame: isCount,
  firstTime: isNumber,
  lastTime: isNumber,
  samples: listOf(isNumber),
  answered: isCount,
  repeated: isCount,
  overdue: isCount,
});

const isSource = formOf<Gathered['scans'][number]>({
  name: isText,
  frame: isCount,
  firstTime: isNumber,
  lastTime: isNumber,
  outcomes: listOfAll([isCount, isCount, isCount]),
  open: listOf(isText),
  others: isCount,
  probes: isCount,
  samples: listOf(isNumber),
  hosts: isDistinct,
  ports: listOf(isCount),
});

type Segments = Gathered['segments'];

type Edits = Segments['edits'];

const isSums = formOf<Edits['sums'][number]>({ good: isCount, bad: isCount });

const isSegments = formOf<Segments>({
  segments: isCount,
  answers: isCount,
  instantAnswers: isCount,
  edits: formOf<Edits>({
    senders: isCount,
    ipId: isNumber,
    sameId: isTruth,
    ownIds: formOf<Edits['ownIds']>({ isConstant: isTruth, repeats: listOfAll([isCount, isCount]) }),
    headerSums: formOf<Edits['headerSums']>({ bad: isCount, damaged: isCount, hosts: listOf(isText) }),
    padding: formOf<Edits['padding']>({ filled: isCount, isPadded: isTruth }),
    sums: listOfAll([isSums, isSums]),
  }),
  filter: formOf<Segments['filter']>({
    isControlOnly: isTruth,
    sentData: isCount,
    isAckless: isTruth,
    bulk: isCount,
    opened: isCount,
    isDataOnly: isTruth,
    closed: isCount,
  }),
  again: isFrames,
  stampRates: formOf<Segments['stampRates']>({ measured: isCount, tooFast: isCount }),
  handshakes: formOf<Segments['handshakes']>({ first: isCount, late: isCount, longest: isNumber, frames: isFrames }),
});

export const isJumps = listOf(
  formOf<Gathered['jumps'][number]>({
    frame: isCount,
    from: isNumber,
    time: isNumber,
    until: isCount,
    heard: listOf(formOf<Gathered['jumps'][number]['heard'][number]>({ frame: isCount, missedBy: nullOr(isText) })),
  }),
);

/** What all records show. */
export const isRecords = formOf<Records>({
  times: formOf<Records['times']>({
    records: isCount,
    interval: isNumber,
    isEven: isTruth,
    isWhole: isTruth,
    sameTime: isTruth,
    seams: isFrames,
  }),
  order: formOf<Records['order']>({
    records: isCount,
    steps: listOf(
      formOf<Records['order']['steps'][number]>({
        frame: isCount,
        time: isNumber,
        back: isNumber,
        isLast: isTruth,
        at: isCount,
      }),
    ),
    moreSteps: isCount,
    swaps: nullOr(
      formOf<Some<Records['order']['swaps']>>({
        count: isCount,
        furthest: isNumber,
        frames: isSomeFrames,
        time: isNumber,
        at: isCount,
      }),
    ),
    batches: isNumber,
  }),
});

export const isGathered = formOf<Gathered>({
  duplicates: formOf<Gathered['duplicates']>({
    elsewhere: nullOr(isCopies),
    here: nullOr(isCopies),
    copiesOfData: isCount,
    answers: isCount,
  }),
  offload: listOf(isOffloadHost),
  extent: formOf<Gathered['extent']>({
    twoWays: isCount,
    oneWays: isCount,
    oneWay: isExamples,
    midStreams: isCount,
    midStream: isExamples,
  }),
  position: listOf(isVote),
  limits: formOf<Gathered['limits']>({ forgotten: isCount, worst: nullOr(isWorstEnd) }),
  isns: listOf(isIsns),
  flood: listOf(isListener),
  scans: listOf(isSource),
  segments: isSegments,
  jumps: isJumps,
  unlisted: isCount,
});

import type { Part } from './part.ts';
import { isCount, isNumber, isText, isTruth, listOf, listOfAll, nullOr, objectOf, oneOf, type Shape } from './shape.ts';

/* The form of what the detectors of a shard know of the capture: somebody else may have written it. */

const isFrames = listOf(isCount);
const isSomeFrames: Shape = (value) => isFrames(value) && (value as unknown[]).length > 0;
/** A time that was not found out is none: JSON has no form for it. */
const isTime = nullOr(isNumber);

const isCopies = objectOf({
  copies: isCount,
  frames: isSomeFrames,
  original: isCount,
  time: isNumber,
});

const isOffloadHost = objectOf({
  address: isText,
  partial: isCount,
  wrong: isCount,
  wrongIp: isCount,
  checksumFrames: isFrames,
  oversize: isCount,
  largest: isCount,
  oversizeFrames: isFrames,
});

const isExamples = listOf(objectOf({ firstFrame: isCount, firstTime: isNumber }));

const isVote = objectOf({
  key: isText,
  position: oneOf(['client', 'server', 'middle', 'loopback']),
  connections: isCount,
  example: objectOf({
    frame: isCount,
    time: isNumber,
    address: isText,
    client: isText,
    server: isText,
    clientAnswers: isTime,
    serverAnswers: isTime,
  }),
});

const isWorstEnd = objectOf({
  forgotten: isCount,
  stream: isCount,
  name: isText,
  role: oneOf(['client', 'server']),
});

const isWords = [isNumber, isNumber, isNumber, isNumber];

const isIsns = objectOf({
  address: listOfAll([oneOf([4, 6]), ...isWords]),
  isns: listOf(isNumber),
  times: listOf(isNumber),
  frames: isFrames,
});

const isDistinct = objectOf({ addresses: listOf(listOfAll([isText, ...isWords])), bits: nullOr(isText) });

const isListener = objectOf({
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

const isSource = objectOf({
  name: isText,
  frame: isCount,
  firstTime: isNumber,
  lastTime: isNumber,
  outcomes: listOfAll([isCount, isCount, isCount]),
  open: listOf(isText),
  others: isCount,
  samples: listOf(isNumber),
  hosts: isDistinct,
  ports: listOf(isCount),
});

const isSums = objectOf({ good: isCount, bad: isCount });

const isSegments = objectOf({
  segments: isCount,
  answers: isCount,
  instantAnswers: isCount,
  senders: isCount,
  ipId: isNumber,
  sameId: isTruth,
  isControlOnly: isTruth,
  sentData: isCount,
  isAckless: isTruth,
  bulk: isCount,
  opened: isCount,
  again: isFrames,
  sums: listOfAll([isSums, isSums]),
});

export const isJumps = listOf(
  objectOf({
    frame: isCount,
    from: isNumber,
    time: isNumber,
    until: isCount,
    heard: listOf(objectOf({ frame: isCount, missedBy: nullOr(isText) })),
  }),
);

/** What all records show. */
export const isRecords = objectOf({
  nature: objectOf({
    records: isCount,
    interval: isNumber,
    isEven: isTruth,
    isWhole: isTruth,
    sameTime: isTruth,
    seams: isFrames,
  }),
  order: objectOf({
    records: isCount,
    steps: listOf(objectOf({ frame: isCount, time: isNumber, back: isNumber, isOver: isTruth })),
    swaps: nullOr(objectOf({ count: isCount, furthest: isNumber, frames: isSomeFrames, time: isNumber })),
  }),
} satisfies Record<keyof Part['overview']['records'], Shape>);

export const isGathered = objectOf({
  duplicates: objectOf({
    elsewhere: nullOr(isCopies),
    here: nullOr(isCopies),
    copiesOfData: isCount,
    answers: isCount,
  }),
  offload: listOf(isOffloadHost),
  extent: objectOf({
    twoWays: isCount,
    oneWays: isCount,
    oneWay: isExamples,
    midStreams: isCount,
    midStream: isExamples,
  }),
  position: listOf(isVote),
  limits: objectOf({ forgotten: isCount, worst: nullOr(isWorstEnd) }),
  isns: listOf(isIsns),
  flood: listOf(isListener),
  scans: listOf(isSource),
  segments: isSegments,
  jumps: isJumps,
  unlisted: isCount,
} satisfies Record<keyof Part['gathered'], Shape>);

import { ConcludedCongestion } from '../congestion/concluded.ts';
import { FINDING_IDS } from '../detect/catalogue.ts';
import { ENGLISH } from '../messages/en/index.ts';
import { causeOf, type MessageKey, textOf } from '../messages/message.ts';
import { TIME_USES } from '../model/budget.ts';
import { WIDTH } from '../model/change-rooms.ts';
import { Connection } from '../model/connection.ts';
import { SegmentView } from '../model/segment.ts';
import { isChange } from '../model/state.ts';
import { type Plain, valuesLike } from './plain.ts';
import {
  isCount,
  isNumber,
  isPlainNumber,
  isSaying,
  isText,
  isTruth,
  listOf,
  listOfAll,
  nullOr,
  objectOf,
  oneOf,
  type Shape,
} from './shape.ts';
import { type ConnectionSnapshot, FIELDS } from './snapshot.ts';
import { unplain } from './telling.ts';

const sample = new Connection(0, new SegmentView(), null);

const isNumbers = listOf(isPlainNumber);
const isChanges: Shape = (value) =>
  Array.isArray(value) &&
  value.length % WIDTH === 0 &&
  value.every((number, i) => i % WIDTH === 0 || isChange(value[i - 1], number));

const isSteady = objectOf({ isClient: isTruth, bytes: isNumber, time: isNumber });

const hasKey = objectOf({ key: oneOf(Object.keys(ENGLISH.findings)) });
const isMessage: Shape = (value) => isSaying(value) && hasKey(value) && canBeSaid(value as PlainMessage);

interface PlainMessage {
  readonly key: MessageKey;
  readonly values: Plain;
}

/** The values are those that its sentence needs, which it alone knows. */
function canBeSaid({ key, values }: PlainMessage): boolean {
  try {
    const message = { key, values: unplain(values, sample) };
    return typeof textOf(message) === 'string' && typeof causeOf(message) === 'string';
  } catch {
    return false;
  }
}

const isFinding = objectOf({
  frame: isCount,
  time: isNumber,
  sort: isText,
  place: isCount,
  listed: isCount,
  more: isCount,
  account: objectOf({ id: oneOf(FINDING_IDS), message: isMessage, evidence: listOf(isCount) }),
});

const isEndpoint = objectOf({
  values: valuesLike(sample.a, FIELDS.endpoint),
  changes: isChanges,
  rtt: nullOr(listOfAll(FIELDS.rtt.map(() => isPlainNumber))),
  tally: nullOr(
    objectOf({
      retransmittedPackets: isNumber,
      retransmittedBytes: isNumber,
      lostPackets: isNumber,
      lostBytes: isNumber,
    }),
  ),
  roundTrips: nullOr(
    objectOf({
      count: isCount,
      min: isNumber,
      max: isNumber,
      samples: listOf(isNumber),
      buckets: nullOr(listOf(isCount)),
    }),
  ),
  forgotten: isCount,
  congestion: nullOr(
    objectOf({
      values: valuesLike(new ConcludedCongestion(sample.a), FIELDS.congestion),
      episodes: listOf(isSaying),
      stalls: listOf(isSaying),
    }),
  ),
  violations: nullOr(listOf((one) => isCount(one) || isFinding(one))),
});

/** Whether what was read has the form of a connection. */
export const isConnectionSnapshot = objectOf({
  values: valuesLike(sample, FIELDS.connection),
  a: isEndpoint,
  b: isEndpoint,
  findings: listOf(isFinding),
  budget: nullOr(
    objectOf({
      totals: listOfAll(TIME_USES.map(() => isPlainNumber)),
      whole: nullOr(
        objectOf({
          spans: isNumbers,
          exchanges: listOf(isSaying),
          moreExchanges: isCount,
          isCoarse: isTruth,
          steady: nullOr(isSteady),
        }),
      ),
    }),
  ),
  lacksPackets: isTruth,
}) as (value: unknown) => value is ConnectionSnapshot;

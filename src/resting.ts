import type { BudgetStage } from './budget/stage.ts';
import { LIFE_WORDS } from './budget/stage.ts';
import { isAttempt } from './model/attempt.ts';
import { Connection } from './model/connection.ts';
import { CONNECTION_WORDS, ConnectionWords } from './model/connection-words.ts';
import { SegmentView } from './model/segment.ts';
import { STANDINGS, standing } from './tcp/eviction.ts';
import { RestingConnections } from './tcp/resting.ts';
import type { RestingPlace } from './tcp/resting-place.ts';
import type { Classifier } from './verdict/classify.ts';
import { OUTBOUND_WORDS } from './verdict/outbounds.ts';

/** Connections that have an object, beside those that cannot rest. */
const MOST_AWAKE = 1 << 12;

const OUTBOUND = CONNECTION_WORDS;
const LIFE = OUTBOUND + OUTBOUND_WORDS;

/** Writes down connections that rest, with what all stages know of them, and reads them again. */
export class Resting implements RestingPlace {
  readonly mostAwake: number;
  private readonly classifier: Classifier;
  private readonly budget: BudgetStage | null;
  private readonly numbers = new ConnectionWords(OUTBOUND_WORDS + LIFE_WORDS);
  private readonly records: RestingConnections;

  constructor(classifier: Classifier, budget: BudgetStage | null, mostAwake = MOST_AWAKE) {
    this.mostAwake = mostAwake;
    this.classifier = classifier;
    this.budget = budget;
    this.numbers.store(new Connection(0, new SegmentView(), null));
    this.records = new RestingConnections(this.numbers.words);
  }

  get length(): number {
    return this.records.length;
  }

  rest(connection: Connection): number {
    const { numbers, classifier, budget } = this;
    const { words } = numbers;
    // Of attempts there are few, and those who count them look at all again and again.
    if (isAttempt(connection) || !numbers.store(connection)) return -1;
    if (!classifier.write(connection, words, OUTBOUND)) return -1;
    if (budget !== null && !budget.write(connection, words, LIFE)) return -1;
    const place = this.records.add(
      words,
      connection.id,
      STANDINGS.indexOf(standing(connection)),
      connection.latestTime,
    );
    classifier.drop(connection);
    budget?.drop(connection);
    return place;
  }

  keep(connection: Connection): void {
    if (connection.isOver) this.classifier.settle(connection);
  }

  wake(place: number, object: Connection): void {
    this.read(place, object);
    this.leave(place, object);
  }

  lend(place: number, object: Connection): void {
    this.read(place, object);
  }

  leave(place: number, object: Connection): void {
    this.records.remove(place);
    this.budget?.take(object);
  }

  private read(place: number, object: Connection): void {
    const { numbers, records } = this;
    records.read(place, numbers.words);
    numbers.load(object);
    this.classifier.read(object, numbers.words, OUTBOUND);
    this.budget?.read(object, numbers.words, LIFE);
  }

  restart(object: Connection, id: number, view: SegmentView): void {
    const { numbers, records, classifier } = this;
    records.clear(numbers.words);
    numbers.load(object);
    classifier.drop(object);
    this.budget?.drop(object);
    object.restart(id, view);
  }

  idOf(place: number): number {
    return this.records.idOf(place);
  }

  standingOf(place: number): number {
    return this.records.standingOf(place);
  }

  latestOf(place: number): number {
    return this.records.latestOf(place);
  }
}

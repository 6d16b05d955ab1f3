import { capacityOf, fill, WIDTH } from './change-rooms.ts';
import { CONNECTION_ROW_WORDS, type Connection } from './connection.ts';
import { ENDPOINT_ROW_WORDS, type Endpoint } from './endpoint.ts';

/*
 * The numbers of a connection one after the other, as 32-bit words: written down when it rests, and read into whatever object goes on
 * with it. This file knows where each of them lies. What is no number (`Connection.canRest`), and what is known of its time and of
 * what its ends have sent, is not told here.
 */

/** Changes of state of each end that are written down. */
const CHANGES = 5;
/** Doubles of all of them; they come first, so that they lie where doubles may. */
const CHANGE_DOUBLES = CHANGES * WIDTH;
const CHANGE_WORDS = 4 * CHANGE_DOUBLES;

/** Fields of the objects themselves, beside their rows. */
const OWN = { connection: 4, endpoint: 26 };

const CONNECTION_ROW = CHANGE_WORDS;
const CONNECTION_OWN = CONNECTION_ROW + CONNECTION_ROW_WORDS;
const ENDS = CONNECTION_OWN + OWN.connection;
const ENDPOINT_WORDS = ENDPOINT_ROW_WORDS + OWN.endpoint;

/** Words of one connection. */
export const CONNECTION_WORDS = ENDS + 2 * ENDPOINT_WORDS;

/** Histories that are told apart; a connection with another one keeps its object. */
const MOST_HISTORIES = 1 << 12;

/** The words of one connection at a time, with as many more as its other owners want. */
export class ConnectionWords {
  readonly words: Int32Array;
  private readonly doubles: Float64Array;
  /** What happened, in letters: most connections share a few words. */
  private readonly histories: string[] = [''];
  private readonly placeOf = new Map([['', 0]]);
  private at = 0;
  private isExact = true;

  constructor(more: number) {
    this.doubles = new Float64Array((CONNECTION_WORDS + more + 1) >> 1);
    this.words = new Int32Array(this.doubles.buffer, 0, CONNECTION_WORDS + more);
  }

  /** Writes down a connection that can rest. False: a number of it does not fit. */
  store(connection: Connection): boolean {
    const { a, b, historyText } = connection;
    if (a.changeCount > CHANGES || b.changeCount > CHANGES) return false;
    const history = this.placeOfHistory(historyText);
    if (history < 0) return false;
    this.isExact = true;
    this.storeChanges(a, 0);
    this.storeChanges(b, CHANGE_DOUBLES);
    this.storeRow(connection, CONNECTION_ROW, CONNECTION_ROW_WORDS);
    this.at = CONNECTION_OWN;
    this.put(
      (connection.isClientB ? 1 : 0) |
        (connection.sawHandshake ? 2 : 0) |
        (connection.isHistoryOfB ? 4 : 0) |
        (connection.isSelected ? 8 : 0) |
        (connection.roleReason << 4) |
        (connection.ipVersion << 8),
    );
    this.put(connection.lastFrame);
    this.put(connection.packets);
    this.put(history);
    this.storeEnd(a);
    this.storeEnd(b);
    return this.isExact;
  }

  /** Makes `connection` the one that was written down. Its objects for more than numbers are as they were: of one that can rest, none. */
  load(connection: Connection): void {
    const { words } = this;
    this.loadRow(connection, CONNECTION_ROW, CONNECTION_ROW_WORDS);
    this.at = CONNECTION_OWN;
    const notes = this.next();
    connection.isClientB = (notes & 1) !== 0;
    connection.sawHandshake = (notes & 2) !== 0;
    connection.isHistoryOfB = (notes & 4) !== 0;
    connection.isSelected = (notes & 8) !== 0;
    connection.roleReason = (notes >> 4) & 15;
    connection.ipVersion = notes >> 8;
    connection.lastFrame = this.next();
    connection.packets = this.next();
    connection.historyText = this.histories[words[this.at++]];
    this.loadEnd(connection.a, 0);
    this.loadEnd(connection.b, CHANGE_DOUBLES);
  }

  private placeOfHistory(text: string): number {
    const known = this.placeOf.get(text);
    if (known !== undefined) return known;
    if (this.histories.length === MOST_HISTORIES) return -1;
    const place = this.histories.push(text) - 1;
    this.placeOf.set(text, place);
    return place;
  }

  private storeChanges({ changes, changesAt, changeCount }: Endpoint, at: number): void {
    const { doubles } = this;
    const count = WIDTH * changeCount;
    for (let i = 0; i < count; i++) doubles[at + i] = changes[changesAt + i];
    for (let i = count; i < CHANGE_DOUBLES; i++) doubles[at + i] = 0;
  }

  private storeRow({ integers, row }: Connection | Endpoint, at: number, count: number): void {
    const { words } = this;
    for (let i = 0; i < count; i++) words[at + i] = integers[2 * row + i];
  }

  private loadRow({ integers, row }: Connection | Endpoint, at: number, count: number): void {
    const { words } = this;
    for (let i = 0; i < count; i++) integers[2 * row + i] = words[at + i];
  }

  private storeEnd(end: Endpoint): void {
    const { changesAt, changesRoom } = end;
    // Where its changes lie is no part of what is known.
    end.changesAt = 0;
    end.changesRoom = -1;
    this.storeRow(end, this.at, ENDPOINT_ROW_WORDS);
    end.changesAt = changesAt;
    end.changesRoom = changesRoom;
    this.at += ENDPOINT_ROW_WORDS;
    this.put(
      (end.seen ? 1 : 0) |
        (end.hasBase ? 2 : 0) |
        (end.watched ? 4 : 0) |
        (end.basis << 3) |
        (end.state << 4) |
        (end.phase << 8) |
        ((end.windowShift + 1) << 12) |
        (end.unansweredKind << 17),
    );
    this.put(end.w3);
    this.put(end.port);
    this.put(end.sndNxt);
    this.put(end.sndUna);
    this.put(end.finEnd);
    this.put(end.lastAck);
    this.put(end.rawWindow);
    this.put(end.window);
    this.put(end.windowEdge);
    this.put(end.mss);
    this.put(end.packets);
    this.put(end.payloadBytes);
    this.put(end.ipBytes);
    this.put(end.dataPackets);
    this.put(end.streamEnd);
    this.put(end.streamAcked);
    this.put(end.streamFinEnd);
    this.put(end.letters);
    this.put(end.capturedTo);
    this.put(end.recent);
    this.put(end.repeatsUnheard);
    this.put(end.rstFrame);
    this.put(end.lastFrame);
    this.put(end.repairEnd);
    this.put(end.questionedTo);
  }

  private loadEnd(end: Endpoint, changes: number): void {
    const { changesAt, changesRoom } = end;
    this.loadRow(end, this.at, ENDPOINT_ROW_WORDS);
    this.at += ENDPOINT_ROW_WORDS;
    end.changesAt = changesAt;
    end.changesRoom = changesRoom;
    this.loadChanges(end, changes);
    const notes = this.next();
    end.seen = (notes & 1) !== 0;
    end.hasBase = (notes & 2) !== 0;
    end.watched = (notes & 4) !== 0;
    end.basis = (notes >> 3) & 1;
    end.state = (notes >> 4) & 15;
    end.phase = (notes >> 8) & 15;
    end.windowShift = ((notes >> 12) & 31) - 1;
    end.unansweredKind = notes >> 17;
    end.w3 = this.next();
    end.port = this.next();
    end.sndNxt = this.next();
    end.sndUna = this.next();
    end.finEnd = this.next();
    end.lastAck = this.next();
    end.rawWindow = this.next();
    end.window = this.next();
    end.windowEdge = this.next();
    end.mss = this.next();
    end.packets = this.next();
    end.payloadBytes = this.next();
    end.ipBytes = this.next();
    end.dataPackets = this.next();
    end.streamEnd = this.next();
    end.streamAcked = this.next();
    end.streamFinEnd = this.next();
    end.letters = this.next();
    end.capturedTo = this.next();
    end.recent = this.next();
    end.repeatsUnheard = this.next();
    end.rstFrame = this.next();
    end.lastFrame = this.next();
    end.repairEnd = this.next();
    end.questionedTo = this.next();
  }

  private loadChanges(end: Endpoint, at: number): void {
    const { doubles } = this;
    const { changeCount } = end;
    if (capacityOf(end) < changeCount) {
      fill(end, doubles, at, changeCount);
      return;
    }
    const { changes, changesAt } = end;
    for (let i = 0; i < WIDTH * changeCount; i++) changes[changesAt + i] = doubles[at + i];
  }

  private put(value: number): void {
    const { words } = this;
    words[this.at] = value;
    if (words[this.at++] !== value) this.isExact = false;
  }

  private next(): number {
    return this.words[this.at++];
  }
}

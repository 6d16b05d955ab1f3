import { say } from '../messages/message.ts';
import { formatAddress } from '../model/address.ts';
import { isAttempt } from '../model/attempt.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { Gathering } from './detector.ts';
import { HostTable } from './hosts.ts';

/** Connections of a host that are needed to judge its numbers, and how many are kept. */
const FEW = 8;
const MOST = 4096;
/** Numbers of all hosts together. */
const MOST_IN_ALL = 1 << 20;
/** The next number is predictable when most of the differences, or of the rates, lie this close together. */
const MOST_OF = 0.9;
const TOLERANCE = 0.02;
/** Numbers per second: the clock of RFC 9293 section 3.4.1 makes 250,000, older stacks 64,000 to 1,000,000 and more. */
const FASTEST_CLOCK = 20e6;
/** A step that is no accident when most are as small. */
const SMALL_STEP = 1 << 25;

/** How a host chooses: one number, a step from connection to connection, by the clock, in small steps, or at random. */
const ISN_CHOICES = ['constant', 'step', 'time', 'rising', 'random'] as const;

interface Choice {
  choice: (typeof ISN_CHOICES)[number];
  /** From one connection to the next, where that says something; and in a second. */
  step: number | null;
  perSecond: number | null;
}

/** The initial sequence numbers of one host. */
export interface IsnChoice extends Choice {
  address: string;
  connections: number;
}

type Wording = Omit<Account, 'evidence'>;

/** IP version and the four words of an address. */
type Address = readonly [version: number, w0: number, w1: number, w2: number, w3: number];

/** The numbers of one host, as plain data. */
export interface IsnFacts {
  readonly address: Address;
  readonly isns: readonly number[];
  readonly times: readonly number[];
  readonly frames: readonly number[];
}

interface Host {
  readonly address: Address;
  count: number;
  /** Places of its first and its latest number among all, -1 none. */
  first: number;
  last: number;
}

/** The numbers of all hosts in columns: most hosts have one or two. Those of one host are chained. */
class Numbers {
  length = 0;
  private isns = new Uint32Array(64);
  private times = new Float64Array(64);
  private frames = new Float64Array(64);
  private next = new Int32Array(64);

  add(host: Host, isn: number, time: number, frame: number): void {
    const at = this.length++;
    if (at === this.isns.length) this.grow();
    this.isns[at] = isn;
    this.times[at] = time;
    this.frames[at] = frame;
    this.next[at] = -1;
    if (host.count++ === 0) host.first = at;
    else this.next[host.last] = at;
    host.last = at;
  }

  private grow(): void {
    const wider = <T extends Uint32Array | Int32Array | Float64Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const room = 2 * this.length;
    this.isns = wider(this.isns, new Uint32Array(room));
    this.times = wider(this.times, new Float64Array(room));
    this.frames = wider(this.frames, new Float64Array(room));
    this.next = wider(this.next, new Int32Array(room));
  }

  /** In the order of the first packets of their connections, which may have ended in another one. */
  of({ address, first }: Host): IsnFacts {
    const places: number[] = [];
    for (let at = first; at >= 0; at = this.next[at]) places.push(at);
    places.sort((a, b) => this.frames[a] - this.frames[b]);
    return {
      address,
      isns: places.map((at) => this.isns[at]),
      times: places.map((at) => this.times[at]),
      frames: places.map((at) => this.frames[at]),
    };
  }
}

/** How the hosts choose their initial sequence numbers, over connections to different sockets. */
export class InitialSequenceNumbers implements Gathering<IsnFacts[]> {
  readonly ids = ['isn-constant', 'isn-predictable'] as const;
  readonly when = [];
  private readonly findings: Collector;
  /** Of every host with enough connections; complete when the capture has ended. */
  readonly choices: IsnChoice[] = [];
  private hosts = hostTable();
  private numbers = new Numbers();

  constructor(findings: Collector) {
    this.findings = findings;
  }

  concludeConnection(connection: Connection): void {
    const { a, b } = connection;
    if (a.hasIss) this.add(connection, a);
    if (b.hasIss) this.add(connection, b);
  }

  private add(connection: Connection, endpoint: Endpoint): void {
    // Between the same sockets the numbers are meant to rise (RFC 9293 section 3.4.1).
    if (connection.previousId >= 0) return;
    // Of a flood or scan the latest are there when the capture ends.
    if (connection.hasLeft && isAttempt(connection)) return;
    this.note(this.hosts.of(endpoint), endpoint.base, connection.firstTime, connection.firstFrame);
  }

  private note(host: Host | null, isn: number, time: number, frame: number): void {
    if (host === null || host.count >= MOST || this.numbers.length >= MOST_IN_ALL) return;
    this.numbers.add(host, isn, time, frame);
  }

  gathered(): IsnFacts[] {
    return this.hosts.values.map((host) => this.numbers.of(host));
  }

  /** Takes up the numbers of connections that left the shards before their end, in the order of their packets. */
  join(shards: readonly (readonly IsnFacts[])[]): void {
    const all = shards
      .flat()
      .flatMap(({ address, isns, times, frames }) =>
        isns.map((isn, i) => ({ address, isn, time: times[i], frame: frames[i] })),
      )
      .sort((one, other) => one.frame - other.frame);
    for (const { address, isn, time, frame } of all) {
      const [ipVersion, w0, w1, w2, w3] = address;
      this.note(this.hosts.of({ w0, w1, w2, w3, connection: { ipVersion } }), isn, time, frame);
    }
  }

  concludeCapture(): void {
    for (const host of this.hosts.values) if (host.count >= FEW) this.judge(this.numbers.of(host));
    this.hosts = hostTable();
    this.numbers = new Numbers();
  }

  private judge(facts: IsnFacts): void {
    const { isns, times, frames } = facts;
    const address = formatAddress(...facts.address);
    const choice = choiceOf(facts);
    this.choices.push({ address, connections: isns.length, ...choice });
    if (choice.choice === 'random') return;
    const where = { connection: null, row: null, frame: frames[0], time: times[0] };
    const account = wording(choice, address, isns);
    this.findings.raise(where, { ...account, evidence: frames.slice(0, 8) });
  }
}

function hostTable(): HostTable<Host> {
  return new HostTable(({ w0, w1, w2, w3, connection: { ipVersion } }) => ({
    address: [ipVersion, w0, w1, w2, w3],
    count: 0,
    first: -1,
    last: -1,
  }));
}

/** Of the host that is judged: from one number to the next, and in a second. */
const steps = new Float64Array(MOST);
const rates = new Float64Array(MOST);

function choiceOf({ isns, times }: IsnFacts): Choice {
  let timed = 0;
  let small = 0;
  for (let i = 1; i < isns.length; i++) {
    const step = (isns[i] - isns[i - 1]) | 0;
    steps[i - 1] = step;
    const seconds = (times[i] - times[i - 1]) / 1e9;
    if (seconds > 1e-3) rates[timed++] = step / seconds;
    if (step > 0 && step < SMALL_STEP) small++;
  }
  const count = isns.length - 1;
  if (share(steps, count, 0, 0) >= MOST_OF) return { choice: 'constant', step: null, perSecond: null };
  const step = median(steps, count);
  if (step > 0 && share(steps, count, step, 0) >= MOST_OF) return { choice: 'step', step, perSecond: null };
  const rate = median(rates, timed);
  const isClock = timed >= FEW - 1 && rate > 0 && rate < FASTEST_CLOCK;
  if (isClock && share(rates, timed, rate, TOLERANCE * rate) >= MOST_OF) {
    return { choice: 'time', step: null, perSecond: Math.round(rate) };
  }
  // Of random numbers one in 128 lies so close above the one before.
  const isRising = small >= MOST_OF * count;
  return isRising ? { choice: 'rising', step, perSecond: null } : { choice: 'random', step: null, perSecond: null };
}

function wording({ choice, step, perSecond }: Choice, address: string, isns: readonly number[]): Wording {
  const values = { address, connections: isns.length };
  switch (choice) {
    case 'constant':
      return {
        id: 'isn-constant',
        message: say('isn-constant', { ...values, ...mostUsed(isns) }),
        confidence: 0.95,
      };
    case 'step':
      return {
        id: 'isn-predictable',
        message: say('isn-predictable.step', { ...values, step: step! }),
        confidence: 0.95,
      };
    case 'time':
      return {
        id: 'isn-predictable',
        message: say('isn-predictable.time', { ...values, perSecond: perSecond! }),
        confidence: 0.9,
      };
    default:
      return {
        id: 'isn-predictable',
        message: say('isn-predictable.rising', { ...values, step: step! }),
        confidence: 0.8,
      };
  }
}

/** Of numbers that hardly change: how many there are, and how many connections began with the one that most have. */
function mostUsed(isns: readonly number[]): { numbers: number; isn: number; uses: number } {
  const counts = new Map<number, number>();
  for (const isn of isns) counts.set(isn, (counts.get(isn) ?? 0) + 1);
  const [isn, uses] = [...counts].reduce((most, other) => (other[1] > most[1] ? other : most));
  return { numbers: counts.size, isn, uses };
}

/** Which part of the first `count` of `values`, of which there are some, lies within `tolerance` of `center`. */
function share(values: Float64Array, count: number, center: number, tolerance: number): number {
  let near = 0;
  for (let i = 0; i < count; i++) if (Math.abs(values[i] - center) <= tolerance) near++;
  return near / count;
}

/** Of the first `count` of `values`, which end up in order. 0 without any. */
function median(values: Float64Array, count: number): number {
  return count === 0 ? 0 : values.subarray(0, count).sort()[count >> 1];
}

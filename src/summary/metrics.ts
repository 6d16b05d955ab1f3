import { TIME_USES } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { type Ending, endingOf } from '../model/ending.ts';
import type { Finding, Severity } from '../model/finding.ts';
import { lostOf, totalsOf } from './tally.ts';

/** Services that are told apart: the first ones, so that none of them changes its place while a capture goes on. */
export const MOST_SERVICES = 50;
const OTHER_SERVICES = 'other';

const ENDINGS: readonly Ending['kind'][] = [
  'closed',
  'fin-unanswered',
  'refused',
  'abandoned',
  'reset',
  'half-closed',
  'unanswered',
  'handshake-unfinished',
  'open',
];

/** Upper limits of the classes of handshakes, in seconds; what takes longer is in one more class. */
export const HANDSHAKE_LIMITS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

const NO_TIME = new Float64Array(TIME_USES.length);

export interface ServiceMetrics {
  connections: number;
  /** Nanoseconds. */
  lost: number;
}

export interface FindingMetrics {
  readonly id: string;
  readonly severity: Severity;
  times: number;
}

/** What a monitor wants of connections: sums of bounded number. Times are nanoseconds. */
export class Metrics {
  connections = 0;
  payloadBytes = 0;
  dataPackets = 0;
  readonly endings = new Map<Ending['kind'], number>(ENDINGS.map((kind) => [kind, 0]));
  /** By `TimeUse`. */
  readonly times = new Float64Array(TIME_USES.length);
  /** By class of `HANDSHAKE_LIMITS`, and one more. */
  readonly handshakes = new Array<number>(HANDSHAKE_LIMITS.length + 1).fill(0);
  handshakeTime = 0;
  readonly services = new Map<string, ServiceMetrics>();
  /** By identifier and severity: there are no more of them than the catalogue has. */
  readonly findings = new Map<string, FindingMetrics>();

  /**
   * `isOver`: nothing more comes of it. Only then it can be said where its time went, and to ask for that ends the keeping of
   * its time.
   */
  add(connection: Connection, isOver: boolean): void {
    const { a, b, server, findings, handshakeDuration } = connection;
    this.connections++;
    this.payloadBytes += a.payloadBytes + b.payloadBytes;
    this.dataPackets += a.dataPackets + b.dataPackets;
    const { kind } = endingOf(connection);
    this.endings.set(kind, this.endings.get(kind)! + 1);
    const totals = isOver ? totalsOf(connection) : NO_TIME;
    for (let use = 0; use < this.times.length; use++) this.times[use] += totals[use];
    if (!Number.isNaN(handshakeDuration)) this.addHandshake(handshakeDuration);
    this.addService(server.name, lostOf(totals));
    for (const finding of findings) this.addFinding(finding);
  }

  addFinding({ id, severity, more }: Finding): void {
    const key = `${id} ${severity}`;
    let found = this.findings.get(key);
    if (found === undefined) {
      found = { id, severity, times: 0 };
      this.findings.set(key, found);
    }
    found.times += 1 + more;
  }

  /** The same sums, to add to without changing these. */
  copy(): Metrics {
    const copy = new Metrics();
    copy.connections = this.connections;
    copy.payloadBytes = this.payloadBytes;
    copy.dataPackets = this.dataPackets;
    for (const [kind, count] of this.endings) copy.endings.set(kind, count);
    copy.times.set(this.times);
    this.handshakes.forEach((count, i) => {
      copy.handshakes[i] = count;
    });
    copy.handshakeTime = this.handshakeTime;
    for (const [name, service] of this.services) copy.services.set(name, { ...service });
    for (const [key, finding] of this.findings) copy.findings.set(key, { ...finding });
    return copy;
  }

  private addHandshake(duration: number): void {
    const limit = HANDSHAKE_LIMITS.findIndex((most) => duration <= most * 1e9);
    this.handshakes[limit < 0 ? HANDSHAKE_LIMITS.length : limit]++;
    this.handshakeTime += duration;
  }

  private addService(name: string, lost: number): void {
    const key = this.services.has(name) || this.services.size < MOST_SERVICES ? name : OTHER_SERVICES;
    const service = this.services.get(key) ?? { connections: 0, lost: 0 };
    service.connections++;
    service.lost += lost;
    this.services.set(key, service);
  }
}

import type { Connection, Endpoint } from '../model/connection.ts';
import { Cause, Excuse, type Verdict } from '../model/verdict.ts';
import type { FindingId } from './catalogue.ts';
import type { Account, Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { rfc } from './rfc.ts';
import { duration, list, nameOf, plural, times } from './words.ts';

/** Verdicts of one episode that are followed until they are settled; later ones count as needed. */
const MOST_VERDICTS = 1024;
/** Waiting times that a text names. */
const MOST_WAITS = 16;
/** Less than this (ns) is no timer: a SYN,ACK is repeated at once when the SYN is. */
const AT_ONCE = 4e6;
/** By this time (ns) after the repair the last D-SACK has come. */
const SETTLED = 2e9;
/** Timeouts without any answer from which on the peer is called unresponsive. */
const GIVEN_UP = 3;

/** The repair of one stretch of the stream: it lasts until all that had been sent when it began is acknowledged. */
class Episode {
  readonly sender: Endpoint;
  readonly start: number;
  readonly frames: number[] = [];
  readonly dsackFrames: number[] = [];
  /** Retransmissions by cause. */
  readonly causes = new Uint32Array(Cause.UNKNOWN + 1);
  /** How long (ns) the sender had waited before each timeout or repeated SYN, and before each probe. */
  readonly waits: number[] = [];
  readonly probeWaits: number[] = [];
  /** When it last sent its SYN or SYN,ACK (ns). */
  private synTime: number;
  segments = 0;
  bytes = 0;
  /** Nanoseconds, -1 not yet. */
  repaired = -1;
  /** The input ended before it was repaired. */
  unfinished = false;
  private verdicts: Verdict[] = [];
  private needless = 0;

  constructor(sender: Endpoint, start: number) {
    this.sender = sender;
    this.start = start;
    const { connection } = sender;
    this.synTime = sender.isClient ? connection.synTime : connection.synAckTime;
  }

  take(segment: Inspection): void {
    const verdict = segment.verdict!;
    // The wait of the second timeout has shown that the probe before it was the first.
    if (
      verdict.cause === Cause.RTO &&
      verdict.backoff > 0 &&
      this.causes[Cause.RTO] === 0 &&
      this.probeWaits.length > 0
    ) {
      this.causes[Cause.TLP]--;
      this.causes[Cause.RTO]++;
      this.waits.push(this.probeWaits.pop()!);
    }
    this.segments++;
    this.bytes += segment.view.payloadLength;
    this.causes[verdict.cause]++;
    note(this.frames, segment.frame);
    if (this.verdicts.length < MOST_VERDICTS) this.verdicts.push(verdict);
    this.noteWait(verdict, segment.time);
  }

  private noteWait(verdict: Verdict, time: number): void {
    let { waited } = verdict;
    let { waits } = this;
    switch (verdict.cause) {
      case Cause.SYN:
      case Cause.SYN_ACK:
        waited = time - this.synTime;
        this.synTime = time;
        break;
      case Cause.RTO:
        break;
      case Cause.TLP:
        waits = this.probeWaits;
        break;
      default:
        return;
    }
    if (waited > AT_ONCE && waits.length < MOST_WAITS) waits.push(waited);
  }

  /** Its verdicts will not change any more: what is needed of them is kept. */
  settle(): void {
    this.needless = this.countNeedless();
    this.verdicts = [];
  }

  countNeedless(): number {
    let n = this.needless;
    for (const verdict of this.verdicts) if (verdict.spurious) n++;
    return n;
  }

  get id(): FindingId {
    const { causes } = this;
    const { peer, lastAck, sndNxt } = this.sender;
    const unanswered = this.unfinished && this.repaired < 0;
    const isSilent = peer.lastFrame < this.frames[0];
    if (causes[Cause.SYN] > 0) return unanswered && !peer.seen && lastAck < 1 ? 'syn-unanswered' : 'syn-retransmission';
    if (causes[Cause.SYN_ACK] > 0) return unanswered && sndNxt <= 1 ? 'half-open' : 'syn-ack-retransmission';
    if (unanswered && peer.seen && isSilent && causes[Cause.RTO] >= GIVEN_UP) return 'peer-unresponsive';
    if (this.countNeedless() === this.segments) return 'spurious-retransmission';
    if (causes[Cause.PMTU] > 0) return 'path-mtu-retransmission';
    if (causes[Cause.RTO] > 0) return 'retransmission-timeout';
    if (causes[Cause.FAST] > 0) return 'packet-loss';
    if (causes[Cause.TLP] > 0) return 'tail-loss';
    return causes[Cause.RTO_RECOVERY] > 0 ? 'retransmission-timeout' : 'retransmission';
  }

  account(): Account {
    const { id, frames } = this;
    const { cause, text } = this.words(id);
    // Without the other direction nobody says what arrived.
    const confidence = this.sender.peer.seen || id === 'syn-unanswered' ? 0.9 : 0.5;
    const account: Account = { id, cause, text, evidence: [...frames, ...this.dsackFrames], confidence };
    if (id === 'spurious-retransmission') {
      // A probe is cheap, needed or not.
      const onlyProbes = this.causes[Cause.TLP] === this.segments;
      if (onlyProbes) account.severity = 'info';
      if (this.dsackFrames.length > 0) account.cite = rfc(2883, '4');
    }
    return account;
  }

  private words(id: FindingId): { cause: string; text: string } {
    const { causes, segments } = this;
    const name = nameOf(this.sender);
    const needless = this.countNeedless();
    const needed = segments - needless;
    const waits = list(this.waits.map(duration));
    const after = waits === '' ? '' : `, again after ${waits}`;
    const syns = causes[Cause.SYN] + causes[Cause.SYN_ACK] + 1;
    switch (id) {
      case 'syn-unanswered':
        return {
          cause: 'no answer at all',
          text: `${name} sent its SYN ${times(syns)}${waits === '' ? '' : `, waiting ${waits} in between`}, and nobody answered.`,
        };
      case 'syn-retransmission':
        return {
          cause: 'SYN or its answer lost',
          text: `${name} had to send its SYN ${times(syns)}${after}${this.outcome()}.`,
        };
      case 'half-open':
        return {
          cause: 'the SYN,ACK was never acknowledged',
          text: `${name} sent its SYN,ACK ${times(syns)}${after}, and the handshake was never completed.`,
        };
      case 'syn-ack-retransmission':
        return {
          cause: 'SYN,ACK or its ACK lost',
          text: `${name} had to send its SYN,ACK ${times(syns)}${after}${this.outcome()}.`,
        };
      case 'peer-unresponsive':
        return {
          cause: 'no answer to repeated data',
          text: `${name} sent ${plural(segments, 'segment')} again after ${waits} and was never answered: the path or ${this.sender.peer.name} was dead.`,
        };
      case 'spurious-retransmission':
        return {
          cause: this.why(),
          text: `${plural(segments, 'retransmission')} of ${name} (${this.what()}) by ${this.triggers()} ${segments === 1 ? 'was' : 'were'} not needed: the receiver had it already${this.dsackFrames.length > 0 ? `, as its D-SACK in packet ${this.dsackFrames[0]} says` : ''}.`,
        };
      case 'path-mtu-retransmission':
        return {
          cause: 'too large for the path',
          text: `${name} sent ${plural(this.bytes, 'byte')} again in ${plural(segments, 'segment')} that fit the path.`,
        };
      case 'retransmission-timeout': {
        const rest = causes[Cause.RTO_RECOVERY];
        const further =
          rest > 0
            ? ` ${plural(rest, 'further segment was', 'further segments were')} sent again behind ${rest === 1 ? 'it' : 'them'}.`
            : '';
        return {
          cause: 'no news of the loss before the timer expired',
          text: `The retransmission timer of ${name} expired ${times(Math.max(causes[Cause.RTO], 1))}${waits === '' ? '' : `, after ${waits}`}${this.outcome()}.${further}${spare(needless)}`,
        };
      }
      case 'packet-loss':
        return {
          cause: 'lost on the way',
          text: `${plural(needed, 'segment')} of ${name}${needless === 0 ? ` (${this.what()})` : ''} ${needed === 1 ? 'was' : 'were'} lost and sent again by ${this.triggers()}${this.outcome()}.${spare(needless)}`,
        };
      case 'tail-loss':
        return {
          cause: 'the last segments of a flight were lost',
          text: `The end of a flight of ${name} (${this.what()}) was lost; ${this.probeWaits.length === 0 ? 'a probe' : `a probe ${list(this.probeWaits.map(duration))} later`} repaired it${this.outcome()}.`,
        };
      default:
        return {
          cause: 'not visible here',
          text: `${name} sent ${plural(segments, 'segment')} (${plural(this.bytes, 'byte')}) again for a reason that does not show here.`,
        };
    }
  }

  private what(): string {
    return this.bytes === 0 ? 'the FIN' : plural(this.bytes, 'byte');
  }

  /** What came of it. */
  private outcome(): string {
    if (this.repaired >= 0)
      return `; all was acknowledged ${duration(this.repaired - this.start)} after the first retransmission`;
    if (!this.unfinished || !this.sender.peer.seen) return '';
    return '; no acknowledgment of this is in the rest of the capture';
  }

  private triggers(): string {
    const { causes } = this;
    const names: string[] = [];
    if (causes[Cause.FAST] > 0) names.push('fast retransmission');
    if (causes[Cause.RTO] > 0)
      names.push(this.waits.length === 0 ? 'timeout' : `timeout after ${list(this.waits.map(duration))}`);
    if (causes[Cause.RTO_RECOVERY] > 0) names.push('recovery after a timeout');
    if (causes[Cause.TLP] > 0) names.push('tail loss probe');
    return names.length === 0 ? 'its sender' : list(names);
  }

  private why(): string {
    if (this.causes[Cause.RTO] > 0) return 'a timeout that came too early, or lost ACKs';
    return this.causes[Cause.FAST] > 0 ? 'reordering taken for loss' : 'a probe while the ACK was on its way';
  }
}

/** Other bytes in the same place repair nothing either: they are a payload-conflict. */
function repairs({ excuse, differs }: Verdict): boolean {
  return excuse === Excuse.NONE && !differs;
}

function spare(needless: number): string {
  return needless === 0 ? '' : ` ${plural(needless, 'retransmission was', 'retransmissions were')} not needed.`;
}

/** Retransmissions, one finding for each episode of repair. */
export class Recovery implements Detector {
  readonly ids = [
    'packet-loss',
    'retransmission-timeout',
    'tail-loss',
    'spurious-retransmission',
    'path-mtu-retransmission',
    'retransmission',
    'peer-unresponsive',
    'syn-retransmission',
    'syn-ack-retransmission',
    'syn-unanswered',
    'half-open',
  ] as const;
  readonly when = Fact.RETRANSMISSION | Fact.REPAIRED | Fact.DSACK;
  private readonly findings: Collector;
  private readonly episodes = new Memory<Endpoint, { latest: Episode | null }>(() => ({ latest: null }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { facts, sender, receiver } = segment;
    if (facts & Fact.DSACK) this.reported(segment);
    if (facts & Fact.REPAIRED) this.repaired(receiver, segment.time);
    if (facts & Fact.RETRANSMISSION && repairs(segment.verdict!)) this.retransmits(segment, sender);
  }

  private retransmits(segment: Inspection, sender: Endpoint): void {
    const known = this.episodes.of(sender);
    let episode = known.latest;
    if (episode === null || sender.repairEnd < 0) {
      if (episode !== null && segment.time - episode.repaired > SETTLED) episode.settle();
      episode = new Episode(sender, segment.time);
      known.latest = episode;
      this.begin(segment, episode);
    }
    // After a timeout everything that is out may be sent again.
    const widens = sender.repairEnd < 0 || segment.verdict!.cause === Cause.RTO;
    if (widens) sender.repairEnd = Math.max(sender.sndNxt, segment.t.end);
    episode.take(segment);
  }

  private begin(segment: Inspection, episode: Episode): void {
    this.findings.add(segment, 'recovery', () => episode.account());
  }

  private repaired(sender: Endpoint, time: number): void {
    const episode = this.episodes.find(sender)?.latest;
    if (episode) episode.repaired = time;
    sender.repairEnd = -1;
  }

  /** The receiver of a D-SACK's sender had something twice. */
  private reported(segment: Inspection): void {
    const episode = this.episodes.find(segment.receiver)?.latest;
    if (episode) note(episode.dsackFrames, segment.frame);
  }

  concludeConnection(connection: Connection, _end: CaptureEnd): void {
    for (const endpoint of [connection.a, connection.b]) {
      if (endpoint.repairEnd < 0) continue;
      const episode = this.episodes.find(endpoint)?.latest;
      if (episode) episode.unfinished = true;
    }
  }
}

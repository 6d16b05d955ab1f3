import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import { LARGEST_WINDOW } from '../model/tcp-constants.ts';
import { Cause, Excuse, type Verdict } from '../model/verdict.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { Episode } from './episode.ts';
import { accountOf } from './episode-account.ts';
import { EPISODE_IDS } from './episode-kind.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import type { SynProbes } from './syn-probes.ts';

/** By this time (ns) after the repair the last D-SACK has come. */
const SETTLED = 2e9;

/** Other bytes in the same place repair nothing either: they are a payload-conflict. */
function repairs({ excuse, differs }: Verdict): boolean {
  return excuse === Excuse.NONE && !differs;
}

/**
 * Flags that no segment has, or an ACK that is more than any window ahead of what was sent (RFC 9293 section 3.10.7.4, fifth: it is
 * dropped): the segment is not its sender's.
 */
function isForeign(segment: Inspection): boolean {
  return segment.has(Fact.ODD_HEADER) || segment.t.ack - segment.receiver.sndNxt > LARGEST_WINDOW;
}

/** Retransmissions, one finding for each episode of repair. */
export class Recovery implements Detector {
  readonly ids = EPISODE_IDS;
  readonly when = [Fact.RETRANSMISSION, Fact.REPAIRED, Fact.DSACK];
  private readonly findings: Collector;
  private readonly probes: SynProbes;
  private readonly episodes = new Memory<Endpoint, { latest: Episode | null }>(() => ({ latest: null }));

  constructor(findings: Collector, probes: SynProbes) {
    this.findings = findings;
    this.probes = probes;
  }

  inspect(segment: Inspection): void {
    const { sender, receiver } = segment;
    if (segment.has(Fact.DSACK)) this.reported(segment);
    if (segment.has(Fact.REPAIRED)) this.repaired(receiver, segment.time);
    if (segment.has(Fact.RETRANSMISSION) && !isForeign(segment) && repairs(segment.verdict!))
      this.retransmits(segment, sender);
  }

  private retransmits(segment: Inspection, sender: Endpoint): void {
    const known = this.episodes.of(sender);
    let episode = known.latest;
    // All of the stretch had been acknowledged before it began, so no ACK could end it: what was sent since is another one.
    if (sender.repairEnd >= 0 && segment.t.seq >= sender.repairEnd && segment.receiver.lastAck >= sender.repairEnd)
      sender.repairEnd = -1;
    // A sender of data has got an answer to its SYN, even if the capture lacks it.
    if (episode?.isOfSyn && !segment.receiver.seen && segment.t.seq >= FIRST_BYTE) sender.repairEnd = -1;
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
    this.findings.add(segment, 'recovery', () => accountOf(episode, this.probes));
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

import type { Episode as EpisodeValues } from '../messages/en/findings/loss.ts';
import { say } from '../messages/message.ts';
import { answerTime, isAway, positionOf, roundTrip } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { NEVER } from '../model/packed.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import { DEFAULT_MSS, DEFAULT_MSS_V6, DELAYED_ACK, LONGEST_SYN_TIMER } from '../model/tcp-constants.ts';
import { Cause } from '../model/verdict.ts';
import type { Account } from './account.ts';
import type { Episode } from './episode.ts';
import {
  type EpisodeId,
  GIVEN_UP,
  hadPassed,
  isAnswers,
  isHarmless,
  isHeard,
  isReset,
  isTailOfClose,
  kindOf,
  mayHaveBegunBefore,
  wasOnItsWay,
} from './episode-kind.ts';
import { rfc } from './rfc.ts';
import type { SynProbes } from './syn-probes.ts';

/**
 * An answer that took more than this many times as long as the soonest was held up on the way. Less may be the clock's ticks, or the sender
 * that waits for what was reordered (RFC 8985 section 6.2).
 */
const HELD_UP = 1.5;

/** What is told of an episode. `probes` knows whether its SYNs were to be answered at all. */
export function accountOf(episode: Episode, probes: SynProbes | null = null): Account {
  const id = kindOf(episode);
  const { frames, sender } = episode;
  const traced = probes?.of(sender) ?? null;
  if (traced !== null && (id === 'syn-unanswered' || id === 'syn-retransmission')) {
    return {
      id,
      severity: 'info',
      message: say(`${id}.traced` as const, {
        sender,
        segments: episode.causes[Cause.SYN] + 1,
        from: traced.first,
        to: traced.latest,
      }),
      evidence: frames,
      confidence: 0.9,
    };
  }
  // Without the other direction nobody says what arrived. A receiver that reports no repeats and was only late with its ACK looks
  // as if it had lacked what a probe brought.
  const usual = id === 'tail-loss' ? 0.8 : 0.9;
  const confidence = isHeard(episode) || id === 'syn-unanswered' ? usual : 0.5;
  const account: Account = {
    id,
    message: say(messageKey(episode, id), valuesOf(episode)),
    evidence: [...frames, ...episode.dsackFrames],
    confidence,
  };
  if ((id === 'retransmission-timeout' || id === 'peer-unresponsive') && hadPassed(episode)) account.who = 'unknown';
  const isTraced = id === 'half-open' && (probes?.of(sender.peer) ?? null) !== null;
  if (isTraced || isHarmless(episode, id)) account.severity = 'info';
  // Why is told by syn-answered-by-ack.
  if (id === 'syn-retransmission' && isRefused(episode)) Object.assign(account, { severity: 'info', who: 'receiver' });
  if (id === 'spurious-retransmission' && episode.dsackFrames.length > 0) account.cite = rfc(2883, '4');
  return account;
}

/** Each time the other end had answered, as one that still has an earlier connection. */
function isRefused({ causes, refused }: Episode): boolean {
  return refused > 0 && refused === causes[Cause.SYN];
}

function messageKey(episode: Episode, id: EpisodeId) {
  if (id === 'syn-unanswered' || id === 'half-open') return `${id}.repeated` as const;
  if (id === 'syn-retransmission' && isRefused(episode)) return 'syn-retransmission.refused' as const;
  if (id === 'syn-ack-retransmission' && isAnswers(episode)) return 'syn-ack-retransmission.answers' as const;
  if (id === 'retransmission-timeout' && hadPassed(episode)) return 'retransmission-timeout.passed' as const;
  return id === 'peer-unresponsive' && isTailOfClose(episode) ? ('peer-unresponsive.closing' as const) : id;
}

function valuesOf(episode: Episode): EpisodeValues {
  const { sender, causes, dsackFrames } = episode;
  return {
    sender,
    receiver: sender.peer,
    segments: causes[Cause.SYN] || causes[Cause.SYN_ACK] || episode.segments,
    bytes: episode.bytes,
    // A SYN that brings the answer once more, where that was lost, is needed.
    needless: causes[Cause.SYN] > 0 && !wasOnItsWay(episode) ? 0 : episode.countNeedless(),
    // That nothing else fits is no reason to name it.
    fast: episode.wasTold && !episode.isUntold ? causes[Cause.FAST] : 0,
    told: causes[Cause.FAST],
    timeouts: causes[Cause.RTO],
    afterTimeout: causes[Cause.RTO_RECOVERY],
    probes: causes[Cause.TLP],
    isSureProbe: episode.isSureProbe,
    waits: episode.isDisordered ? [] : episode.waits,
    probeWaits: episode.probeWaits,
    mayMiss: isAway(sender),
    silence: mayHaveBegunBefore(episode) ? episode.silence : 0,
    isRepacked: episode.isRepacked,
    dsackFrame: dsackFrames[0] ?? 0,
    dsacks: dsackFrames.length,
    places: placesOf(sender),
    arrivedBelow: arrivedBelow(episode),
    isMute: isMute(sender),
    repaired: repairTime(episode),
    repairAway: repairAway(episode),
    isUpperBound: lacksAnswer(episode),
    // A RST is the answer that there will be.
    isOpen: episode.unfinished && sender.peer.seen && !isReset(episode) && !hasGoneOn(episode),
    acknowledged: acknowledged(episode),
    isAnswered: sender.peer.lastAck >= 1 && sender.lastAck < 1,
  };
}

/** Whoever sends anything but its SYN has heard an answer, also where it sends a RST (RFC 9293 section 3.10.7.3). */
function hasGoneOn({ causes, sender, latestFrame }: Episode): boolean {
  return causes[Cause.SYN] > 0 && sender.lastFrame > latestFrame;
}

/** How long (ns) the repair took its sender, -1 unknown. */
function repairTime(episode: Episode): number {
  const { sender, repaired, start, causes } = episode;
  const { handshakeTime, synAckTime } = sender.connection;
  // From the SYN to the ACK of the SYN,ACK, both as they pass here. Both took the same way from their sender. So the time between them
  // is the same here as at the sender.
  // Not of an ACK so late that the SYN would have come again before: the first one is not in the capture.
  const isFirst = handshakeTime - synAckTime < LONGEST_SYN_TIMER;
  if (causes[Cause.SYN] > 0 && handshakeTime >= start && isFirst) return handshakeTime - start;
  // Its sender was told of the loss, and nothing in the capture tells of it: those ACKs are missing, and with them that of the repair.
  const isUnheard = causes[Cause.FAST] > 0 && !episode.wasTold && !episode.hasReports;
  if (repaired === NEVER || episode.hadArrived || isUnheard || mayHaveBegunBefore(episode)) return -1;
  const isMeasured = causes[Cause.SYN] === 0 || Number.isNaN(handshakeTime) || isFirst;
  if (!isMeasured) return repaired - start;
  const way = wayToSender(episode);
  return way < 0 ? -1 : repaired - start + way;
}

/** How much (ns) of the repair passed between its sender and the capture. */
function repairAway(episode: Episode): number {
  return episode.isOfSyn ? 0 : wayToSender(episode);
}

/** It was acknowledged so late that an earlier acknowledgment must have been: the capture lacks it. */
function lacksAnswer({ isOfSyn, sender, repaired, latestTime }: Episode): boolean {
  return !isOfSyn && repaired - latestTime > roundTrip(sender) + DELAYED_ACK;
}

/** How much of what was sent again is acknowledged. */
function acknowledged({ sender: { sndUna }, from, to }: Episode): EpisodeValues['acknowledged'] {
  return sndUna >= to ? 'all' : sndUna > from ? 'part' : 'none';
}

/**
 * Bytes that had arrived before, where all that its timer sent again in vain is larger, and larger than any path takes whole: its size may
 * be why it does not arrive. -1 where it cannot be, or nothing suggests it.
 */
function arrivedBelow(episode: Episode): number {
  const { sender, causes, from, smallest, unfinished, repaired } = episode;
  const isInVain = unfinished && repaired === NEVER && sender.sndUna <= from && causes[Cause.RTO] >= GIVEN_UP;
  if (!isInVain || !sender.connection.sawHandshake || episode.wasTold || episode.hasReports || episode.isOfSyn)
    return -1;
  const arrived = Math.max(sender.sndUna - FIRST_BYTE, 0);
  const whole = sender.connection.ipVersion === 6 ? DEFAULT_MSS_V6 : DEFAULT_MSS;
  return smallest > Math.max(arrived, whole) ? arrived : -1;
}

/** Neither D-SACKs nor timestamps tell which copy an ACK answers. */
function isMute({ connection, sackPermitted, timestamps, peer }: Endpoint): boolean {
  return connection.sawHandshake && !(sackPermitted && peer.sackPermitted) && !(timestamps && peer.timestamps);
}

/** Between which points of view packets of this end were lost. */
function placesOf({ connection: { views }, isClient }: Endpoint): EpisodeValues['places'] {
  if (views === null) return [];
  const path = views.path();
  return views.losses.flatMap(({ from, to, packets }) => {
    const [first, next] = [path.indexOf(from), path.indexOf(to)];
    if (first < 0 || next < 0 || first < next !== isClient) return [];
    return [{ from: from.name, to: to.name, packets }];
  });
}

/**
 * How much longer (ns) a repair takes for the sender than it seems here: from here to it and back. That is the shortest time that it took,
 * or, where the path held packets for longer, the time that the sender's echo tells. -1 where nothing tells.
 */
function wayToSender({ sender, echoAge }: Episode): number {
  if (positionOf(sender.connection) === sender.role) return 0;
  const soonest = answerTime(sender);
  return echoAge > HELD_UP * soonest ? echoAge : soonest;
}

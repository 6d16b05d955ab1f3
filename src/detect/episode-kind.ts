import { isAway, positionOf, roundTrip } from '../model/capture-position.ts';
import { NEVER } from '../model/packed.ts';
import { State } from '../model/state.ts';
import { Cause } from '../model/verdict.ts';
import type { Episode } from './episode.ts';

/*
 * What an episode of repair was, by all that was gathered of it.
 */

/** Timeouts without any answer from which on the peer is called unresponsive. */
export const GIVEN_UP = 3;

/** A handshake that takes no longer than so many of the shortest round trips takes as long as they do. */
const USUAL = 1.5;

/** Bytes of a last segment with the FIN that nobody misses: an alert of TLS. */
const LAST_WORDS = 64;
/** Needless retransmissions in one episode that cost something. */
const MANY_NEEDLESS = 3;

/** What an episode of repair may turn out to be. */
export const EPISODE_IDS = [
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
export type EpisodeId = (typeof EPISODE_IDS)[number];

export function kindOf(episode: Episode): EpisodeId {
  const { causes, segments, sender } = episode;
  const { peer, lastAck, sndNxt } = sender;
  const unanswered = episode.unfinished && episode.repaired === NEVER;
  const isSilent = peer.lastFrame < episode.frames[0];
  // With one direction nobody knows what the sender was told, or whether it waited.
  if (!isHeard(episode) && !episode.isOfSyn) return 'retransmission';
  if (causes[Cause.SYN] > 0)
    return unanswered && !peer.seen && lastAck < 1 && !sender.connection.icmpError
      ? 'syn-unanswered'
      : 'syn-retransmission';
  if (causes[Cause.SYN_ACK] > 0)
    return unanswered && sndNxt <= 1 && !isReset(episode) ? 'half-open' : 'syn-ack-retransmission';
  if (unanswered && peer.seen && isSilent && causes[Cause.RTO] >= GIVEN_UP) return 'peer-unresponsive';
  if (episode.countNeedless() === segments) return 'spurious-retransmission';
  if (causes[Cause.PMTU] > 0) return 'path-mtu-retransmission';
  if (causes[Cause.RTO] > 0) return 'retransmission-timeout';
  // No ACK can report a lost FIN, or a loss at the end of a flight: its retransmission has another reason.
  if (causes[Cause.FAST] > 0) return isFinOnly(episode) ? 'retransmission' : 'packet-loss';
  // Duplicate ACKs report other losses. That this segment was lost rests on the missing D-SACK alone.
  if (causes[Cause.TLP] > 0) return episode.isDeaf ? 'retransmission' : 'tail-loss';
  if (causes[Cause.RTO_RECOVERY] > 0) return 'retransmission-timeout';
  return episode.countLacked() === segments ? 'packet-loss' : 'retransmission';
}

/** Info where it is nothing that somebody has to do something about. */
export function isHarmless(episode: Episode, id: EpisodeId): boolean {
  const { causes, segments } = episode;
  // No timer sent its SYN again: a program wrote them, or they stand out of their order.
  if (causes[Cause.SYN] > 0 && episode.timed === 0) return true;
  const isIdle = isFinOnly(episode) && !(id === 'peer-unresponsive' && isDeserted(episode));
  if (isIdle || !isHeard(episode)) return id !== 'syn-unanswered' && id !== 'syn-retransmission';
  switch (id) {
    case 'peer-unresponsive':
      return isTailOfClose(episode);
    case 'spurious-retransmission':
      // A probe is cheap, and so are one or two segments; a timeout makes the sender start again.
      return causes[Cause.TLP] === segments || (causes[Cause.RTO] === 0 && segments < MANY_NEEDLESS);
    case 'tail-loss':
      // A probe that nobody acknowledges does not show that anything was lost.
      return episode.repaired === NEVER;
    case 'packet-loss':
      return episode.repaired === NEVER && !episode.wasTold;
    case 'retransmission':
      return episode.isDeaf;
    case 'syn-retransmission':
      return wasOnItsWay(episode);
    case 'half-open':
      return isAnswers(episode);
    case 'syn-ack-retransmission':
      return wasOnItsWay(episode) || isAnswers(episode);
    default:
      return false;
  }
}

/** The other end's answers are in the capture. Where none came to any data, and what they told was repaired, they were left out. */
export function isHeard({ sender, causes, wasAnswered, wasTold }: Episode): boolean {
  return sender.peer.seen && (wasAnswered || causes[Cause.FAST] === 0 || wasTold);
}

/** Nothing but a FIN was sent again. */
function isFinOnly({ bytes, isOfSyn }: Episode): boolean {
  return bytes === 0 && !isOfSyn;
}

/** Both ends had closed, and only a FIN, or a last few bytes with it, is repeated: nobody waits for it. */
export function isTailOfClose({ sender, segments, bytes }: Episode): boolean {
  return sender.finEnd >= 0 && sender.peer.finEnd >= 0 && bytes <= LAST_WORDS * segments;
}

/** The other end has not closed: what it was sending may have stopped in the middle, and nobody is there any more. */
function isDeserted({ sender: { peer } }: Episode): boolean {
  return peer.finEnd < 0 && peer.dataPackets > 0;
}

/** No timer repeated its SYN,ACK: all of them answer a repeated SYN. */
export function isAnswers({ answers, causes }: Episode): boolean {
  return answers === causes[Cause.SYN_ACK];
}

/** The first SYN was answered as soon as everything else is: nothing was lost. */
export function wasOnItsWay({ sender }: Episode): boolean {
  const { handshakeTime, synTime } = sender.connection;
  return handshakeTime - synTime <= USUAL * roundTrip(sender);
}

/** All that a timer sent again had passed beside its receiver, which showed nothing of it: the way to the capture lost nothing. */
export function hadPassed(episode: Episode): boolean {
  const { sender, causes, passed } = episode;
  const isBesideReceiver = positionOf(sender.connection) === sender.peer.role;
  return isBesideReceiver && passed > 0 && passed === causes[Cause.RTO] && episode.countNeedless() === 0;
}

/** Its sender may have sent it before, in vain: nothing of that passed here, and nobody knows when the repair began. */
export function mayHaveBegunBefore({ sender, silence }: Episode): boolean {
  return silence !== NEVER && isAway(sender);
}

/** The other end has refused what was sent again. One that never listened has no state that a RST would end. */
export function isReset({ sender: { peer, state }, frames }: Episode): boolean {
  const isOver = peer.rstFrame > 0 || state === State.CLOSED || state === State.LISTEN;
  return isOver && peer.lastFrame > frames[0];
}

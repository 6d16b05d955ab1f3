import { answerTime } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import type { Question } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import { seqAdd } from '../model/seq.ts';
import { Basis, State } from '../model/state.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Reset } from '../model/transition.ts';
import { judgeReset, wasOvertaken } from './reset-acceptance.ts';
import { Event, NOT_ALLOWED, transition } from './transitions.ts';

/**
 * Replays a connection through RFC 9293 section 3.10. An observer sees every segment twice: it departs from one endpoint
 * and arrives at the other. Whether a SYN, SYN,ACK or FIN arrived, and which of its copies did, is known when it is answered:
 * the change is then entered at the frame of that copy. An ACK that moves the other end is believed at once and taken back
 * when that end repeats what was acknowledged.
 */
export class StateReplay {
  /** The present segment. */
  private segment!: TrackedSegment;

  /**
   * Where `t.effect` knows the copy whose arrival completed what this segment acknowledges, that is when a FIN took effect: one
   * after a hole does when the hole is filled (RFC 9293 section 3.10.7.4, eighth). `t.transition` tells what happened.
   */
  replay(t: TrackedSegment, view: SegmentView, row: Question | null): void {
    this.segment = t;
    const { sender, receiver } = t;
    if (isQuiet(sender) && isQuiet(receiver) && !(view.flags & (SYN | FIN | RST))) return;
    if (t.unacceptableSyn) return;
    // A segment without SYN, RST and ACK is dropped (RFC 9293 section 3.10.7.4, fifth): it shows no connection.
    if (sender.state === State.UNKNOWN && !(view.flags & (SYN | RST | ACK))) return;
    if (view.flags & RST) {
      this.resets(t, view, row);
      return;
    }
    // A segment that was sent before the reset shows nothing: the capture recorded it later, or the reset overtook it.
    if (sender.rstFrame > 0 && view.time >= sender.rstTime && !wasOvertaken(view, sender)) {
      if (!(view.flags & SYN)) this.disownReset(sender);
      // It answers a SYN that came again: this is another attempt, and the reset had ended the one before.
      else if (view.flags & ACK && receiver.sndNxt <= 1) sender.rstFrame = 0;
    }
    if (sender.state === State.CLOSED && t.ack >= 1) this.survives(sender, receiver);
    this.departs(t, view, row);
    this.arrives(t, view, row);
    if (sender.synRow !== null && sender.state > State.SYN_SENT) releaseSyn(sender);
  }

  /** What the segment shows of the endpoint that sent it. */
  private departs(t: TrackedSegment, view: SegmentView, row: Question | null): void {
    const { sender, receiver } = t;
    const { flags, time } = view;
    if (sender.state === State.UNKNOWN && !(flags & SYN)) this.pickUp(t);
    if (flags & SYN && sender.state === State.ESTABLISHED && !(sender.basis === Basis.CONFIRMED)) {
      // It repeats its SYN,ACK: the ACK that we saw did not arrive.
      if (couldHaveArrived(sender, time)) sender.timeline.revoke();
    }
    if (flags & FIN && sender.finEnd === t.end && couldHaveArrived(sender, time)) this.repeatsFin(sender);
    this.answers(t, view);
    if (sender.state === State.SYN_SENT && t.ack >= 1 && !(flags & SYN)) this.missedSynAck(t, view);
    if (sender.state === State.SYN_RECEIVED && t.ack > sender.lastAck && sender.lastAck >= 1 && !receiver.seen)
      this.missedHandshake(t, view);

    if (flags & SYN) {
      if (flags & ACK) this.sendsSynAck(sender, receiver, view);
      else this.sendsSyn(sender, receiver, view, row);
      return;
    }
    // Of an end that was not captured nobody knows whether it has closed.
    if (receiver.seen && (sender.state === State.ESTABLISHED || sender.state === State.CLOSE_WAIT))
      sender.timeline.confirm();
    if (flags & FIN) this.sendsFin(t, view);
  }

  private sendsSyn(sender: Endpoint, receiver: Endpoint, view: SegmentView, row: Question | null): void {
    if (sender.state === State.UNKNOWN || sender.state === State.LISTEN) sender.timeline.initial = State.CLOSED;
    if (receiver.state === State.UNKNOWN) receiver.timeline.initial = State.LISTEN;
    if (sender.state !== State.SYN_SENT) this.moves(sender, Event.SENDS_SYN, view.frame, view.time, Basis.CONFIRMED);
    awaitAnswer(sender, SYN, view);
    // Whether this end really sent it is known when the handshake is over (RFC 9293 Figures 8 and 11).
    if (row !== null && sender.synRow === null) {
      sender.synRow = row;
      row.hold();
    }
  }

  private sendsSynAck(sender: Endpoint, receiver: Endpoint, view: SegmentView): void {
    const { frame, time } = view;
    if (sender.state === State.UNKNOWN || sender.state === State.LISTEN || sender.state === State.CLOSED) {
      // The SYN was not captured.
      sender.timeline.initial = State.LISTEN;
      sender.timeline.append(frame, time, State.SYN_RECEIVED, Basis.CONFIRMED);
      if (receiver.state === State.UNKNOWN) receiver.timeline.initial = State.SYN_SENT;
    } else if (sender.state !== State.ESTABLISHED || sender.basis === Basis.CONFIRMED) {
      this.moves(sender, Event.SENDS_SYN_ACK, frame, time, Basis.CONFIRMED);
    }
    // An end that is already ESTABLISHED sent this before the ACK of a crossing SYN,ACK can have arrived: it confirms nothing.
    if (sender.state !== State.ESTABLISHED) sender.timeline.confirm();
    if (sender.unansweredKind === SYN && receiver.state === State.SYN_SENT) {
      // SYNs that crossed: its own SYN left before this SYN,ACK, so it arrives before it.
      this.moves(receiver, Event.SYN_ARRIVES, sender.unansweredFrame, sender.unansweredTime, Basis.INFERRED);
    }
    awaitAnswer(sender, SYN | ACK, view);
  }

  private sendsFin(t: TrackedSegment, view: SegmentView): void {
    const { sender, receiver } = t;
    sender.finEnd = t.end;
    const isShown = t.firstEvidenceFrame > 0;
    this.moves(
      sender,
      Event.SENDS_FIN,
      isShown ? t.firstEvidenceFrame : view.frame,
      isShown ? t.firstEvidenceTime : view.time,
      receiver.seen ? Basis.CONFIRMED : Basis.INFERRED,
    );
    awaitAnswer(sender, FIN, view);
  }

  /** What the segment does to the endpoint that it is on its way to. */
  private arrives(t: TrackedSegment, view: SegmentView, row: Question | null): void {
    const { sender, receiver } = t;
    const { frame, time } = view;
    if (t.ack < 0 || t.ack > receiver.sndNxt) return;
    if (receiver.state === State.SYN_RECEIVED && t.ack >= 1) {
      this.moves(receiver, Event.ACK_OF_SYN_ARRIVES, frame, time, Basis.INFERRED);
      row?.awaitSilence();
    }
    if (receiver.finEnd >= 0 && t.ack >= receiver.finEnd) {
      const { state } = receiver;
      if (state !== State.FIN_WAIT_1 && state !== State.CLOSING && state !== State.LAST_ACK) return;
      if (
        state === State.FIN_WAIT_1 &&
        sender.unansweredKind === FIN &&
        sender.unansweredCopies === 1 &&
        !(view.flags & FIN)
      ) {
        // Packets keep their order unless shown otherwise: the FIN that was sent before this ACK arrived before it.
        this.moves(receiver, Event.FIN_ARRIVES, sender.unansweredFrame, sender.unansweredTime, Basis.INFERRED);
        sender.unansweredKind = 0;
      }
      this.moves(receiver, Event.ACK_OF_FIN_ARRIVES, frame, time, Basis.INFERRED);
      row?.awaitSilence();
    }
  }

  /** The sender shows by its ACK that a SYN, SYN,ACK or FIN of its peer has arrived. */
  private answers(t: TrackedSegment, view: SegmentView): void {
    const { sender, receiver } = t;
    switch (receiver.unansweredKind) {
      case SYN:
        if (t.ack < 1) return;
        this.arrived(receiver, sender, Event.SYN_ARRIVES);
        return;
      case SYN | ACK:
        if (view.flags & SYN || t.ack < 1) return;
        this.arrived(receiver, sender, Event.SYN_ACK_ARRIVES);
        return;
      case FIN:
        if (t.ack >= receiver.finEnd) this.arrived(receiver, sender, Event.FIN_ARRIVES);
        return;
    }
  }

  /** Enters the arrival of `from`'s control segment at `to`: of the copy that completed it, where known, else of the last. */
  private arrived(from: Endpoint, to: Endpoint, event: number): void {
    const arrival = this.segment.effect;
    const known = arrival.frame > 0;
    this.moves(
      to,
      event,
      known ? arrival.frame : from.unansweredFrame,
      known ? arrival.time : from.unansweredTime,
      Basis.CONFIRMED,
    );
    from.unansweredKind = 0;
  }

  /** It acknowledges a SYN,ACK that was not captured. */
  private missedSynAck(t: TrackedSegment, view: SegmentView): void {
    const { sender, receiver } = t;
    if (receiver.state === State.LISTEN) {
      this.moves(receiver, Event.SYN_ARRIVES, sender.unansweredFrame, sender.unansweredTime, Basis.INFERRED);
    }
    sender.unansweredKind = 0;
    this.moves(sender, Event.SYN_ACK_ARRIVES, view.frame, view.time, Basis.CONFIRMED);
  }

  /** It acknowledges data of an end that was never captured: that end had completed the handshake. */
  private missedHandshake({ sender, receiver }: TrackedSegment, { frame, time }: SegmentView): void {
    if (receiver.state === State.SYN_SENT) this.arrived(sender, receiver, Event.SYN_ACK_ARRIVES);
    this.moves(sender, Event.ACK_OF_SYN_ARRIVES, frame, time, Basis.CONFIRMED);
  }

  /** First sight of a connection in its middle: both ends are taken to be synchronised. */
  private pickUp(t: TrackedSegment): void {
    const { sender, receiver } = t;
    sender.timeline.initial = State.ESTABLISHED;
    if (receiver.state === State.UNKNOWN) receiver.timeline.initial = State.ESTABLISHED;
  }

  /** A FIN that is sent again was not acknowledged to its sender: the ACK that we saw has not arrived (yet). */
  private repeatsFin(sender: Endpoint): void {
    const { state, timeline } = sender;
    if (timeline.basis === Basis.CONFIRMED) return;
    if (state === State.FIN_WAIT_2 || state === State.CLOSED) timeline.revoke();
  }

  private resets(t: TrackedSegment, view: SegmentView, row: Question | null): void {
    const { sender, receiver } = t;
    const { frame, time } = view;
    if (sender.state === State.SYN_SENT && receiver.unansweredKind === 0 && view.seq !== seqAdd(sender.base, 1)) {
      t.transition.resetOutcome = Reset.OLD;
      return;
    }
    t.transition.resetOutcome = judgeReset(t, view);
    if (t.transition.resetOutcome !== Reset.ACCEPTED) return;
    row?.awaitSilence();
    if (sender.unansweredKind === FIN && sender.unansweredCopies === 1 && t.seq >= sender.finEnd - 1) {
      // The FIN was sent before the reset, and nothing shows that it was lost.
      this.moves(receiver, Event.FIN_ARRIVES, sender.unansweredFrame, sender.unansweredTime, Basis.INFERRED);
      sender.unansweredKind = 0;
    }
    if (receiver.synRow !== null) releaseSyn(receiver);
    this.closeBySender(t, view);
    if (sender.synRow !== null) releaseSyn(sender);
    receiver.unansweredKind = 0;
    if (receiver.state === State.UNKNOWN || receiver.state === State.CLOSED || receiver.state === State.LISTEN) return;
    // Where nobody answered retransmissions or probes, the RST does not arrive either.
    if (sender.repeatsUnheard >= 2) return;
    const passive = receiver.timeline.initial === State.LISTEN;
    if (receiver.state === State.SYN_RECEIVED && !passive) {
      receiver.timeline.append(frame, time, State.CLOSED, Basis.INFERRED);
    } else this.moves(receiver, Event.RST_ARRIVES, frame, time, Basis.INFERRED);
  }

  /** What an accepted RST says of the end that sent it. */
  private closeBySender(t: TrackedSegment, view: SegmentView): void {
    const { sender, receiver } = t;
    if (sender.state === State.UNKNOWN || sender.state === State.LISTEN) {
      sender.timeline.initial = State.CLOSED;
    } else if (sender.state === State.SYN_SENT && receiver.unansweredKind === (SYN | ACK)) {
      // It rejects the SYN,ACK: the SYN that this answers was an old duplicate, or somebody else's (RFC 9293 Figures 8 and 11).
      sender.timeline.revoke();
      sender.timeline.initial = State.CLOSED;
    } else if (sender.state !== State.CLOSED) {
      this.moves(sender, Event.SENDS_RST, view.frame, view.time, Basis.CONFIRMED);
      sender.rstFrame = view.frame;
      sender.rstTime = view.time;
    }
  }

  /** The endpoint goes on after "its" RST: somebody else sent that. */
  private disownReset(sender: Endpoint): void {
    if (sender.timeline.state === State.CLOSED && sender.timeline.frame === sender.rstFrame) sender.timeline.revoke();
    sender.resetDisowned = sender.rstFrame;
    sender.rstFrame = 0;
  }

  /** It acknowledges what its peer sent after a reset that was to have closed both: the reset was forged. */
  private survives(sender: Endpoint, receiver: Endpoint): void {
    const { timeline } = sender;
    if (timeline.basis === Basis.CONFIRMED || receiver.rstFrame > 0) return;
    if (sender.finEnd >= 0 || receiver.state === State.CLOSED || receiver.state === State.LISTEN) return;
    receiver.resetDisowned = timeline.frame;
    timeline.revoke();
  }

  private moves(endpoint: Endpoint, event: number, frame: number, time: number, basis: number): void {
    const { timeline } = endpoint;
    const from = timeline.state;
    const to = transition(from, event);
    if (to === NOT_ALLOWED) {
      const { transition } = this.segment;
      transition.illegalEvent = event;
      transition.illegalState = from;
      transition.illegalEndpoint = endpoint;
      return;
    }
    if (to !== from) timeline.append(frame, time, to, basis);
  }
}

function isQuiet(endpoint: Endpoint): boolean {
  return (
    endpoint.unansweredKind === 0 &&
    endpoint.state === State.ESTABLISHED &&
    (endpoint.basis === Basis.CONFIRMED || endpoint.changeCount === 0) &&
    endpoint.rstFrame === 0
  );
}

function awaitAnswer(sender: Endpoint, kind: number, view: SegmentView): void {
  sender.unansweredCopies = sender.unansweredKind === kind ? sender.unansweredCopies + 1 : 1;
  sender.unansweredKind = kind;
  sender.unansweredFrame = view.frame;
  sender.unansweredTime = view.time;
}

/** Long enough ago for what last moved `endpoint` to have reached it before it sent what is seen now. */
function couldHaveArrived(endpoint: Endpoint, now: number): boolean {
  const { timeline } = endpoint;
  const { synTime, synAckTime, server } = endpoint.connection;
  // The time from here to the endpoint and back is the shortest time in which it has answered, else that of its answer to the SYN.
  let round = answerTime(endpoint);
  if (round < 0) round = endpoint === server && synAckTime > synTime ? synAckTime - synTime : 0;
  return timeline.length === 0 || now - timeline.time >= 0.9 * round;
}

function releaseSyn(endpoint: Endpoint): void {
  endpoint.synRow!.release();
  endpoint.synRow = null;
}

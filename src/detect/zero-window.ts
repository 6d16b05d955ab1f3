import type { UpdateEvidence } from '../messages/en/findings/window.ts';
import { say } from '../messages/message.ts';
import { answerTime, roundTrip } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { FIN } from '../model/flags.ts';
import { NEVER } from '../model/packed.ts';
import { Reset } from '../model/transition.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import type { Pauses } from './pauses.ts';

/** A window that is closed for less than this (ns), without a probe, is not worth a warning. */
const SHORT = 100e6;
/** Whoever has something to send probes a closed window after its timeout (RFC 9293 section 3.8.6.1): in this time (ns) at the latest. */
const PROBE_DUE = 5e9;
/** Probes whose intervals a text names. */
const MOST_PROBES = 16;

/** A time in which one end's window was zero. */
interface Spell {
  readonly owner: Endpoint;
  readonly start: number;
  readonly frames: number[];
  /** When each probe left (ns). */
  readonly probes: number[];
  probeCount: number;
  lastProbe: number;
  lastProbeFrame: number;
  /** When it opened, -1 while closed; and how many probes came later all the same. */
  end: number;
  endFrame: number;
  /** The connection was reset, or the input has ended. */
  over: number;
  isReset: boolean;
  updateLost: boolean;
}

/** Zero windows, the probes of them, and updates that did not arrive. */
export class ZeroWindow implements Detector {
  readonly ids = ['zero-window', 'window-update-lost'] as const;
  readonly when = [Fact.ZERO_WINDOW, Fact.REOPENED, Fact.PROBE, Fact.RST];
  private readonly findings: Collector;
  private readonly spells = new Memory<Endpoint, { latest: Spell | null }>(() => ({ latest: null }));

  private readonly pauses: Pauses;

  constructor(findings: Collector, pauses: Pauses) {
    this.findings = findings;
    this.pauses = pauses;
  }

  inspect(segment: Inspection): void {
    if (segment.has(Fact.RST)) {
      this.reset(segment);
      return;
    }
    if (segment.has(Fact.PROBE)) this.probed(segment);
    if (segment.has(Fact.ZERO_WINDOW)) this.closed(segment);
    if (segment.has(Fact.REOPENED)) this.opened(segment);
  }

  private closed(segment: Inspection): void {
    const { sender, receiver, view } = segment;
    const known = this.spells.of(sender);
    if (known.latest !== null && known.latest.end === NEVER && known.latest.over === NEVER) return;
    // Nobody is stopped when the other end has finished, and a closing end may say anything.
    if (receiver.finEnd >= 0 || view.flags & FIN) return;
    const spell: Spell = {
      owner: sender,
      start: segment.time,
      frames: [segment.frame],
      probes: [],
      probeCount: 0,
      lastProbe: NEVER,
      lastProbeFrame: 0,
      end: NEVER,
      endFrame: 0,
      over: NEVER,
      isReset: false,
      updateLost: false,
    };
    known.latest = spell;
    this.findings.add(segment, 'zero-window', () => describe(spell));
  }

  private probed(segment: Inspection): void {
    const spell = this.spells.find(segment.receiver)?.latest;
    if (!spell) return;
    if (spell.end !== NEVER) {
      this.probedThoughOpen(segment, spell);
      return;
    }
    spell.probeCount++;
    spell.lastProbe = segment.time;
    spell.lastProbeFrame = segment.frame;
    if (spell.probes.length < MOST_PROBES) spell.probes.push(segment.time);
    note(spell.frames, segment.frame);
  }

  /** The update passed here, and a round trip later the sender still probes: it did not arrive. */
  private probedThoughOpen(segment: Inspection, spell: Spell): void {
    const since = segment.time - spell.end;
    if (spell.updateLost || segment.sender.lastFrame > spell.endFrame || since < roundTrip(segment.sender)) return;
    spell.updateLost = true;
    segment.explained = true;
    this.updateLost(segment, spell, [segment.frame, spell.endFrame], 0.9, {
      shown: 'probe-after',
      updateFrame: spell.endFrame,
      since,
    });
  }

  private opened(segment: Inspection): void {
    const spell = this.spells.find(segment.sender)?.latest;
    if (!spell || spell.end !== NEVER || spell.over !== NEVER) return;
    spell.end = segment.time;
    spell.endFrame = segment.frame;
    note(spell.frames, segment.frame);
    this.openedByProbe(segment, spell);
  }

  /**
   * Far from the receiver, the news of the open window comes just when the answer to the probe is due. What comes sooner than any answer
   * came is the update itself, which had left before the probe arrived.
   */
  private openedByProbe(segment: Inspection, spell: Spell): void {
    const prober = segment.receiver;
    const answer = answerTime(segment.sender);
    const waited = segment.time - spell.lastProbe;
    if (spell.probeCount === 0 || answer < 1e6 || waited < answer || waited > 1.2 * answer) return;
    // Next to the receiver the update itself would have been seen.
    if (answer < 4 * Math.max(answerTime(prober), 0)) return;
    spell.updateLost = true;
    this.updateLost(segment, spell, [segment.frame, spell.lastProbeFrame], 0.6, {
      shown: 'answer',
      probeFrame: spell.lastProbeFrame,
    });
  }

  /** A reset ends the zero windows of both ends. */
  private reset({ sender, receiver, time, transition }: Inspection): void {
    if (transition.resetOutcome !== Reset.ACCEPTED) return;
    for (const owner of [sender, receiver]) {
      const spell = this.spells.find(owner)?.latest ?? null;
      if (spell === null || spell.end !== NEVER || spell.over !== NEVER) continue;
      spell.over = time;
      spell.isReset = true;
    }
  }

  private updateLost(
    segment: Inspection,
    { owner }: Spell,
    evidence: number[],
    confidence: number,
    shown: UpdateEvidence,
  ): void {
    this.findings.raise(segment, {
      id: 'window-update-lost',
      evidence,
      confidence,
      message: say('window-update-lost', { owner, peer: owner.peer, evidence: shown }),
    });
  }

  concludeConnection({ a, b, hasLeft }: Connection, end: CaptureEnd): void {
    if (hasLeft) return;
    for (const owner of [a, b]) {
      const spell = this.spells.find(owner)?.latest ?? null;
      if (spell === null || spell.end !== NEVER || spell.over !== NEVER) continue;
      spell.over = this.pauses.heardUntil(Math.max(spell.start, spell.lastProbe), end.time);
    }
  }
}

function describe(spell: Spell): Account {
  const { owner, start, end, over, isReset, probes, probeCount } = spell;
  const lasted = (end !== NEVER ? end : Math.max(over, spell.lastProbe, start)) - start;
  // Nobody waits for it, or the capture has ended for this connection.
  const isUnasked = end === NEVER && probeCount === 0 && lasted >= PROBE_DUE;
  const intervals = probes.map((time, i) => time - (i === 0 ? start : probes[i - 1]));
  return {
    id: 'zero-window',
    severity: (lasted < SHORT && probeCount === 0) || isUnasked ? 'info' : 'warning',
    evidence: spell.frames,
    message: say('zero-window', {
      owner,
      peer: owner.peer,
      lasted,
      opened: end !== NEVER,
      isReset: end === NEVER && isReset,
      probes: probeCount,
      intervals,
    }),
  };
}

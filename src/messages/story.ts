import type { Owner, OwnerAndCause, TimeCause } from '../model/budget.ts';
import type { Ending } from '../model/ending.ts';
import type { StateName } from '../model/state.ts';
import type { CauseName, FateName, KindName, Verdict } from '../model/verdict.ts';

export type Role = 'client' | 'server';

/** How sure an advice is: the packets show the cause; it is the usual cause of what they show; it is one of several. */
export type Certainty = 'shown' | 'likely' | 'possible';

export interface Frames {
  frame: number;
}

/** Nothing needs to be known. */
export type Nothing = Record<never, never>;

export interface Numbered {
  role: Role;
  seq: number;
}

export interface Acked {
  role: Role;
  ack: number;
}

/** Bytes with the numbers from `seq` to before `next`. */
export interface Carried extends Numbered {
  bytes: number;
  next: number;
}

export interface Costly {
  /** Nanoseconds that it cost. */
  time: number;
}

/** Nanoseconds: an answer that begins sooner began at once. One capture shows the other end no better. */
export const AT_ONCE = 1e6;

export interface Spent extends Costly, OwnerAndCause {}

/** An exchange, times in nanoseconds; NaN unknown. */
export interface ExchangeTold extends Frames {
  /** From 1. */
  number: number;
  /** Since the connection's first packet. */
  at: number;
  requestBytes: number;
  answerBytes: number;
  serverThinking: number;
  firstByte: number;
  duration: number;
  transfer: number;
  bitsPerSecond: number;
  losses: number;
  limit: OwnerAndCause | null;
  /** The message of which a part never arrived. */
  unfinished: 'request' | 'answer' | null;
  /** The capture began in the middle of its connection, and perhaps of it. */
  isPartial: boolean;
}

/**
 * What the story of a connection can say, and what each sentence needs to know. Frames are numbers of packets, 0 unknown; times
 * nanoseconds; sequence numbers relative to the SYN.
 */
export interface StoryValues {
  overview: { stream: number; client: string; server: string; duration: number; packets: number; ending: Ending };
  /** What could have been saved, and the largest part of it. */
  'overview.cost': { duration: number; lost: number; most: Spent };
  'overview.fine': { most: Spent | null; duration: number };
  /** Most of the time is not known. */
  'overview.unknown': { most: Spent; duration: number };
  'overview.untimed': Nothing;
  'overview.no-time': Nothing;

  'connect.done': { syn: number; synAck: number; ack: number; roundTrip: number };
  'connect.waited': Costly;
  'connect.simultaneous': { first: number; second: number; time: number };
  'connect.refused': Frames;
  'connect.unanswered': { packets: number };
  'connect.unfinished': Nothing;
  'connect.unseen': Nothing;
  /** What both ends offered; -1 without. */
  'connect.negotiated': {
    mss: Record<Role, number>;
    shift: Record<Role, number>;
    sack: boolean;
    timestamps: boolean;
  };

  'data.none': Nothing;
  /** Data of which no exchange can be told. Bytes of each end; `isOneWay`: of one direction nothing was captured. */
  'data.unpaired': { clientBytes: number; serverBytes: number; isOneWay: boolean };
  'data.exchange': ExchangeTold;
  'data.many': { exchanges: number; unasked: number; requestBytes: number; answerBytes: number; median: number };
  'data.slowest': ExchangeTold;

  'wrong.nothing': Nothing;
  'wrong.cost': Spent & { share: number };
  'wrong.ending': { ending: Ending };
  'wrong.more': { findings: number; stream: number };

  'end.closed': { first: Role; fin: number; otherFin: number; ack: number; waits: Role | null };
  'end.simultaneous': { fin: number; otherFin: number };
  'end.half-closed': { by: Role; fin: number };
  'end.fin-unanswered': { by: Role; fin: number };
  'end.reset': { by: Role; frame: number };
  /** The RST of packet `frame` came in the name of an end that did not send it. */
  'end.forged': { by: Role; frame: number };
  'end.refused': Frames;
  'end.abandoned': Frames;
  'end.unanswered': Nothing;
  'end.unfinished': Nothing;
  'end.open': Nothing;

  'help.none': Nothing;
  /** Too little is known to advise anything. */
  'help.unknown': Nothing;
  'help.read-faster': Costly & { role: Role };
  'help.receive-buffer': Costly & { role: Role; needed: number };
  'help.nagle': Costly & { role: Role };
  'help.loss': Costly;
  'help.timeout': Costly;
  'help.syn-timeout': Costly;
  /** The server answers to nothing after its SYN,ACK. `isShown`: the capture shows that packets came to its host. */
  'help.listen-queue': { isShown: boolean };
  'help.mtu': Nothing;
  'help.bursts': { role: Role };
  'help.congestion-window': Costly & { roundTrip: number };
  /** There were never more than `bytes` in flight in the `trips` round trips in which it waited for ACKs: so much passes. */
  'help.steady-flight': Costly & { role: Role; bytes: number; trips: number; bitsPerSecond: number };
  /** Losses had reduced the congestion window of `role` before. */
  'help.window-after-loss': Costly & { role: Role; roundTrip: number };
  'help.bottleneck': Costly & { bitsPerSecond: number };
  /** `mayBeLoss`: from where the capture was made, an answer that was lost and waited for a timer looks the same. */
  'help.thinking': Costly & { role: Role; slowest: number; frame: number; asked: boolean; mayBeLoss: boolean };
  /** Packet `frame` asked something, and no answer came for `time`. */
  'help.unanswered': Costly & { role: Role; frame: number; mayBeLoss: boolean };
  'help.sending': Costly & { role: Role };
  'help.round-trips': Costly & { exchanges: number; roundTrip: number };
  'help.keep-alive': Nothing;
  /** What a finding says to do that explains how the connection ended. */
  'help.finding': { id: Explanation };
  'help.reset': { role: Role };
  'help.refused': Nothing;
  'help.no-answer': Nothing;
  'help.capture': Nothing;

  'sure.near': { role: Role };
  'sure.middle': Nothing;
  'sure.loopback': Nothing;
  'sure.position-unknown': Nothing;
  'sure.windows': Nothing;
  'sure.no-windows': Nothing;
  'sure.one-direction': { role: Role };
  'sure.missing': Nothing;
  'sure.coarse': Nothing;

  'step.syn': { role: Role };
  'step.syn-ack': { role: Role };
  'step.syn-ack.crossed': { role: Role };
  'step.handshake-done': { role: Role };
  'step.first-data': { role: Role; bytes: number };
  'step.answer': { role: Role; bytes: number };
  'step.data': { role: Role; bytes: number };
  'step.again': { role: Role; bytes: number };
  'step.ack': { role: Role };
  'step.ack.data-next': { role: Role; bytes: number };
  'step.ack.repeated': { role: Role };
  'step.window-update': { role: Role; window: number };
  'step.fin': { role: Role };
  'step.fin.second': { role: Role };
  'step.last-ack': { role: Role };
  'step.rst': { role: Role };
  'step.rst.refuses': { role: Role };
  'step.probe': { role: Role };
  'step.other': { role: Role };

  'seq.first': { role: Role; raw: number };
  'seq.syn-again': Numbered & { raw: number };
  'seq.no-connection': { role: Role; raw: number };
  'seq.after-syn': Numbered;
  'seq.unchanged': Numbered;
  'seq.after-data': Numbered & { bytes: number };
  'seq.no-data-yet': Numbered;
  'seq.first-data': Carried;
  'seq.data': Carried & { before: number };
  'seq.fin': Numbered;
  'seq.after-fin': Numbered;
  'seq.gap': Numbered & { expected: number };
  'seq.back': Numbered & { expected: number };
  'seq.unknown': { role: Role; raw: number };
  'seq.other': Numbered;

  'ack.none': { role: Role };
  'ack.absent': { role: Role };
  'ack.first': Acked;
  'ack.syn': Acked & { frame: number };
  'ack.data': Acked & { bytes: number; frame: number; segments: number };
  'ack.fin': Acked & { frame: number };
  'ack.data-and-fin': Acked & { bytes: number; frame: number };
  'ack.same': Acked & { frame: number };
  'ack.nothing-yet': Acked;
  'ack.back': Acked & { highest: number };
  'ack.sack': { from: number; to: number; frame: number };
  'ack.dsack': { from: number; to: number };

  'window.closed': { role: Role };
  'window.opened': { role: Role; window: number };

  'option.mss': { role: Role; mss: number };
  'option.mss.absent': { role: Role };
  'option.scale': { role: Role; shift: number };
  'option.sack-permitted': { role: Role };
  'option.timestamps': { role: Role };
  'option.fast-open': { cookie: number };
  'option.ecn-asked': { role: Role };
  'option.ecn-agreed': { role: Role };
  /** What holds from now on. */
  'option.agreed': {
    mss: Record<Role, number>;
    shift: Record<Role, number>;
    sack: boolean;
    timestamps: boolean;
  };

  'state.change': { role: Role; before: StateName; after: StateName };
  'state.both-open': Nothing;
  'state.over': { waits: Role | null };

  verdict: { verdict: Verdict; seq: number; end: number; payloadLength: number };

  'field.sender': { role: Role };
  'field.receiver': { role: Role };
  'field.time': { sinceStart: number; sincePrevious: number };
  'field.ttl': { hops: number; start: number };
  'field.fragment': { mayFragment: boolean };
  'field.ip-id': Nothing;
  'field.ecn': { mark: 'none' | 'capable' | 'congestion' };
  'field.header-length': { options: number };
  'field.window': { raw: number; shift: number; window: number };
  'field.window.syn': { window: number };
  'field.window.unknown': { raw: number };
  'field.window.rst': Nothing;
  'field.window.zero': { role: Role };
  'field.checksum': { status: 'good' | 'bad' | 'offload' | 'unverified' | 'absent'; expected: number };
  'field.urgent': { pointer: number };
  'field.payload': { bytes: number; captured: number };
  'field.payload.none': Nothing;
  'flag.syn': Nothing;
  'flag.ack': Nothing;
  'flag.psh': Nothing;
  'flag.fin': Nothing;
  'flag.rst': Nothing;
  'flag.urg': Nothing;
  'flag.ece': { isSyn: boolean };
  'flag.cwr': { isSyn: boolean };
  'flag.ae': Nothing;
  'field.mss': { mss: number };
  'field.scale': { shift: number };
  'field.sack-permitted': Nothing;
  'field.sack': { from: number; to: number };
  'field.timestamps': { echoes: boolean };
  'field.other-option': Nothing;

  'why.waits': { waits: readonly Spent[] };
  'follow.acked': { role: Role; frame: number; after: number };
  'follow.resent': { frame: number; after: number };
  'follow.unacked': { role: Role };
  'follow.no-ack-due': Nothing;
  'follow.reset': Nothing;
  'judged.plain': { kind: KindName; fate: FateName };
  'judged.as': {
    kind: KindName;
    cause: CauseName | null;
    fate: FateName;
    confidence: number;
    evidence: readonly number[];
  };
  'judged.none': Nothing;
}

export type StoryKey = keyof StoryValues;

/** What a language says of each key. */
export type StoryWords = { readonly [K in StoryKey]: (values: StoryValues[K]) => string };

/** One sentence of a story, without a word of any language. */
export type Told = { [K in StoryKey]: { readonly key: K; readonly values: StoryValues[K] } }[StoryKey];

/** A piece of a story to be put into words later. */
export function tell<K extends StoryKey>(key: K, values: StoryValues[K]): Told {
  return { key, values } as Told;
}

/** The piece in the words of a language. */
export function toldIn(words: StoryWords, { key, values }: Told): string {
  return (words[key] as (values: unknown) => string)(values);
}

/** Findings that explain how a connection ended or why it stuck, the one that explains the others first. */
export const EXPLANATIONS = [
  'payload-conflict',
  'forged-reset',
  'icmp-unreachable',
  'keep-alive-failure',
  'peer-unresponsive',
  'syn-answered-by-ack',
  'peer-forgot',
  'reset-after-fin',
  'gap-not-filled',
  'half-open',
  'handshake-reset',
  'fin-unanswered',
  'close-wait-stuck',
  'idle-close',
] as const;
export type Explanation = (typeof EXPLANATIONS)[number];

export const STORY_HEADINGS = ['connect', 'data', 'time', 'wrong', 'end', 'help', 'sure'] as const;
export type StoryHeading = (typeof STORY_HEADINGS)[number];

export const PACKET_HEADINGS = ['fields', 'why', 'answers', 'follows', 'verdict'] as const;
export type PacketHeading = (typeof PACKET_HEADINGS)[number];

export const FIELD_NAMES = [
  'time',
  'from',
  'to',
  'ttl',
  'ip-id',
  'fragment',
  'ecn',
  'seq',
  'ack',
  'header',
  'flag',
  'window',
  'checksum',
  'urgent',
  'option',
  'payload',
] as const;
export type FieldName = (typeof FIELD_NAMES)[number];

/** What stands around the sentences of a story. */
export interface StoryFrame {
  readonly heading: Record<StoryHeading | PacketHeading, string>;
  readonly field: Record<FieldName, string>;
  /** What a stretch of time was spent on. */
  readonly use: (owner: Owner, cause: TimeCause) => string;
  /** What follows an advice: how sure it is. */
  readonly certainty: Record<Certainty, string>;
  readonly packetTitle: (values: { frame: number; stream: number; role: Role; flags: string; bytes: number }) => string;
  readonly stepTitle: (values: { frame: number; at: number; role: Role; flags: string; bytes: number }) => string;
  /** A finding at a packet, 0 none. */
  /** `clock`: the time of day, empty where it is not told. */
  readonly finding: (values: { frame: number; clock: string; text: string; id: string }) => string;
  /** What stands between two sentences: Chinese has no blank there. */
  readonly betweenSentences: string;
  readonly duration: (nanoseconds: number) => string;
  readonly percent: (share: number) => string;
}

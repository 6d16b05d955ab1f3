import { linkName } from '../model/link-type.ts';
import { formatCount, formatDuration, formatNumberOf } from '../model/units.ts';
import type { Comparison } from './comparison.ts';

/** Clocks that are further apart than this are told (ns). */
const FAR_APART = 1e9;

/** Something about the captures that whoever reads the result has to know. */
export interface CompareNote {
  id:
    | 'nothing-common'
    | 'clock-far'
    | 'clock-uneven'
    | 'one-direction'
    | 'cut'
    | 'ended-early'
    | 'started-late'
    | 'missed'
    | 'dropped'
    | 'snaplen'
    | 'link-types'
    | 'copies'
    | 'interfaces'
    | 'left-out'
    | 'same'
    | 'full';
  /** Files that it is about. */
  files: string[];
  text: string;
}

/** Points of view that a note names. */
const NAMED = 8;

/** What is said of points of view whose packets are not compared. */
export function leftOutText(file: string, leftOut: readonly string[]): string {
  const more = leftOut.length - NAMED;
  const names = [...leftOut.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return `${file}: ${names} ${leftOut.length === 1 ? 'is' : 'are'} left out: not on the way from client to server`;
}

/** Everything that bears on how far the result can be trusted, the weightiest first. */
export function notesOf(comparison: Comparison): CompareNote[] {
  const notes: CompareNote[] = [];
  const note: Note = (id, files, text) => void notes.push({ id, files, text });
  comparison.points.forEach((_, p) => {
    notePresence(comparison, p, note);
    noteContents(comparison, p, note);
    noteClock(comparison, p, note);
  });
  notePairs(comparison, note);
  for (const [file, { leftOut }] of new Map(comparison.points.map((point) => [point.file, point])))
    if (leftOut.length > 0) note('left-out', [file], leftOutText(file, leftOut));
  noteDifferences(comparison, note);
  return notes;
}

type Note = (id: CompareNote['id'], files: string[], text: string) => void;

/** Whether the capture shows what the others show, and in which part of their time. */
function notePresence(comparison: Comparison, p: number, note: Note): void {
  const { points, presence, joined } = comparison;
  const point = points[p];
  const { name, counts } = point;
  const others = joined.pairs.filter(({ a, b }) => a === p || b === p);
  if (others.every(({ common }) => common === 0)) {
    const isFirst = p === 0 && points.length === 2;
    if (!isFirst) note('nothing-common', [name], `${name} ${nothingCommon(comparison, p)}`);
  }
  if (point.isCut)
    note('cut', [name], `${name} is cut off: what came after its packet ${formatCount(counts.total)} is unknown`);
  else if (presence[p].endedEarly)
    note(
      'ended-early',
      [name],
      `${name} ends before the others: packets after that count neither as lost nor as missed`,
    );
  if (presence[p].startedLate)
    note(
      'started-late',
      [name],
      `${name} begins after the others: packets before that count neither as lost nor as missed`,
    );
}

/** What the capture lacks, has twice, or has of several places. */
function noteContents({ points, presence }: Comparison, p: number, note: Note): void {
  const { name, facts, copies, vantage, sightings } = points[p];
  if (presence[p].missed > 0)
    note(
      'missed',
      [name],
      `${name} does not hold ${formatNumberOf(presence[p].missed, 'packet')} that passed while it ran: the capture missed them, they were not lost`,
    );
  const dropped = facts.interfaces.reduce((sum, one) => sum + (one.dropped ?? 0), 0);
  if (dropped > 0)
    note('dropped', [name], `${name}: the capture dropped ${formatNumberOf(dropped, 'packet')} by its own count`);
  if (copies > 0)
    note(
      'copies',
      [name],
      `${name} holds packets more than once: ${formatNumberOf(copies, 'copy', 'copies')} left out`,
    );
  const { length } = facts.interfaces;
  if (length > 1 && vantage === null)
    note(
      'interfaces',
      [name],
      `${name} has ${formatNumberOf(length, 'interface')} and counts as one place: its packets tell of one point of view only`,
    );
  if (sightings.refused > 0)
    note(
      'full',
      [name],
      `${name} is too large: the last ${formatNumberOf(sightings.refused, 'packet')} were not compared`,
    );
}

/** How its clock stands to that of the first capture. */
function noteClock({ points, clocks, starts }: Comparison, p: number, note: Note): void {
  const { name } = points[p];
  const { offset, contradiction, isKnown } = clocks.clocks[p];
  const apart = starts[p] + offset;
  if (p > 0 && isKnown && Math.abs(apart) > FAR_APART)
    note(
      'clock-far',
      [name],
      `the clock of ${name} is ${formatDuration(Math.abs(apart))} ${apart > 0 ? 'ahead of' : 'behind'} that of ${points[0].name}`,
    );
  if (contradiction > 0)
    note(
      'clock-uneven',
      [name],
      `no straight line fits the clock of ${name}: packets of both directions contradict it by ${formatDuration(contradiction)} (was a clock set?)`,
    );
}

/** Captures of two files that have too little in common to compare their clocks, or everything. */
function notePairs({ points, joined, starts }: Comparison, note: Note): void {
  const pairs = joined.pairs.filter(({ a, b, common }) => common > 0 && points[a].file !== points[b].file);
  for (const { a, b, clock } of pairs)
    if (clock.forward === 0 || clock.backward === 0)
      note(
        'one-direction',
        [points[a].name, points[b].name],
        `${points[a].name} and ${points[b].name} hold packets of one direction only in common: their clocks cannot be compared, delays count from the least`,
      );
  for (const { a, b, clock } of pairs)
    if (clock.uncertainty < 1 && Math.abs(starts[b] - starts[a] + clock.offset) < 1)
      note(
        'same',
        [points[a].name, points[b].name],
        `${points[a].name} and ${points[b].name} show the same packets at the same times: one capture twice, or two of one place, with no path between`,
      );
}

/** What the captures keep of packets, where that differs. */
function noteDifferences({ points }: Comparison, note: Note): void {
  const ofEachFile = (text: (p: number) => string) =>
    [...new Map(points.map(({ file }, p) => [file, text(p)])).values()].join('; ');
  const differing = <T>(value: (p: number) => T) => new Set(points.map((_, p) => value(p))).size > 1;
  const names = points.map(({ name }) => name);
  const snaplens = (p: number) =>
    [...new Set(points[p].facts.interfaces.map(({ snaplen }) => (snaplen === 0 ? 'whole' : String(snaplen))))].join(
      ', ',
    );
  if (points.some(({ counts }) => counts.snapped > 0) && differing(snaplens))
    note(
      'snaplen',
      names,
      `the captures kept different lengths of packets (${ofEachFile(snaplens)}): what one of them lacks is not compared`,
    );
  const links = (p: number) =>
    [...new Set(points[p].facts.interfaces.map(({ linkType }) => linkName(linkType)))].join(', ');
  if (differing(links))
    note(
      'link-types',
      names,
      `the captures have different link types (${ofEachFile(links)}): VLAN tags and tunnels may show at some of them only`,
    );
}

/** Why nothing could be compared. */
function nothingCommon({ points, starts }: Comparison, p: number): string {
  const [first] = points;
  const point = points[p];
  if (point.counts.tcp === 0) return 'holds no TCP packets';
  const servers = (one: typeof point) => new Set(one.flows.map(({ sockets, client }) => sockets[1 - client]));
  const own = servers(point);
  const isSameServer = [...servers(first)].some((server) => own.has(server));
  const apart = starts[p] > 0 ? starts[p] - first.last : -starts[p] - point.last;
  const other = points.length === 2 ? `${first.name}` : 'the other captures';
  if (apart > 0)
    return `has no packet in common with ${other}, and was made ${formatDuration(apart)} ${starts[p] > 0 ? 'later' : 'earlier'}: not the same time`;
  return `has no packet in common with ${other}: ${isSameServer ? 'the same servers, but other connections or the other direction only' : 'not the same traffic'}`;
}

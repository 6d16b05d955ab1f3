import { expect, it } from 'vitest';
import { Collector } from '../../src/detect/collector.ts';
import { settledFinding } from '../../src/detect/raised-finding.ts';
import { say } from '../../src/messages/message.ts';
import { Connection } from '../../src/model/connection.ts';
import { SegmentView } from '../../src/model/segment.ts';

const FIRST = Object.assign(new SegmentView(), {
  ipVersion: 4,
  src3: 0x0a000001,
  srcPort: 40000,
  dst3: 0x0a000002,
  dstPort: 80,
  frame: 1,
});

function connection(id: number): Connection {
  return new Connection(id, FIRST, null);
}

const at = (owner: Connection | null, frame: number) => ({ connection: owner, row: null, frame, time: 0 });
const SENDER = { name: '10.0.0.1:40000', role: 'client' } as const;
const account = (frame: number) => ({
  id: 'data-after-fin' as const,
  message: say('data-after-fin', { sender: SENDER, bytes: frame }),
  evidence: [frame],
});
const text = (bytes: number) =>
  `10.0.0.1:40000 (client) sent ${bytes} bytes after its own FIN; the receiver ignores them.`;

it('lists ten of a sort for each connection and says on the last how many more there are', () => {
  const collector = new Collector();
  const one = connection(0);
  for (let frame = 1; frame <= 47; frame++) collector.raise(at(one, frame), account(frame));
  expect(one.findings).toHaveLength(10);
  expect(one.findings.slice(0, 9).every((finding) => finding.more === 0)).toBe(true);
  expect(one.findings[9].more).toBe(37);
  expect(one.findings[9].text).toBe(`${text(10)} And 37 more like it on this connection.`);
});

it('lists a thousand of a sort for the capture, and says on the last how many more there are', () => {
  for (const [count, more] of [
    [1000, 0],
    [1003, 3],
  ]) {
    const collector = new Collector();
    for (let frame = 1; frame <= count; frame++) collector.raise(at(null, frame), account(frame));
    collector.add(at(null, count + 1), 'another sort', () => account(count + 1));
    expect(collector.capture).toHaveLength(1001);
    const last = collector.capture[999];
    expect([last.evidence, last.more]).toEqual([[1000], more]);
    expect(last.text.endsWith('the receiver ignores them. And 3 more like it in this capture.')).toBe(more === 3);
  }
});

it('says on the last of the capture how many more others have met', () => {
  const collector = new Collector();
  for (let frame = 1; frame <= 2; frame++) collector.add(at(null, frame), 'sort', () => account(frame));
  collector.countFurther('sort', 7);
  collector.countFurther('another sort', 5);
  expect(collector.capture.map(({ more }) => more)).toEqual([0, 7]);
});

it('counts every connection and every sort by itself', () => {
  const collector = new Collector();
  const [one, other] = [connection(0), connection(1)];
  for (let frame = 1; frame <= 10; frame++) collector.raise(at(one, frame), account(frame));
  collector.raise(at(other, 11), account(11));
  collector.add(at(one, 12), 'another sort', () => account(12));
  expect(one.findings).toHaveLength(11);
  expect(other.findings).toHaveLength(1);
  expect(one.findings[9].text).toBe(text(10));
});

it('words a finding when it is read', () => {
  const collector = new Collector();
  const one = connection(0);
  const frames = [3];
  collector.add(at(one, 3), 'sort', () => ({ ...account(frames.at(-1)!), evidence: frames }));
  frames.push(5);
  expect(one.findings[0]).toMatchObject({ evidence: [3, 5], text: text(5), severity: 'warning', who: 'sender' });
  expect(one.findings[0].cite).toBe('RFC 9293 3.10.7.4');
});

it('bounds the findings of all connections together, and says so', () => {
  const collector = new Collector();
  const connections = Array.from({ length: 50_010 }, (_, id) => connection(id));
  for (const owner of connections) collector.raise(at(owner, 1), account(1));
  collector.conclude(1, 0);
  expect(connections.reduce((n, owner) => n + owner.findings.length, 0)).toBe(50_000);
  expect(collector.capture.map((finding) => [finding.id, finding.text])).toEqual([
    ['findings-limit', '50,000 findings are listed; 10 further kinds of findings on other connections are not.'],
  ]);
});

it('takes back what a wider finding replaces', () => {
  const collector = new Collector();
  const one = connection(0);
  collector.raise(at(one, 1), { ...account(1), id: 'half-open' });
  collector.raise(at(one, 2), account(2));
  collector.withdraw(one, ['half-open']);
  expect(one.findings.map((finding) => finding.id)).toEqual(['data-after-fin']);
});

it('says nothing where there is nothing to say yet', () => {
  const collector = new Collector();
  const one = connection(0);
  collector.defer(at(one, 1), 'sort', () => null);
  expect(one.findings).toEqual([]);
  collector.decideAll();
  expect(one.findings).toEqual([]);
});

it('withdraws what concerns the capture alone, and leaves what stands', () => {
  const collector = new Collector();
  let isOver = false;
  collector.raise(at(null, 1), account(1));
  collector.defer(at(null, 2), 'sort', () => (isOver ? null : account(2)));
  collector.raise(at(null, 3), account(3));
  isOver = true;
  collector.settle(() => false);
  expect(collector.capture.map(({ frame }) => frame)).toEqual([1, 3]);
});

it('words for good what is settled', () => {
  const collector = new Collector();
  const one = connection(0);
  let frame = 3;
  collector.add(at(one, 3), 'sort', () => account(frame));
  frame = 4;
  expect(one.findings[0].evidence).toEqual([4]);
  collector.decideAll();
  expect(one.findings[0].evidence).toEqual([4]);
  frame = 5;
  expect(one.findings[0].evidence).toEqual([4]);
});

it('decides what is open about connections that leave, and counts them no more', () => {
  const collector = new Collector();
  const [leaving, staying] = [connection(0), connection(1)];
  let isOver = false;
  for (const owner of [leaving, staying]) collector.defer(at(owner, 1), 'sort', () => (isOver ? null : account(1)));
  leaving.hasLeft = true;
  isOver = true;
  collector.forget([leaving]);
  expect([leaving.findings.length, staying.findings.length]).toEqual([0, 1]);
  collector.settle(() => false);
  expect(staying.findings).toEqual([]);
});

it('takes up settled findings of another, in their places', () => {
  const collector = new Collector();
  const one = connection(0);
  for (let frame = 1; frame <= 12; frame++) collector.raise(at(one, frame), account(frame));
  const settled = one.findings.map(settledFinding);
  expect(settled[9]).toMatchObject({ frame: 10, place: 10, listed: 10, more: 2 });
  const [other, adopted] = [new Collector(), connection(0)];
  const found = settled.map((finding) => other.adopt(adopted, finding));
  expect(adopted.findings).toEqual(found);
  expect(found.map(({ more }) => more)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
  // One that is not listed says the same, and has no place.
  expect(other.word(adopted, settled[2])).toMatchObject({ frame: 3, more: 0, evidence: [3] });
  expect(adopted.findings).toHaveLength(10);
  other.conclude(20, 0);
  expect(other.capture).toEqual([]);
});

it('counts what shards have not listed', () => {
  const collector = new Collector();
  collector.join([2, 3]);
  expect(collector.gathered()).toBe(5);
  collector.conclude(9, 7);
  expect(collector.capture).toMatchObject([{ id: 'findings-limit', frame: 9, time: 7 }]);
});

import { describe, expect, it } from 'vitest';
import type { FindingId } from '../../src/detect/catalogue.ts';
import { ENGLISH } from '../../src/messages/en/index.ts';
import { EXPLANATIONS, type StoryKey, type StoryValues, type Told } from '../../src/messages/story.ts';
import { CHINESE } from '../../src/messages/zh/index.ts';
import { budgetOf } from '../../src/model/budget.ts';
import { listOf } from '../../src/model/connection-list.ts';
import { isWorthTelling, LONG } from '../../src/story/advice.ts';
import { LEAST_RATED, ONE_BY_ONE } from '../../src/story/conversation.ts';
import { isLost, isTrouble } from '../../src/story/expenses.ts';
import type { Story } from '../../src/story/item.ts';
import { shortStoryOf, storyOf } from '../../src/story/story.ts';
import { summarize } from '../../src/summary/summary.ts';
import { CASES } from '../detect/cases.ts';
import { analyseScenario } from '../support/analyze.ts';

function storyFrom(text: string): Story {
  const [connection] = analyseScenario(text).analyzer.connections;
  return storyOf(connection, budgetOf(connection), true);
}

const sectionOf = ({ sections }: Story, heading: string) => sections.find((section) => section.heading === heading)!;
const keys = (told: readonly Told[]) => told.map(({ key }) => key);
const valuesOf = <K extends StoryKey>(told: readonly Told[], key: K): StoryValues[K][] =>
  told.filter((one) => one.key === key).map(({ values }) => values as StoryValues[K]);

const OPENING = `
  0.000  > S    seq 0 win 65535 <mss 1460,sackOK,wscale 7>
  0.020  < S.   seq 0 ack 1 win 65535 <mss 1400,sackOK,wscale 5>
  0.020  > .    ack 1`;

const CLOSING = (at: number) => `
  ${at.toFixed(3)}  > F.   ack 501
  ${(at + 0.02).toFixed(3)}  < F.   ack 102
  ${(at + 0.02).toFixed(3)}  > .    ack 502`;

/** A request at 0.020, its answer so much later. */
const answered = (after: number) => `${OPENING}
  0.020  > P.   1:101(100) ack 1
  0.040  < .    ack 101
  ${(0.04 + after).toFixed(3)}  < P.   1:501(500) ack 101
  ${(0.04 + after).toFixed(3)}  > .    ack 501${CLOSING(0.05 + after)}`;

describe('what ended a connection is advised about by the finding that explains it', () => {
  const adviceIn = (id: FindingId) => {
    const { text, options } = CASES[id].raises!;
    const connections = [...analyseScenario(text, options).analyzer.connections];
    const connection = connections.find(({ findings }) => findings.some((found) => found.id === id))!;
    return storyOf(connection, budgetOf(connection), true).sections.find(({ heading }) => heading === 'help')!.advice!;
  };

  it.each(
    EXPLANATIONS.filter(
      (id) => id !== 'idle-close' && CASES[id].raises !== null && CASES[id].raises?.severity !== 'info',
    ),
  )('%s', (id) => {
    const keys = adviceIn(id).map(({ told }) => told.key);
    expect(keys[0]).toMatch(id === 'peer-forgot' ? 'help.keep-alive' : 'help.finding');
    expect(keys).not.toContain('help.reset');
  });

  it('a server that accepts, and answers to nothing after that, may have a full listen queue', () => {
    const story = (near: 'client' | 'server', ...rest: string[]) => {
      const [before, after] = near === 'client' ? [0.04, 0] : [0, 0.04];
      const opening = `
        0.000 > S  seq 0 win 65535 <mss 1460>
        ${before.toFixed(3)} < S. seq 0 ack 1 win 65535 <mss 1460>
        ${(before + after).toFixed(3)} > .  ack 1`;
      return sectionOf(storyFrom([opening, ...rest].join('\n')), 'help').advice!.map(({ told }) => told.key);
    };
    const resent = (...times: number[]) => times.map((time) => `${time.toFixed(3)} > P. 1:101(100) ack 1`);
    const times = [0.05, 0.3, 0.7, 1.5];
    expect(story('server', ...resent(...times))[0]).toBe('help.listen-queue');
    expect(story('client', ...resent(...times)).slice(0, 2)).toEqual(['help.finding', 'help.listen-queue']);
    expect(story('server', ...resent(0.05, 0.3, 0.7))).toContain('help.listen-queue');
    expect(story('server', ...resent(0.05, 0.3))).not.toContain('help.listen-queue');
    // It took something, or it goes.
    for (const answer of ['0.060 < . ack 2', '2.000 < R seq 1 win 0', '2.000 < F. seq 1 ack 1'])
      expect(story('server', ...resent(...times), answer)).not.toContain('help.listen-queue');
  });

  it('a reset that nothing explains is told what usually brings it about', () =>
    expect(adviceIn('connection-aborted')[0].told.key).toBe('help.reset'));

  const silent = (end: string) => `${answered(0).split('\n').slice(0, -3).join('\n')}
    60.000 ${end}`;

  it('a reset after a long silence is the work of a timer; that nothing was lost by one needs no advice', () => {
    const first = (end: string) => sectionOf(storyFrom(silent(end)), 'help').advice![0]?.told;
    expect(first('< R.   seq 501 ack 101')).toMatchObject({ key: 'help.finding', values: { id: 'idle-close' } });
    expect(first('< F.   seq 501 ack 101')).toBeUndefined();
  });

  it('a request that has no answer until the client gives up', () => {
    const asked = `${OPENING}
    0.020  > P.   1:101(100) ack 1
    0.040  < .    ack 101
    30.000 > R.   ack 1`;
    const advice = sectionOf(storyFrom(asked), 'help').advice!;
    expect(advice.map(({ told }) => told.key)).toEqual(['help.unanswered']);
    expect(advice[0].told.values).toMatchObject({ role: 'server', frame: 4, mayBeLoss: true });
    const atServer = asked.replace('0.020  < S.', '0.000 < S.').replace('0.040  < .', '0.020 < .');
    expect(sectionOf(storyFrom(atServer), 'help').advice![0].told.values).toMatchObject({ mayBeLoss: false });
  });

  /** `at`: how long after the request the ACK of it and the answer are seen (s); a capture at the server sees them sooner. */
  const slow = (think: number, isAtServer = false, more = '') => {
    const [opening, way] = isAtServer
      ? ['0 > S seq 0 win 65535 <mss 1460>\n0 < S. seq 0 ack 1 win 65535 <mss 1460>\n0.02 > . ack 1', 0]
      : [OPENING, 0.02];
    const at = (time: number) => (0.1 + time).toFixed(6);
    const text = `${opening}
      0.1 > P. 1:101(100) ack 1
      ${at(way)} < . ack 101
      ${at(way + think)} < P. 1:101(100) ack 101
      ${at(0.02 + think)} > . ack 101
      ${more}
      9.000 > F. ack 101`;
    const { certainty, told } = sectionOf(storyFrom(text), 'help').advice![0];
    return [told.key, certainty, (told.values as { mayBeLoss: boolean }).mayBeLoss];
  };

  it('one slow answer, which far from the server may have been lost and have waited for a timer', () => {
    expect([slow(0.18), slow(0.179999)]).toEqual([
      ['help.thinking', 'likely', true],
      ['help.thinking', 'shown', false],
    ]);
    expect(slow(0.18, true)).toEqual(['help.thinking', 'shown', false]);
  });

  it('several slow answers: not each of them was lost', () => {
    const again = (think: number) => `
      1.000 > P. 101:201(100) ack 101
      1.020 < . ack 201
      ${(1.02 + think).toFixed(6)} < P. 101:201(100) ack 201
      ${(1.02 + think).toFixed(6)} > . ack 201`;
    expect([slow(0.3, false, again(0.18)), slow(0.3, false, again(0.179999))]).toEqual([
      ['help.thinking', 'shown', false],
      ['help.thinking', 'likely', true],
    ]);
  });

  it('a greeting is sent and answers nothing', () => {
    const greeted = `${OPENING}
    2.000  < P.   1:501(500) ack 1
    2.000  > P.   1:11(10) ack 501`;
    const [{ told }] = sectionOf(storyFrom(greeted), 'help').advice!;
    expect(told).toMatchObject({ key: 'help.thinking', values: { asked: false, frame: 4 } });
  });

  const unread = (window: number) => `${OPENING}
    0.020  > P.   1:101(100) ack 1
    0.040  < P.   1:1461(1460) ack 101
    0.040  > .    ack 1461 win 0
    0.340  < .    seq 1460 ack 101
    0.340  > .    ack 1461 win ${window}
    2.000  > R.   ack 1461`;

  it('who had closed its window did not read, and who had opened it again may have done anything', () => {
    const first = (window: number) => sectionOf(storyFrom(unread(window)), 'help').advice![0].told.key;
    expect(first(0)).toBe('help.read-faster');
    expect(first(1000)).toBe('help.reset');
  });

  it('who is named by a forged reset is not said to have ended the connection', () => {
    const { text, options } = CASES['forged-reset'].raises!;
    const [connection] = analyseScenario(text, options).analyzer.connections;
    const story = storyOf(connection, budgetOf(connection), true);
    expect(keys(sectionOf(story, 'wrong').told)).not.toContain('wrong.ending');
    expect(keys(sectionOf(story, 'end').told)).toEqual(['end.forged']);
  });
});

describe('the story of a connection', () => {
  it('tells who opened it, when, and what was agreed', () => {
    const { told } = sectionOf(storyFrom(answered(0.01)), 'connect');
    expect(valuesOf(told, 'connect.done')).toEqual([{ syn: 1, synAck: 2, ack: 3, roundTrip: 20e6 }]);
    expect(valuesOf(told, 'connect.negotiated')).toEqual([
      { mss: { client: 1460, server: 1400 }, shift: { client: 7, server: 5 }, sack: true, timestamps: false },
    ]);
  });

  it('tells what was asked and how long the server thought', () => {
    const [exchange] = valuesOf(sectionOf(storyFrom(answered(1.5)), 'data').told, 'data.exchange');
    expect(exchange).toMatchObject({ number: 1, frame: 4, requestBytes: 100, answerBytes: 500 });
    expect(exchange.serverThinking / 1e9).toBeCloseTo(1.5, 1);
  });

  it('names a slow server, shows the time, and blames nobody else', () => {
    const story = storyFrom(answered(1.5));
    expect(keys(story.overview)).toEqual(['overview', 'overview.cost']);
    expect(keys(sectionOf(story, 'wrong').told)).toEqual(['wrong.cost']);
    expect(sectionOf(story, 'help').advice).toMatchObject([{ certainty: 'likely', told: { key: 'help.thinking' } }]);
  });

  it('has nothing to say against a good connection', () => {
    const story = storyFrom(answered(0.001));
    expect(keys(story.overview)).toEqual(['overview', 'overview.fine']);
    expect(keys(sectionOf(story, 'wrong').told)).toEqual(['wrong.nothing']);
    expect(keys(sectionOf(story, 'help').told)).toEqual(['help.none']);
  });

  it('tells how it ended', () => {
    const end = (text: string) => sectionOf(storyFrom(text), 'end').told;
    expect(valuesOf(end(answered(0.01)), 'end.closed')).toEqual([
      { first: 'client', fin: 8, otherFin: 9, ack: 10, waits: 'client' },
    ]);
    expect(keys(end(OPENING))).toEqual(['end.open']);
    expect(keys(end('0.000 > S seq 0 win 1000\n1.000 > S seq 0 win 1000'))).toEqual(['end.unanswered']);
    const refused = '0.000 > S seq 0 win 1000\n0.020 < R. seq 0 ack 1 win 0';
    expect(valuesOf(end(refused), 'end.refused')).toEqual([{ frame: 2 }]);
    const reset = storyFrom(`${OPENING}\n0.030 < R. seq 1 ack 1`);
    expect(valuesOf(sectionOf(reset, 'end').told, 'end.reset')).toEqual([{ by: 'server', frame: 4 }]);
    expect(keys(sectionOf(reset, 'wrong').told)).toEqual(['wrong.ending']);
    expect(sectionOf(reset, 'help').advice).toMatchObject([{ certainty: 'possible', told: { key: 'help.reset' } }]);
  });

  it('does not claim what a capture of the middle, or of one direction, cannot show', () => {
    const middle = storyFrom('0.000 > P. 1:101(100) ack 1\n0.020 < . ack 101');
    expect(keys(sectionOf(middle, 'connect').told)).toEqual(['connect.unseen']);
    expect(keys(sectionOf(middle, 'sure').told)).toContain('sure.no-windows');
    const oneWay = storyFrom(
      '0.000 > P. 1:101(100) ack 1\n0.100 > P. 101:201(100) ack 501\n0.200 > P. 201:301(100) ack 901',
    );
    expect(keys(sectionOf(oneWay, 'sure').told)).toContain('sure.one-direction');
  });

  it('counts exchanges beyond those that it tells one by one', () => {
    const turns = (n: number) =>
      Array.from({ length: n }, (_, i) => {
        const at = (0.03 + 0.03 * i).toFixed(3);
        const answer = (0.05 + 0.03 * i).toFixed(3);
        return `${at} > P. ${1 + 10 * i}:${11 + 10 * i}(10) ack ${1 + 20 * i}\n${answer} < P. ${1 + 20 * i}:${21 + 20 * i}(20) ack ${11 + 10 * i}`;
      }).join('\n');
    const told = (n: number) => sectionOf(storyFrom(`${OPENING}\n${turns(n)}`), 'data').told;
    expect(keys(told(ONE_BY_ONE))).toEqual(Array(ONE_BY_ONE).fill('data.exchange'));
    expect(keys(told(ONE_BY_ONE + 1))).toEqual(['data.many']);
    expect(valuesOf(told(ONE_BY_ONE + 1), 'data.many')).toMatchObject([
      { exchanges: 6, requestBytes: 60, answerBytes: 120 },
    ]);
  });

  it('counts what the server sends without a request apart', () => {
    const pushes = Array.from(
      { length: 5 },
      (_, i) => `${10 * (i + 1)}.1 < P. ${21 + 20 * i}:${41 + 20 * i}(20) ack 11`,
    ).join('\n');
    const text = `${OPENING}\n0.030 > P. 1:11(10) ack 1\n0.050 < P. 1:21(20) ack 11\n0.050 > . ack 21\n${pushes.replaceAll(/(\d+\.1) < (.*):(\d+)(\(.*)/g, '$1 < $2:$3$4\n$1 > . ack $3')}`;
    expect(valuesOf(sectionOf(storyFrom(text), 'data').told, 'data.many')).toMatchObject([
      { exchanges: 1, unasked: 5 },
    ]);
  });

  it('rates answers from so many bytes on', () => {
    const rate = (bytes: number) => {
      const half = Math.ceil(bytes / 2);
      const text = `${OPENING}
        0.030 > P. 1:11(10) ack 1
        0.050 < .  1:${1 + half}(${half}) ack 11
        0.060 < P. ${1 + half}:${1 + bytes}(${bytes - half}) ack 11
        0.060 > .  ack ${1 + bytes}`;
      return valuesOf(sectionOf(storyFrom(text), 'data').told, 'data.exchange')[0].bitsPerSecond;
    };
    expect(rate(LEAST_RATED - 1)).toBe(0);
    expect(rate(LEAST_RATED)).toBeGreaterThan(0);
  });
});

describe('the story and the verdict above it', () => {
  /** A server that thinks 60 ms, and an hour in which nobody asks for anything. */
  const rest = `${answered(0.06).replace(CLOSING(0.11), '')}
  3600.000 > F. ack 501
  3600.020 < F. ack 102
  3600.020 > .  ack 502`;

  it('agree that a server was slow, however long the connection rested', () => {
    const { analyzer } = analyseScenario(rest);
    const [connection] = analyzer.connections;
    const worth = { dropped: null, damages: [] };
    const { statements } = summarize(listOf(analyzer.connections), analyzer.findings, worth);
    expect(statements).toMatchObject([{ key: 'cost', kind: 'server-thinking' }]);
    const story = storyOf(connection, budgetOf(connection), true);
    expect(keys(story.overview)).toEqual(['overview', 'overview.cost']);
    expect(keys(sectionOf(story, 'wrong').told)).toEqual(['wrong.cost']);
    expect(sectionOf(story, 'help').advice).toMatchObject([{ told: { key: 'help.thinking' } }]);
    const short = shortStoryOf(connection, budgetOf(connection), true);
    expect(keys(short.find(({ heading }) => heading === 'wrong')!.told)).toEqual(['wrong.cost']);
  });

  it('both speak of what cost 50 ms, or 1 ms and a tenth of the busy time, and a hundredth of it in any case', () => {
    const of = (time: number, busy: number) => isTrouble({ owner: 'server', cause: 'thinking', time, share: 1 }, busy);
    expect([of(50e6 - 1, 5e9), of(50e6, 5e9), of(50e6, 5e9 + 100)]).toEqual([false, true, false]);
    expect([of(1e6 - 1, 1e6), of(1e6, 10e6), of(1e6, 10e6 + 10)]).toEqual([false, true, false]);
    expect(isTrouble({ owner: 'network', cause: 'round-trip', time: 50e6, share: 1 }, 5e9)).toBe(false);
  });

  it('name the command that lists the other findings', () => {
    for (const { story } of [ENGLISH, CHINESE])
      expect(story['wrong.more']({ findings: 2, stream: 3 })).toContain('analyze --all --stream 3');
  });
});

describe('data of which no exchange can be told', () => {
  const dataOf = (text: string) => sectionOf(storyFrom(text), 'data').told;

  it('is told all the same, where one direction was captured', () => {
    const told = dataOf('0.0 < . 1:1001(1000) ack 1\n0.1 < . 1001:2001(1000) ack 1');
    const values = { clientBytes: 0, serverBytes: 2000, isOneWay: true };
    expect(valuesOf(told, 'data.unpaired')).toEqual([values]);
    expect(ENGLISH.story['data.unpaired'](values)).toBe(
      'The server sent 1.95 KiB. The capture holds one direction only, so requests and answers cannot be told.',
    );
    expect(CHINESE.story['data.unpaired'](values)).toContain('1.95 KiB');
  });

  it('nothing is said to be well of time that nobody knows', () => {
    const story = storyFrom('0.0 < . 1:1001(1000) ack 1\n0.1 < . 1001:2001(1000) ack 1');
    expect(keys(story.overview)).toEqual(['overview', 'overview.unknown']);
    expect(keys(sectionOf(story, 'help').told)).toEqual(['help.unknown']);
  });

  it('is none where nothing was sent', () => expect(keys(dataOf(OPENING))).toEqual(['data.none']));
});

describe('time lost', () => {
  it('is what somebody could mend', () => {
    expect(isLost({ owner: 'server', cause: 'thinking' })).toBe(true);
    expect(isLost({ owner: 'client', cause: 'thinking' })).toBe(false);
    expect(isLost({ owner: 'client', cause: 'sending' })).toBe(false);
    expect(isLost({ owner: 'client', cause: 'receive-window' })).toBe(true);
    expect(isLost({ owner: 'network', cause: 'round-trip' })).toBe(false);
    expect(isLost({ owner: 'network', cause: 'path-rate' })).toBe(true);
  });

  it('is worth a word from a tenth of the busy time on, or a second', () => {
    expect([0.999e6, 1e6].map((time) => isWorthTelling(time, 1e6))).toEqual([false, true]);
    expect([9.99e6, 10e6].map((time) => isWorthTelling(time, 100e6))).toEqual([false, true]);
    expect([LONG - 1, LONG].map((time) => isWorthTelling(time, 3600e9))).toEqual([false, true]);
  });
});

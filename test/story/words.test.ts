import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ENGLISH } from '../../src/messages/en/index.ts';
import { LANGUAGE_NAMES, LANGUAGES } from '../../src/messages/languages.ts';
import { FIELD_NAMES, PACKET_HEADINGS, STORY_HEADINGS } from '../../src/messages/story.ts';
import { duration, list, percent } from '../../src/messages/zh/grammar.ts';
import { OWNERS, TIME_CAUSES } from '../../src/model/budget.ts';
import { textWidth, wrap } from '../../src/render/text.ts';

/** The keys that values are declared for. */
const source = readFileSync(new URL('../../src/messages/story.ts', import.meta.url), 'utf8');
const declared = source.slice(source.indexOf('export interface StoryValues'), source.indexOf('export type StoryKey'));
const KEYS = [...declared.matchAll(/^ {2}'?([a-z][a-z.-]*)'?:/gm)].map(([, key]) => key);

describe('the words of a story', () => {
  it('are there for every key, in every language, and for no other', () => {
    expect(KEYS.length).toBeGreaterThan(120);
    for (const name of LANGUAGE_NAMES)
      expect(Object.keys(LANGUAGES[name].story).sort(), name).toEqual([...KEYS].sort());
  });

  it('tell every finding, in every language', () => {
    for (const name of LANGUAGE_NAMES) {
      const { findings } = LANGUAGES[name].findings;
      expect(Object.keys(findings).sort(), name).toEqual(Object.keys(ENGLISH.findings).sort());
    }
    const { findings, more } = LANGUAGES.zh.findings;
    const causes = Object.values(findings).map(({ cause }) => cause);
    for (const cause of causes) if (typeof cause === 'string') expect(cause).toMatch(/[\u4e00-\u9fff]/);
    const sender = { name: '10.0.0.1:40000', role: 'client' } as const;
    expect(findings['data-after-fin'].text({ sender, bytes: 7 })).toBe(
      '10.0.0.1:40000（客户端）在自己的 FIN 之后又发送了 7 字节；接收方会忽略它们。',
    );
    expect(more('甲。', 3, false)).toBe('甲。这个连接上还有 3 项同类的发现。');
    expect(more('甲。', 3, true)).toBe('甲。这个抓包中还有 3 项同类的发现。');
  });

  it('name every heading, field, owner and cause', () => {
    for (const name of LANGUAGE_NAMES) {
      const { heading, field, use } = LANGUAGES[name].storyFrame;
      expect(Object.keys(heading).sort()).toEqual([...STORY_HEADINGS, ...PACKET_HEADINGS].sort());
      expect(Object.keys(field).sort()).toEqual([...FIELD_NAMES].sort());
      const texts = TIME_CAUSES.map((cause) => use('server', cause));
      expect(new Set(texts).size).toBe(TIME_CAUSES.length);
      for (const owner of OWNERS) expect(use(owner, 'unknown')).not.toBe('');
    }
  });

  it('write numbers and units as the language does', () => {
    expect([0, 850, 30e3, 47.5e6, 1.2e9, 123e9, 3720e9, 273600e9].map(duration)).toEqual([
      '0 秒',
      '850 纳秒',
      '30.0 微秒',
      '47.5 毫秒',
      '1.20 秒',
      '2 分 03 秒',
      '1 小时 02 分',
      '3 天 04 小时',
    ]);
    expect([0.021, 0.0994, 0.0995, 0.61].map(percent)).toEqual(['2.1%', '9.9%', '10%', '61%']);
    expect([['甲'], ['甲', '乙'], ['甲', '乙', '丙']].map((items) => list(items))).toEqual([
      '甲',
      '甲和乙',
      '甲、乙和丙',
    ]);
  });

  it('say it in Chinese, with names of fields and states as the standards spell them', () => {
    const { story } = LANGUAGES.zh;
    expect(story['ack.fin']({ role: 'server', ack: 727, frame: 38 })).toBe(
      '它的确认号加 1，变为 727：这是在确认包 38 的 FIN，和确认 SYN 一样。',
    );
    expect(story['state.change']({ role: 'client', before: 'FIN-WAIT-1', after: 'TIME-WAIT' })).toBe(
      '客户端的状态：FIN-WAIT-1 → TIME-WAIT。',
    );
  });
});

describe('wrap', () => {
  it('breaks Chinese between ideographs, and leaves no punctuation at the beginning of a line', () => {
    const text = '客户端请求建立连接（SYN，包 1），服务器同意（SYN,ACK，包 2），客户端确认。';
    for (let width = 12; width <= 60; width++) {
      const lines = wrap(text, width);
      for (const line of lines) {
        expect(textWidth(line)).toBeLessThanOrEqual(width);
        expect(line).not.toMatch(/^[，。）]|（$/);
      }
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }
  });

  it('breaks other words at blanks only', () => {
    expect(wrap('SYN-SENT → ESTABLISHED', 10)).toEqual(['SYN-SENT →', 'ESTABLISHED']);
    expect(wrap('größer als', 6)).toEqual(['größer', 'als']);
  });
});

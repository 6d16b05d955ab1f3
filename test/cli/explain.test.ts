import { describe, expect, it } from 'vitest';
import { textWidth } from '../../src/render/text.ts';
import { expectGolden, output, tcpscope } from './tcpscope.ts';

const HTTP = 'fixtures/seed-http-40-packets.pcap';
const LANGUAGES = ['en', 'zh'] as const;
/** Captures of the documents that the project began with. */
const SEEDS = ['seed-http-40-packets', 'seed-loopback-echo', 'seed-bsd-loopback'] as const;

/** Without the breaks of lines, which no statement is about. */
const joined = (text: string) =>
  text.replace(/\n */g, ' ').replace(/(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])/gu, '');

/** What is said of each packet, by its number. */
function steps(...args: string[]): Map<number, string> {
  const parts = output(['explain', '--full', ...args])
    .split(/^#(?=\d)/m)
    .slice(1);
  return new Map(parts.map((part) => [Number.parseInt(part, 10), joined(part)]));
}

/**
 * The walk through 40 packets that the fixture was made from, statement by statement: packet, what it says there (as numbers),
 * and how that must read in both languages.
 */
const WALK: readonly [frame: number, en: RegExp, zh: RegExp][] = [
  // 1: each end's numbers begin with 0, and nothing is acknowledged yet.
  [1, /numbers begin at 0/, /序号在这里从 0 开始/],
  [
    1,
    /acknowledges nothing, because nothing of the server has come yet \(acknowledgment number 0\)/,
    /不确认任何内容，因为服务器还没有发来任何内容（确认号为 0）/,
  ],
  // 2: number 0, its first packet; acknowledgment 1, although no data came: SYN and FIN count.
  [2, /numbers begin at 0/, /序号在这里从 0 开始/],
  [
    2,
    /acknowledgment number is 1: though packet 1 carried no data, the SYN in it takes one number/,
    /确认号是 1：包 1 虽然没有数据，但其中的 SYN 占用一个序号/,
  ],
  // 3: acknowledgment 1; its own number goes from 0 to 1.
  [3, /number goes from 0 to 1/, /序号由 0 变为 1/],
  [3, /acknowledgment number is 1: though packet 2 carried no data/, /确认号是 1：包 2 虽然没有数据/],
  // 4: the first data, 725 bytes; number and acknowledgment stay at 1.
  [4, /first data of the connection, 725 bytes/, /这个连接的第一批数据，725 字节/],
  [
    4,
    /number is still 1, because the client has not sent any data before/,
    /序号仍然是 1，因为客户端在此之前没有发送过数据/,
  ],
  [
    4,
    /acknowledgment number stays at 1, because no data of the server has come yet/,
    /确认号保持 1 不变，因为还没有收到服务器的数据/,
  ],
  // 5: acknowledges the 725 bytes before the answer: 726; its own number is 1.
  [
    5,
    /acknowledges the 725 bytes that it received, before it has anything to say itself/,
    /先确认收到的 725 字节，自己还没有要发的内容/,
  ],
  [5, /grows by 725 to 726: the 725 bytes of packet 4/, /增加 725，变为 726：包 4 的 725 字节/],
  // 6: the answer begins; number still 1, no data sent before; 1448 bytes.
  [6, /begins to send in its turn, with 1,448 bytes/, /轮到服务器发送，先发 1,448 字节/],
  [
    6,
    /number is still 1, because the server has not sent any data before/,
    /序号仍然是 1，因为服务器在此之前没有发送过数据/,
  ],
  // 7: the client's number has grown to 726, its acknowledgment from 1 to 1449.
  [7, /number is 726 now/, /序号增长至 726/],
  [7, /grows by 1,448 to 1449: the 1,448 bytes of packet 6/, /增加 1,448，变为 1449：包 6 的 1,448 字节/],
  // 38: FIN; acknowledgment as in packet 37.
  [38, /closes its direction \(FIN\)/, /关闭自己的方向（FIN）/],
  [38, /acknowledgment number is 22046 as in packet 37/, /确认号是 22046，和包 37 一样/],
  // 39: acknowledges by one more, as packet 2 did with the SYN; closes as well.
  [
    39,
    /grows by one to 727: that acknowledges the FIN of packet 38, as a SYN is acknowledged/,
    /确认号加 1，变为 727：这是在确认包 38 的 FIN，和确认 SYN 一样/,
  ],
  [39, /closes its direction as well \(FIN\)/, /也关闭自己的方向（FIN）/],
  // 40: final number 727; acknowledges the FIN by one more; both are done and may free what they held.
  [40, /own number is 727/, /自己的序号是 727/],
  [
    40,
    /grows by one to 22047: that acknowledges the FIN of packet 39/,
    /确认号加 1，变为 22047：这是在确认包 39 的 FIN/,
  ],
  [40, /Both ends are done: .* free everything/, /双方都已结束：.*释放全部资源/],
];

describe('tcpscope explain --full', () => {
  it.each([0, 1])('walks through the 40 packets as the document does (language %i)', (language) => {
    const told = steps('--lang', LANGUAGES[language], HTTP);
    expect([...told.keys()]).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    for (const [frame, ...says] of WALK) expect(told.get(frame), `packet ${frame}`).toMatch(says[language]);
  });

  // Between packets 7 and 37 the client's number stays at 726 and the server's grows by what it sends.
  it.each([0, 1])('tells what repeats in between (language %i)', (language) => {
    const told = steps('--lang', LANGUAGES[language], HTTP);
    for (let frame = 8; frame <= 34; frame += 2) {
      const before = 1448 * ((frame - 6) / 2);
      const sent = told.get(frame)!;
      const acked = told.get(frame + 1)!;
      expect(sent).toContain([`number is ${1 + before}`, `序号是 ${1 + before}`][language]);
      expect(acked).toContain(['own number stays at 726', '自己的序号保持 726 不变'][language]);
      expect(acked).toContain([` to ${1 + before + 1448}:`, `变为 ${1 + before + 1448}：`][language]);
    }
    expect(told.get(36)).toContain([' 325 bytes', '325 字节'][language]);
    expect(told.get(37)).toContain([' to 22046:', '变为 22046：'][language]);
  });

  it('tells the states that follow, and what the options agreed on', () => {
    const told = steps(HTTP);
    expect(told.get(1)).toContain('State of the client: CLOSED → SYN-SENT.');
    expect(told.get(3)).toContain('State of the server: SYN-RECEIVED → ESTABLISHED. Both ends are ESTABLISHED');
    expect(told.get(38)).toContain('State of the client: ESTABLISHED → FIN-WAIT-1.');
    expect(told.get(39)).toContain('State of the client: FIN-WAIT-1 → TIME-WAIT.');
    expect(told.get(2)).toContain(
      "the client's windows count in units of 128 bytes and the server's of 64; both use SACK",
    );
  });
});

describe('tcpscope explain', () => {
  it.each(SEEDS.flatMap((name) => LANGUAGES.map((language) => [name, language] as const)))(
    'tells the story of %s in %s',
    (name, language) => {
      const told = output(['explain', `fixtures/${name}.pcap`, '--lang', language]);
      expectGolden(`explain-${name}.${language}.txt`, told);
      for (const line of told.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(100);
    },
  );

  it.each(LANGUAGES)('walks through every packet in %s', (language) => {
    expectGolden(`explain-full.${language}.txt`, output(['explain', HTTP, '--full', '--lang', language]));
  });

  it.each(LANGUAGES)('tells of one packet in %s', (language) => {
    expectGolden(`explain-packet.${language}.txt`, output(['explain', HTTP, '--packet', '4', '--lang', language]));
  });

  it('finds the connection of a packet', () => {
    const refused = 'fixtures/linux-refused.pcap';
    const second = output(['explain', refused, '--packet', '4']);
    expect(second).toMatch(/^Packet 4 of connection 1, from the server: RST,ACK\n/);
    expect(output(['explain', refused, '--packet', '4', '-s', '1'])).toBe(second);
    expect(output(['explain', refused, '--packet', '4', '-f', 'port 34808'])).toBe(second);
  });

  it('tells what a retransmission repeats, and shows its evidence', () => {
    const text = joined(output(['explain', 'fixtures/linux-single-loss-sack.pcap', '--packet', '43']));
    expect(text).toMatch(/What follows from it Packet \d+ sends it again/);
    const again = Number(/Packet (\d+) sends it again/.exec(text)![1]);
    const repeat = joined(output(['explain', 'fixtures/linux-single-loss-sack.pcap', '--packet', String(again)]));
    expect(repeat).toMatch(/Judged as retransmission \(fast\), .*Shown by packet 43/);
    expect(repeat).toContain('first sent in #43');
  });

  it('says what is wrong with the command line', () => {
    const refused = 'fixtures/linux-refused.pcap';
    const fails = (...args: string[]) => tcpscope(['explain', refused, ...args]);
    expect(fails()).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('choose one with --stream'),
    });
    expect(fails('--packet', '5')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no packet 5: the capture holds 4 packets'),
    });
    expect(fails('--packet', '4', '-s', '0')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('stream 0 has no packet 4'),
    });
    expect(fails('--packet', '1', '--full')).toMatchObject({ status: 2 });
    expect(fails('--lang', 'de')).toMatchObject({ status: 2, stderr: expect.stringContaining('en, zh') });
  });
});

import { fromHex, u16, u32 } from './packet-bytes.ts';

/** `1:101(100)` or `1:101`. */
export function parseRange(word: string): [number, number] {
  const found = /^(-?\d+):(-?\d+)(?:\((\d+)\))?$/.exec(word);
  if (!found) throw new Error(`not a range as 1:101(100): ${word}`);
  const [from, to] = [Number(found[1]), Number(found[2])];
  if (found[3] !== undefined && Number(found[3]) !== to - from) throw new Error(`${word}: that is ${to - from} bytes`);
  return [from, to];
}

/**
 * TCP options from the words of tcpdump: `mss 1460,nop,nop,TS val 1 ecr 2`. SACK edges are relative to the peer's stream:
 * `sack 5:9 11:12`. `opt 30 00ff` is any other kind with its data, `bytes 0204` goes in as it is. Filled up with 0.
 */
export function encodeOptions(text: string, peerIsn: number): Uint8Array {
  const bytes: number[] = [];
  for (const option of text.split(',').filter((o) => o.trim() !== '')) {
    bytes.push(...encodeOption(option.trim().split(/\s+/), peerIsn));
  }
  while (bytes.length % 4) bytes.push(0);
  return Uint8Array.from(bytes);
}

function encodeOption([name, ...values]: string[], peerIsn: number): number[] {
  const option = (kind: number, data: ArrayLike<number>): number[] => [kind, 2 + data.length, ...Array.from(data)];
  const number = (word: string | undefined): number => {
    if (word === undefined || !/^\d+$/.test(word)) throw new Error(`option ${name} needs a number, not ${word}`);
    return Number(word);
  };
  switch (name) {
    case 'eol':
      return [0];
    case 'nop':
      return [1];
    case 'mss':
      return option(2, u16(number(values[0])));
    case 'wscale':
      return option(3, [number(values[0])]);
    case 'sackOK':
      return option(4, []);
    case 'sack':
      return option(
        5,
        values.flatMap((block) => parseRange(block).flatMap((edge) => u32((peerIsn + edge) >>> 0))),
      );
    case 'TS':
      if (values[0] !== 'val' || values[2] !== 'ecr') throw new Error('write TS val N ecr N');
      return option(8, [...u32(number(values[1])), ...u32(number(values[3]))]);
    case 'tfo':
      if (values[0] === 'cookiereq') return option(34, []);
      if (values[0] !== 'cookie') throw new Error('write tfo cookiereq or tfo cookie 0123abcd');
      return option(34, fromHex(values[1] ?? ''));
    case 'opt':
      return option(number(values[0]), fromHex(values[1] ?? ''));
    case 'bytes':
      return [...fromHex(values.join(''))];
    default:
      throw new Error(`no option has the name ${name}`);
  }
}

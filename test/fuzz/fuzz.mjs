import { readFileSync, writeFileSync } from 'node:fs';
import { CASES, run } from './commands.mjs';
import { writeFile } from './files.mjs';
import { changePackets, readPcap } from './packets.mjs';
import { Random } from './random.mjs';

const FIXTURES = new URL('../../fixtures/', import.meta.url);

/** Small ones, so that there are many runs, and each with something of its own. */
const NAMES = [
  'linux-echo',
  'linux-half-close',
  'linux-simultaneous-open',
  'linux-syn-lost-backoff',
  'seed-bsd-loopback',
  'seed-http-40-packets',
  'tshark-01-duplicate-frames',
  'tshark-05-dupacks-with-changing-window',
  'tshark-06-second-hole',
  'tshark-08-tail-loss',
  'tshark-09-window-probe-accepted',
  'tshark-10-port-and-isn-reused',
  'tshark-12-blind-reset',
];
const captures = NAMES.map((name) => readFileSync(new URL(`${name}.pcap`, FIXTURES)));

/** Segments in every way to carry them, by link type: made of those of the tests of the decoders. */
const ENCAPSULATED = JSON.parse(readFileSync(new URL('encapsulations.json', import.meta.url), 'utf8'));

/** Some of them with one link type, each with some fields of its headers changed. */
function encapsulated(random) {
  const [linkType, all] = random.pick(Object.entries(ENCAPSULATED));
  const packets = Array.from({ length: 1 + random.next(12) }, (_, i) => {
    const data = Buffer.from(random.pick(all), 'hex');
    for (let n = random.next(4); n > 0; n--) {
      const width = random.pick([1, 1, 2, 4]);
      const at = random.next(Math.max(1, Math.min(data.length - width, 100)));
      if (at + width <= data.length) data.writeUIntBE(random.field(8 * width), at, width);
    }
    return { time: 1_700_000_000_000_000_000n + BigInt(i) * 1_000_000n, data, original: data.length, comment: null };
  });
  return { linkType: Number(linkType), packets };
}

/** The file of a seed. */
export function fileOf(seed) {
  const random = new Random(seed);
  const capture = random.once(5) ? encapsulated(random) : readPcap(random.pick(captures));
  if (random.once(5)) capture.packets.push(...readPcap(random.pick(captures)).packets);
  changePackets(capture, random);
  return writeFile(capture, random);
}

/**
 * Puts the file of a seed through commands: all of them, or so many that the seed chooses. `report` is told of each before
 * it runs. Returns what went wrong, in words, and how many commands ran.
 */
export async function fuzz(seed, path, { commands = CASES.length, report = () => {} } = {}) {
  const random = new Random(~seed);
  writeFileSync(path, fileOf(seed));
  const chosen = commands >= CASES.length ? CASES : Array.from({ length: commands }, () => random.pick(CASES));
  const failures = [];
  for (const [, , args, read] of chosen) {
    report(args);
    try {
      await run(
        args.map((word) => (word === 'FILE' ? path : word)),
        read,
      );
    } catch (error) {
      failures.push({ seed, args, error: error instanceof Error ? (error.stack ?? String(error)) : String(error) });
    }
  }
  return { failures, runs: chosen.length };
}

#!/usr/bin/env node
/**
 * Draws findings of severity warning or error at random, to be judged by hand: a random capture, then a random finding of it,
 * at most six of one id. Needs `npm run -s build`.
 *
 *     node test/judged/draw.mjs --seed 1 --count 30                 # from ../shared/peers, as text
 *     node test/judged/draw.mjs --seed 1 --count 30 --json          # as entries for a file beside this one
 *     node test/judged/draw.mjs --root DIR ... --id half-open       # from other captures; of one id, all of them
 *     node test/judged/draw.mjs --all                               # how many findings of each id there are
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { analyze } from '../../dist/index.js';
import { findingsOf, isCapture, PEERS, sourceOf } from './findings.mjs';

const MOST_OF_AN_ID = 6;

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '30' },
    root: { type: 'string', multiple: true },
    id: { type: 'string' },
    json: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
  },
});

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const roots = options.root ?? [PEERS];
const captures = [];
for (const root of roots) {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(isCapture).sort();
  for (const name of names) {
    const path = join(root, name);
    const findings = await findingsOf(analyze, path);
    const serious = findings.filter(({ severity }) => severity !== 'info');
    if (serious.length > 0) captures.push({ path, source: sourceOf(root, name), findings: serious });
  }
}

if (options.all) {
  const counts = new Map();
  for (const { findings } of captures)
    for (const { id, severity } of findings)
      counts.set(`${severity} ${id}`, (counts.get(`${severity} ${id}`) ?? 0) + 1);
  for (const [name, count] of [...counts].sort((x, y) => y[1] - x[1])) console.log(String(count).padStart(6), name);
} else if (options.id !== undefined) {
  for (const capture of captures)
    for (const finding of capture.findings) if (finding.id === options.id) show(capture, finding);
} else {
  const random = generator(Number(options.seed));
  const pick = (items) => items[Math.floor(random() * items.length)];
  const drawn = new Set();
  const perId = new Map();
  const wanted = Number(options.count);
  // So many tries are enough to see that there are no more.
  for (let tries = 0; drawn.size < wanted && tries < 1000 * wanted && captures.length > 0; tries++) {
    const capture = pick(captures);
    const finding = pick(capture.findings);
    if (drawn.has(finding) || (perId.get(finding.id) ?? 0) >= MOST_OF_AN_ID) continue;
    drawn.add(finding);
    perId.set(finding.id, (perId.get(finding.id) ?? 0) + 1);
    show(capture, finding);
  }
}

function show({ path, source }, finding) {
  const { id, severity, confidence, packet, stream, evidence, text } = finding;
  if (options.json) {
    console.log(JSON.stringify({ ...source, id, stream, packet, judged: '', reason: '', text }));
    return;
  }
  console.log(
    `${relative('.', path)}\n  ${severity} ${id} (${confidence}) stream ${stream} packet ${packet} evidence ${evidence.slice(0, 8).join(',')}\n  ${text}`,
  );
}

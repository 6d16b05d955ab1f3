/**
 * A reader of OpenMetrics 1.0 text that takes nothing that the standard does not allow, as far as types are used here. It
 * throws an Error that names the line.
 */
export interface MetricFamily {
  readonly type: string;
  unit: string;
  help: string | null;
  readonly samples: { name: string; labels: Readonly<Record<string, string>>; value: number }[];
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  info: ['_info'],
  histogram: ['_bucket', '_count', '_sum', '_created'],
};
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"/y;

export function parseOpenMetrics(text: string): Map<string, MetricFamily> {
  const families = new Map<string, MetricFamily>();
  let current = '';
  const seen = new Set<string>();
  if (!text.endsWith('# EOF\n')) throw new Error('the text does not end with # EOF and a line feed');
  const lines = text.slice(0, -'# EOF\n'.length).split('\n');
  if (lines.pop() !== '') throw new Error('# EOF is not a line of its own');
  for (const [index, line] of lines.entries()) {
    const fail = (reason: string): never => {
      throw new Error(`line ${index + 1}: ${reason}: ${line}`);
    };
    const [, word, name = '', rest = ''] = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line) ?? [];
    if (word !== undefined) {
      if (!NAME.test(name)) fail('no name');
      if (word === 'TYPE') {
        if (families.has(name)) fail('a second family of this name, or metadata that is not together');
        if (!(rest in SUFFIXES)) fail('unknown type');
        families.set(name, { type: rest, unit: '', help: null, samples: [] });
        current = name;
        continue;
      }
      const family = families.get(name);
      if (family === undefined || name !== current) return fail('metadata before its TYPE, or of another family');
      if (family.samples.length > 0) fail('metadata after samples');
      if (word === 'UNIT') {
        if (family.unit !== '') fail('a second UNIT');
        if (!name.endsWith(`_${rest}`)) fail('the name does not end with the unit');
        if (family.type === 'info') fail('an info has no unit');
        family.unit = rest;
      } else {
        if (family.help !== null) fail('a second HELP');
        if (/\\[^\\"n]|\\$/.test(rest.replace(/\\\\/g, ''))) fail('a stray backslash');
        family.help = rest;
      }
      continue;
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (sample === null) return fail('neither metadata nor a sample');
    const [, full, inner, number] = sample;
    const family = families.get(current);
    if (family === undefined || !full.startsWith(current)) return fail('a sample outside of its family');
    if (!SUFFIXES[family.type].includes(full.slice(current.length))) fail(`no sample of a ${family.type}`);
    if (!NUMBER.test(number)) fail('no number');
    const labels = labelsOf(inner, fail);
    const value = Number(number.replace('Inf', 'Infinity'));
    const key = `${full} ${JSON.stringify(Object.entries(labels).sort())}`;
    if (seen.has(key)) fail('twice');
    seen.add(key);
    if (family.type === 'counter' && !(value >= 0)) fail('a counter below zero');
    if (family.type === 'info' && value !== 1) fail('an info that is not 1');
    family.samples.push({ name: full, labels, value });
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family);
  return families;
}

function labelsOf(text: string | undefined, fail: (reason: string) => never): Record<string, string> {
  const labels: Record<string, string> = {};
  if (text === undefined) return labels;
  let at = 0;
  while (at < text.length) {
    LABEL.lastIndex = at;
    const match = LABEL.exec(text);
    if (match === null) return fail('wrong labels');
    const [whole, name, value] = match;
    if (name in labels) fail('a label twice');
    labels[name] = value.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
    at += whole.length;
    if (at < text.length && text[at++] !== ',') fail('no comma between labels');
  }
  return labels;
}

function checkHistogram(name: string, { samples }: MetricFamily): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const limits = buckets.map(({ labels }) => Number(labels.le.replace('Inf', 'Infinity')));
  const count = samples.find((sample) => sample.name === `${name}_count`)?.value;
  if (limits.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name}: no bucket +Inf`);
  for (const { labels } of buckets)
    if (!/^(\d+\.\d+|\+Inf)$/.test(labels.le)) throw new Error(`${name}: le="${labels.le}" is not canonical`);
  for (let i = 1; i < limits.length; i++)
    if (limits[i] <= limits[i - 1] || buckets[i].value < buckets[i - 1].value)
      throw new Error(`${name}: buckets are not cumulative`);
  if (buckets.at(-1)?.value !== count) throw new Error(`${name}: the last bucket is not the count`);
}

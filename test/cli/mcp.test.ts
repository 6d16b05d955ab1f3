import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { type CallToolResult, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOST_CHARACTERS } from '../../src/cli/mcp/page.ts';
import { scenario } from '../support/scenario.ts';
import { bin, environment, fixture, output, root } from './tcpscope.ts';

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tcpscope-mcp-')));
  for (const name of ['inside', 'inside/deeper', 'outside']) mkdirSync(join(folder, name));
});
const clients: Client[] = [];
afterAll(async () => {
  for (const client of clients) await client.close();
  rmSync(folder, { recursive: true });
});

/** A client of the SDK and the command of the project. `roots`: null for a client that gives none. */
async function connect(roots: (() => string[]) | null, folders: readonly string[] = []): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { capabilities: roots === null ? {} : { roots: { listChanged: true } } },
  );
  if (roots !== null)
    client.setRequestHandler(ListRootsRequestSchema, () => ({
      roots: roots().map((path) => ({ uri: pathToFileURL(path).href })),
    }));
  const env = environment() as Record<string, string>;
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [bin, 'mcp', ...folders], cwd: root, env }),
  );
  clients.push(client);
  return client;
}

async function call(client: Client, name: string, args: object): Promise<CallToolResult> {
  return (await client.callTool({ name, arguments: { ...args } })) as CallToolResult;
}

const textOf = ({ content }: CallToolResult): string => content.map((part) => (part as { text: string }).text).join('');
const nextOf = ({ structuredContent }: CallToolResult) => structuredContent?.nextCursor as string | null;

/** The text of an answer that is none. */
async function refusal(client: Client, name: string, args: object): Promise<string> {
  const result = await call(client, name, args);
  expect(result.isError).toBe(true);
  return textOf(result);
}

/** All pages of an answer. */
async function pages(client: Client, name: string, args: object): Promise<CallToolResult[]> {
  const all = [await call(client, name, args)];
  for (let cursor = nextOf(all[0]); cursor !== null; cursor = nextOf(all.at(-1)!))
    all.push(await call(client, name, { ...args, cursor }));
  return all;
}

/** Without the line about the next page. */
const body = (text: string) => text.replace(/\n\nThere is more: ask again with cursor \S+$/, '');

const LOSS = 'fixtures/linux-single-loss-sack.pcap';
/** Every third one is refused again after a second SYN. */
const MANY = scenario(
  {
    connections: Object.fromEntries(
      Array.from({ length: 150 }, (_, i) => [`c${i}`, { client: `10.0.0.1:${20000 + i}` }]),
    ),
  },
  Array.from({ length: 150 }, (_, i) => {
    const again = i % 3 === 0 ? `${i}.2 > S seq 0 win 1000 conn c${i}\n${i}.3 < R. seq 0 ack 1 conn c${i}\n` : '';
    return `${i}.0 > S seq 0 win 1000 conn c${i}\n${i}.1 < ${i % 2 ? 'S' : 'R'}. seq 0 ack 1 conn c${i}\n${again}`;
  }).join(''),
).pcap;

describe('tcpscope mcp', () => {
  let client: Client;
  beforeAll(async () => {
    client = await connect(() => [root]);
  });

  it('declares its tools with schemas of their arguments and answers', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'summarize_capture',
      'list_connections',
      'explain_connection',
      'get_packets',
      'check_expression',
      'compare_captures',
    ]);
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    for (const { name, inputSchema, outputSchema, annotations, description } of tools) {
      ajv.compile(inputSchema);
      ajv.compile(outputSchema!);
      expect(inputSchema.required, name).toContain('capture');
      expect(annotations, name).toEqual({ readOnlyHint: true, openWorldHint: false });
      expect(description!.length, name).toBeGreaterThan(50);
    }
  });

  it.each<[tool: string, args: object, words: string[]]>([
    ['summarize_capture', { capture: LOSS }, [LOSS]],
    [
      'summarize_capture',
      { capture: 'fixtures/tshark-16-round-trips.pcap', by: 'client' },
      ['--by', 'client', 'fixtures/tshark-16-round-trips.pcap'],
    ],
    ['explain_connection', { capture: LOSS }, ['explain', LOSS]],
    ['explain_connection', { capture: LOSS, stream: 0, lang: 'zh' }, ['explain', '--lang', 'zh', LOSS]],
    ['explain_connection', { capture: LOSS, packet: 40 }, ['explain', '--packet', '40', LOSS]],
    [
      'check_expression',
      { capture: LOSS, expression: 'handshake.complete' },
      ['check', LOSS, '--expect', 'handshake.complete'],
    ],
    [
      'compare_captures',
      { capture: LOSS, others: ['fixtures/linux-echo.pcap'] },
      ['compare', '--lines', '0', LOSS, 'fixtures/linux-echo.pcap'],
    ],
  ])('%s answers with what the command line prints: %j', async (tool, args, words) => {
    const result = await call(client, tool, args);
    expect(result.isError).toBeFalsy();
    expect(textOf(result)).toBe(output(words).trimEnd());
  });

  it('says what a condition did not find, as check does, with figures for programs', async () => {
    const args = { capture: LOSS, expression: 'retransmissions.count == 0', select: 'server.port == 5001' };
    const { structuredContent, content } = await call(client, 'check_expression', args);
    expect((content[0] as { text: string }).text).toContain('retransmissions.count is 1');
    expect(structuredContent).toMatchObject({ outcome: 'fail', checked: 1, passed: 0, cases: [{ stream: 0 }] });
    expect(await refusal(client, 'check_expression', { ...args, expression: 'handshak.complete' })).toContain(
      'did you mean handshake?',
    );
  });

  it('gives packets in pages that are together what packets prints', async () => {
    const rows = (text: string) => text.split('\n').filter((line) => /^ +\d+ /.test(line));
    const all = await pages(client, 'get_packets', { capture: LOSS, limit: 60 });
    expect(all).toHaveLength(4);
    expect(all.flatMap((page) => rows(body(textOf(page))))).toEqual(rows(output(['packets', LOSS])));
    const numbers = all.flatMap(({ structuredContent }) => structuredContent!.numbers as number[]);
    expect(numbers).toEqual(Array.from({ length: 203 }, (_, i) => i + 1));
  });

  it('gives packets as objects, those that are chosen', async () => {
    const args = { capture: LOSS, filter: 'src port 5001', first: 100, limit: 3, format: 'json' };
    const { structuredContent } = await call(client, 'get_packets', args);
    const lines = output(['packets', '--ndjson', '-f', 'src port 5001', LOSS]).trimEnd().split('\n');
    const expected = lines.map((line) => JSON.parse(line)).filter(({ number }) => number >= 100);
    expect(structuredContent!.packets).toEqual(expected.slice(0, 3));
    const problems = await call(client, 'get_packets', { capture: LOSS, problems: true });
    expect(problems.structuredContent!.numbers).toEqual(
      output(['packets', '--ndjson', '--problems', '--context', '0', LOSS])
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).number),
    );
    const none = await call(client, 'get_packets', { capture: LOSS, stream: 7 });
    expect(none.structuredContent).toMatchObject({ numbers: [], nextCursor: null });
  });

  it('lists connections in pages, in the order of the capture or ranked', async () => {
    const file = join(folder, 'inside/many.pcap');
    writeFileSync(file, MANY);
    const own = await connect(() => [join(folder, 'inside')]);
    const streams = async (args: object) => {
      const all = await pages(own, 'list_connections', { capture: 'many.pcap', limit: 40, ...args });
      return {
        totals: [...new Set(all.map(({ structuredContent }) => structuredContent!.total))],
        streams: all.flatMap(({ structuredContent }) =>
          (structuredContent!.connections as { stream: number }[]).map(({ stream }) => stream),
        ),
      };
    };
    const reported = (...options: string[]): { stream: number; packets: number }[] =>
      JSON.parse(output(['--json', ...options, file])).connections;
    const given = (list: readonly { stream: number }[]) => ({
      totals: [list.length],
      streams: list.map(({ stream }) => stream),
    });
    const all = reported();
    expect(all.length).toBeGreaterThan(100);
    expect(await streams({})).toEqual(given(all));
    const ranked = [...all].sort((a, b) => b.packets - a.packets || a.stream - b.stream);
    expect(await streams({ sort: 'packets' })).toEqual(given(ranked));
    const filter = 'tcp[tcpflags] & tcp-rst != 0';
    expect(await streams({ filter })).toEqual(given(reported('-f', filter)));
  });

  it('keeps each answer short', async () => {
    for (const [tool, args] of [
      ['get_packets', { limit: 200, format: 'json' }],
      ['list_connections', { limit: 100 }],
      ['summarize_capture', { top: 50 }],
    ] as const) {
      const result = await call(client, tool, { capture: LOSS, ...args });
      expect(textOf(result).length, tool).toBeLessThanOrEqual(MOST_CHARACTERS + 200);
      if (tool === 'get_packets') expect(nextOf(result)).not.toBeNull();
    }
  });

  it('refuses cursors of other questions, and of a capture that has changed', async () => {
    const file = join(folder, 'inside/growing.pcap');
    copyFileSync(fixture('linux-single-loss-sack.pcap'), file);
    const own = await connect(() => [join(folder, 'inside')]);
    const args = { capture: 'growing.pcap', limit: 5 };
    const cursor = nextOf(await call(own, 'get_packets', args))!;
    expect((await call(own, 'get_packets', { ...args, cursor })).structuredContent!.numbers).toEqual([6, 7, 8, 9, 10]);
    expect(await refusal(own, 'get_packets', { ...args, limit: 6, cursor })).toContain('other arguments');
    expect(await refusal(own, 'list_connections', { ...args, cursor })).toContain('other arguments');
    expect(await refusal(own, 'get_packets', { ...args, cursor: 'x' })).toContain('nextCursor');
    appendFileSync(file, 'x');
    expect(await refusal(own, 'get_packets', { ...args, cursor })).toContain('has changed');
  });

  it('says what is wrong with arguments and captures, and goes on', async () => {
    expect(await refusal(client, 'get_packets', { capture: LOSS, limit: 201 })).toContain('limit must be <= 200');
    expect(await refusal(client, 'get_packets', { capture: LOSS, limits: 1 })).toContain('additional properties');
    expect(await refusal(client, 'get_packets', {})).toContain('capture');
    expect(await refusal(client, 'get_packets', { capture: LOSS, filter: 'prot 80' })).toContain('filter');
    expect(await refusal(client, 'explain_connection', { capture: LOSS, stream: 1 })).toContain('there is no stream 1');
    expect(await refusal(client, 'explain_connection', { capture: LOSS, packet: 999 })).toContain('203 packets');
    expect(await refusal(client, 'summarize_capture', { capture: 'README.md' })).toContain('README.md');
    await expect(call(client, 'no_such_tool', { capture: LOSS })).rejects.toThrow('there is no tool no_such_tool');
    expect((await call(client, 'summarize_capture', { capture: LOSS })).isError).toBeFalsy();
  });

  it('tells of damage as the command line does', async () => {
    const file = join(folder, 'inside/cut.pcap');
    copyFileSync(fixture('linux-single-loss-sack.pcap'), file);
    spawnSync('truncate', ['-s', '5000', file]);
    const own = await connect(() => [join(folder, 'inside')]);
    for (const tool of ['summarize_capture', 'list_connections', 'explain_connection', 'get_packets'])
      expect(textOf(await call(own, tool, { capture: 'cut.pcap' })), tool).toMatch(/^warning: cut\.pcap: .* at byte /m);
  });
});

describe('what may be read', () => {
  const place = (...names: string[]) => join(folder, ...names);
  const summary = (client: Client, capture: string) => call(client, 'summarize_capture', { capture });

  beforeAll(() => {
    for (const name of ['inside/a.pcap', 'inside/deeper/b.pcap', 'outside/secret.pcap'])
      copyFileSync(fixture('linux-echo.pcap'), place(name));
    symlinkSync(place('outside/secret.pcap'), place('inside/leak.pcap'));
    symlinkSync(place('outside'), place('inside/way-out'));
    symlinkSync(place('inside/a.pcap'), place('inside/alias.pcap'));
    symlinkSync(place('inside'), place('by-link'));
    spawnSync('mkfifo', [place('inside/pipe')]);
  });

  it('is what lies inside the roots, by any name of it', async () => {
    const client = await connect(() => [place('inside')]);
    const uri = pathToFileURL(place('inside/a.pcap')).href;
    for (const name of ['a.pcap', 'deeper/b.pcap', 'deeper/../a.pcap', 'alias.pcap', place('inside/a.pcap'), uri])
      expect((await summary(client, name)).isError, name).toBeFalsy();
    const byLink = await connect(() => [place('by-link')]);
    for (const name of ['a.pcap', place('inside/a.pcap'), place('by-link/a.pcap')])
      expect((await summary(byLink, name)).isError, name).toBeFalsy();
  });

  it('is nothing outside, whether it is there or not, and no way leads there', async () => {
    const client = await connect(() => [place('inside')]);
    for (const name of [
      place('outside/secret.pcap'),
      place('outside/nothing.pcap'),
      '../outside/secret.pcap',
      'leak.pcap',
      'way-out/secret.pcap',
      pathToFileURL(place('outside/secret.pcap')).href,
      place('by-link/a.pcap'),
      place('inside-not/a.pcap'),
      '/etc/passwd',
    ])
      expect(await refusal(client, 'summarize_capture', { capture: name }), name).toBe(
        `${name}: lies outside the folders that may be read: ${place('inside')}`,
      );
    for (const [name, reason] of [
      ['nothing.pcap', 'no such file'],
      ['deeper', 'is not a regular file'],
      ['pipe', 'is not a regular file'],
      ['file://elsewhere/a.pcap', 'is not the URI of a file'],
    ])
      expect(await refusal(client, 'summarize_capture', { capture: name }), name).toBe(`${name}: ${reason}`);
  });

  it('follows the roots as they change', async () => {
    let roots = [place('inside')];
    const client = await connect(() => roots);
    expect((await summary(client, place('outside/secret.pcap'))).isError).toBe(true);
    roots = [place('outside')];
    await client.sendRootsListChanged();
    expect((await summary(client, 'secret.pcap')).isError).toBeFalsy();
    expect((await summary(client, place('inside/a.pcap'))).isError).toBe(true);
  });

  it('is what the command line names where the client gives no roots, and both where it does', async () => {
    const none = await connect(null);
    expect(await refusal(none, 'summarize_capture', { capture: place('inside/a.pcap') })).toContain(
      'no folder to read from',
    );
    const named = await connect(null, [place('inside')]);
    expect((await summary(named, 'a.pcap')).isError).toBeFalsy();
    expect((await summary(named, place('outside/secret.pcap'))).isError).toBe(true);
    const both = await connect(() => [folder], [place('inside')]);
    expect((await summary(both, 'inside/a.pcap')).isError).toBeFalsy();
    expect((await summary(both, 'outside/secret.pcap')).isError).toBe(true);
  });
});

it('ends when the client hangs up', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'mcp'], {
    input: '',
    encoding: 'utf8',
    env: environment(),
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});

import { describe, expect, it } from 'vitest';
import { ip4, pcapFile, tcp } from '../render/packets.ts';
import { scratch } from '../support/scratch.ts';
import { warm, warmOutput } from '../support/warm.ts';

const { file } = scratch();
const LINK_RAW = 101;
const CLIENT = { source: 0x0a000001, destination: 0x0a000002 };
const SERVER = { source: 0x0a000002, destination: 0x0a000001 };
const [SYN, PSH, ACK] = [2, 8, 16];
const NOW = 1_700_000_000_000_000_000n;

/** Two requests and their answers, of 100 bytes each, at these times (ms). */
function capture(name: string, times: readonly number[], start = NOW): string {
  const sent = (isClient: boolean, flags: number, seq: number, ack: number, length = 0) => {
    const ports = isClient ? { source: 40000, destination: 80 } : { source: 80, destination: 40000 };
    const payload = new Array<number>(length).fill(65);
    return ip4(isClient ? CLIENT : SERVER, tcp({ ...ports, flags, seq, ack, payload, window: 60_000 }));
  };
  const packets = [
    sent(true, SYN, 0, 0),
    sent(false, SYN | ACK, 0, 1),
    sent(true, ACK, 1, 1),
    sent(true, PSH | ACK, 1, 1, 100),
    sent(false, ACK, 1, 101),
    sent(false, PSH | ACK, 1, 101, 100),
    sent(true, ACK, 101, 101),
    sent(true, PSH | ACK, 101, 101, 100),
    sent(false, PSH | ACK, 101, 201, 100),
    sent(true, ACK, 201, 201),
  ];
  const timed = packets.map((bytes, i) => ({ bytes, time: start + BigInt(Math.round(times[i] * 1e6)) }));
  return file(`${name}.pcap`, pcapFile(LINK_RAW, timed));
}

/** The server thinks for two seconds before the second answer. */
const SLOW = [0, 20, 20.1, 21, 41, 42, 42.1, 50, 2070, 2070.1];
const EVEN = SLOW.map((_, i) => 100 * i);

async function told(path: string) {
  const json = JSON.parse(await warmOutput(['--json', path]));
  const screen = (await warmOutput([path])).replaceAll(/\s+/g, ' ');
  const story = (await warmOutput(['explain', path])).replaceAll(/\s+/g, ' ');
  return { summary: json.summary, screen, story };
}

describe('times that no clock gave', () => {
  it('accuse nobody of time', async () => {
    const { summary, screen, story } = await told(capture('even', EVEN));
    expect(summary.trust.times).toBe('invented');
    expect(summary.statements).toMatchObject([{ key: 'unknowable' }]);
    expect([summary.kinds, summary.worst, summary.time.ms]).toEqual([[], [], 0]);
    expect(screen).toContain(
      'The capture cannot show where the time of the connection went: no one clock gave its times.',
    );
    expect(screen).toContain('The client asked twice, 200 B in all, and got 200 B back.');
    expect(story).toContain('No one clock gave the times of the capture, so they do not show where time went.');
    for (const text of [screen, story]) expect(text).not.toMatch(/Where the time went|waited|thought|Lost:/);
  });

  it('are told from those of a clock', async () => {
    const { summary, screen, story } = await told(capture('slow', SLOW));
    expect(summary.trust.times).toBe('clock');
    expect(summary.statements).toMatchObject([{ key: 'cost', kind: 'server-thinking' }]);
    expect(screen).toContain('waited 2.00 s for the server to begin its answers');
    expect(story).toContain('the server thought for 2.00 s');
    const uneven = EVEN.map((time, i) => time + Number(i === 8));
    expect((await told(capture('uneven', uneven))).summary.trust.times).toBe('clock');
  });

  it('tell nothing of how long an exchange took, and leave what does not last', async () => {
    const exchanges = async (path: string) => {
      const { stdout, stderr } = await warm(['exchanges', '--ndjson', path]);
      const rows = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      return { rows, stderr };
    };
    const { rows, stderr } = await exchanges(capture('even', EVEN));
    expect(stderr).toContain('no one clock gave the times of the capture: how long anything took is not known');
    expect(rows.map(({ requestBytes, answerBytes }) => [requestBytes, answerBytes])).toEqual([
      [100, 100],
      [100, 100],
    ]);
    for (const { thinkingMs, firstByteMs, durationMs, transferMs, bitsPerSecond, limitedBy } of rows) {
      const told = [
        thinkingMs.client,
        thinkingMs.server,
        firstByteMs,
        durationMs,
        transferMs,
        bitsPerSecond,
        limitedBy,
      ];
      expect(new Set(told)).toEqual(new Set([null]));
    }
    const slow = await exchanges(capture('slow', SLOW));
    expect(slow.stderr).not.toContain('no clock');
    expect(Math.round(slow.rows[1].thinkingMs.server)).toBe(2000);
  });

  it('are not compared with those of another run', async () => {
    const compare = async (before: string, after: string) => {
      const { stdout, stderr } = await warm(['compare', '--runs', '--json', before, after]);
      return {
        figures: JSON.parse(stdout).services.flatMap(({ figures }: { figures: { figure: string }[] }) =>
          figures.map(({ figure }) => figure),
        ),
        stderr,
      };
    };
    const even = await compare(capture('slow', SLOW), capture('even', EVEN));
    expect(even.stderr).toContain('how long anything took is not compared');
    expect(new Set(even.figures)).toEqual(new Set(['retransmissions']));
    expect((await compare(capture('slow', SLOW), capture('again', SLOW))).figures).toContain('server-thinking');
  });

  it('leave open in a check what measures time, and nothing else', async () => {
    const ofTime = [
      'duration < 10s',
      'max(rtt) < 10s',
      'client.goodput < 1Mbit/s',
      'capture.duration > 0s',
      'flows.all(f, f.duration < 10s)',
      'eventually(payload > 0, within: 10s)',
      'followed_by(flags.syn, payload > 0, within: 10s)',
    ];
    const others = [
      'eventually(payload > 0)',
      'client.payload_bytes == 200',

      'handshake.complete',
    ];
    const outcomes = async (path: string, ...options: string[]) => {
      const args = [...ofTime, ...others].flatMap((condition) => ['--expect', condition]);
      const { stdout } = await warm(['check', '--report', 'json', ...options, ...args, path]);
      const { results } = JSON.parse(stdout) as {
        results: { assertion: string; outcome: string; cases: { reason: string }[] }[];
      };
      return Object.fromEntries(
        results.map(({ assertion, outcome, cases }) => [assertion, cases[0]?.reason ?? outcome]),
      );
    };
    const all = (conditions: string[], outcome: string) => Object.fromEntries(conditions.map((one) => [one, outcome]));
    const even = capture('even', EVEN);
    const decided = all([...ofTime, ...others], 'pass');
    expect(await outcomes(capture('slow', SLOW))).toEqual(decided);
    expect(await outcomes(even)).toEqual({ ...decided, ...all(ofTime, 'no one clock gave the times of the capture') });
    expect(await outcomes(even, '--on-incomplete', 'ignore')).toEqual(decided);
  });

  it('give no figures of time to a baseline, and are not held against those of one', async () => {
    const [slow, even] = [capture('slow', SLOW), capture('even', EVEN)];
    const figures = async (path: string) => {
      const { stdout, stderr } = await warm(['baseline', 'save', path]);
      return { all: JSON.parse(stdout).all as Record<string, number | null>, stdout, stderr };
    };
    const [before, after] = [await figures(slow), await figures(even)];
    const unknown = Object.keys(after.all).filter((metric) => after.all[metric] === null);
    const ofTime = Object.keys(after.all).filter((metric) =>
      /^(rtt|handshake|duration|budget|goodput|zero_window|exchanges\.(server|duration))/.test(metric),
    );
    expect(ofTime.length).toBeGreaterThan(10);
    expect(unknown).toEqual(ofTime);
    expect(before.all).toMatchObject({ 'duration.p95': 2070.1, 'exchanges.count': 2 });
    expect(after.all['exchanges.count']).toBe(2);
    expect(after.stderr).toContain('the baseline says nothing of time: no one clock gave the times of the capture');
    expect(before.stderr).toBe('');
    const judged = async (path: string, base: string, metric: string) => {
      const { stdout } = await warm([
        ...['check', '--report', 'json', '--baseline', file('base.json', base)],
        ...['--max-regression', `${metric}=20%`, path],
      ]);
      const [{ outcome, cases }] = JSON.parse(stdout).results;
      return cases[0]?.reason ?? outcome;
    };
    expect(await judged(even, before.stdout, 'duration.p95')).toBe('no one clock gave the times of the capture');
    expect(await judged(even, after.stdout, 'rtt.p95')).toBe('no one clock gave the times of the capture');
    expect(await judged(even, before.stdout, 'packets')).toBe('pass');
    expect(await judged(slow, before.stdout, 'duration.p95')).toBe('pass');
    expect(await judged(slow, after.stdout, 'duration.p95')).toBe('duration.p95 is not known on both sides');
  });

  it('are left open in a script, which holds of any', async () => {
    const [slow, even] = [capture('slow', SLOW), capture('even', EVEN)];
    const script = async (path: string) => {
      const { stdout, stderr } = await warm(['script', path]);
      const lines = stdout.split('\n').filter((line) => / [<>] /.test(line) && !line.startsWith('//'));
      return { stdout, stderr, times: lines.map((line) => line.split(' ')[0]) };
    };
    const open = await script(even);
    expect(open.times).toEqual(Array(10).fill('*'));
    expect(open.stderr).toContain('no one clock gave the times of the capture: the script leaves them open');
    const timed = await script(slow);
    expect(timed.times).toContain('+2.02');
    expect(timed.stderr).toBe('');
    const rules = (text: string) => {
      const assertion = `    assert:\n      - script: |\n${text.trim().replaceAll(/^/gm, '          ')}\n`;
      return file('rules.yaml', `version: 1\nflows:\n  - name: f\n    select: "true"\n${assertion}`);
    };
    const status = async (text: string) => (await warm(['check', '--rules', rules(text), slow])).status;
    expect([await status(open.stdout), await status(timed.stdout)]).toEqual([0, 0]);
  });

  it('and from those of a clock that is coarse, or was not set', async () => {
    const seconds = SLOW.map((time) => 1000 * Math.floor(time / 1000));
    const coarse = await told(capture('coarse', seconds));
    expect(coarse.summary.trust.times).toBe('whole-seconds');
    expect(coarse.screen).toContain('the times are whole seconds');
    expect(coarse.screen).toContain('waited 2.00 s for the server to begin its answers');
    const unset = await told(capture('unset', SLOW, 1_000_000n));
    expect(unset.summary.trust.times).toBe('unset');
    expect(unset.screen).toContain('the clock was not set, or the times of the capture are invented');
    expect(unset.screen).toContain('waited 2.00 s for the server to begin its answers');
  });
});

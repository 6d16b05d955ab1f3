import { describe, expect, it } from 'vitest';
import { tcpscope } from './tcpscope.ts';

/** What somebody types who knows tcpdump or tshark, and what the answer must name. */
const CASES = [
  [['-i', 'eth0'], 'tcpdump -U -i eth0 -w - | tcpscope packets -'],
  [['-ieth0'], 'tcpdump -U -i eth0 -w - | tcpscope packets -'],
  [['packets', '--interface=lo'], 'tcpdump -U -i lo -w -'],
  [['-D'], 'tcpdump -D lists the interfaces'],
  [['-w', 'out.pcap', 'x.pcap'], 'tcpscope packets -w out.pcap'],
  [['-B', '4096'], 'which tcpdump does'],
  [['-v', 'x.pcap'], 'tcpscope packets -v'],
  [['-F', 'filter.txt'], '-f "$(cat filter.txt)"'],
  [['-Y', 'tcp.stream == 4', 'x.pcap'], '--stream 4'],
  [['-Y', 'tcp.analysis.retransmission', 'x.pcap'], "--select 'verdict == retransmission'"],
  [['-Y', 'ip.addr == 10.0.0.1', 'x.pcap'], "-f 'host 10.0.0.1'"],
  [['-Y', 'http', 'x.pcap'], "-f 'port 443'"],
  [['-R', 'tcp.flags.reset == 1', 'x.pcap'], 'tcp-rst'],
  [['-z', 'conv,tcp'], 'tcpscope --all'],
  [['-q', '-z', 'follow,tcp,ascii,3'], 'tcpscope follow --stream 3'],
  [['-z', 'expert'], 'packets --problems'],
  [['-i', 'eth0', '-w', 'out.pcap'], 'tcpdump -i eth0 -w out.pcap, and then tcpscope out.pcap'],
  [['-w', 'out.pcap', '-i', 'any'], 'tcpdump -i any -w out.pcap, and then tcpscope out.pcap'],
  [['-ni', 'any', 'port', '80'], 'tcpdump -U -i any -w - | tcpscope packets -'],
  [['-e', 'x.pcap'], 'tcpscope packets -e'],
  [['-vvv', 'x.pcap'], 'tcpscope packets -vvv'],
  [['-X', 'x.pcap'], 'tcpscope packets -X'],
  [['-A', 'x.pcap'], 'tcpscope packets -A'],
  [['-ttt', 'x.pcap'], 'tcpscope packets -ttt'],
  [['-nnvvXS', 'x.pcap'], 'tcpscope packets -nnvvXS'],
  [['-V', 'x.pcap'], 'tcpscope packets -v prints packets in detail'],
  [['packets', '-V', 'x.pcap'], 'tcpscope packets -v prints packets in detail'],
  [['packets', '-t', 'ad', 'x.pcap'], 'tcpscope packets -tttt'],
  [['packets', '-t', 'd', '-r', 'x.pcap'], 'tcpscope packets -ttt'],
  [['-u', 's', 'x.pcap'], '-ttttt have the times of tcpdump'],
  [['-b', 'filesize:100'], 'which tcpdump does'],
  [['-Q', 'in'], 'which tcpdump does'],
  [['--immediate-mode'], 'which tcpdump does'],
  [['-L'], 'which tcpdump does'],
  [[''], 'the name of a capture is empty'],
  [['fixtures/linux-echo.pcap', ''], 'the name of a capture is empty'],
  [['host', '10.0.0.1'], 'name one, or - for standard input, before host 10.0.0.1'],
  [['packets', 'tcp', 'port', '80'], 'before tcp port 80'],
  [['check', '--update', 'x.pcap'], 'tcpscope baseline compare base.json CAPTURE --update'],
  [['diagram', '--since', '1', 'x.pcap'], 'flow, graph, follow and explain --full'],
  [['-T', 'fields', '-e', 'ip.src'], '--fields list'],
  [['-Tjson'], '--ndjson'],
] as const;

describe('options of tcpdump and tshark', () => {
  it.each(CASES)('%j: what to type instead', (args, advice) => {
    const { status, stdout, stderr } = tcpscope(args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.split('\n')[0]).toContain(advice);
  });

  it('that mean the same here are taken', () => {
    const capture = 'fixtures/linux-echo.pcap';
    for (const args of [
      ['-nn', capture],
      ['-nr', capture],
      ['-s', '0', capture],
      ['packets', '-nnvvXSs', '1514', '-c1', capture],
    ])
      expect(tcpscope(args)).toMatchObject({ status: 0, stderr: '' });
    expect(tcpscope(['-V']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('are shown with what controls a terminal made harmless', () => {
    expect(tcpscope(['-w', '\u001b[2J', 'x.pcap']).stderr).not.toContain('\u001b');
  });

  it('that nobody knows get no advice but the nearest name', () => {
    expect(tcpscope(['--jsom', 'x']).stderr).toContain('Did you mean --json?');
    expect(tcpscope(['--zzz', 'x']).stderr.split('\n')[0]).toMatch(/unknown option '--zzz'$/);
  });
});

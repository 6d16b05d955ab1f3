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

  it('that nobody knows get no advice but the nearest name', () => {
    expect(tcpscope(['--jsom', 'x']).stderr).toContain('Did you mean --json?');
    expect(tcpscope(['--zzz', 'x']).stderr.split('\n')[0]).toMatch(/unknown option '--zzz'$/);
  });
});

// Reads a capture with pcap-parser and does nothing with it: what reading alone costs there.
import pcapParser from 'pcap-parser';

let packets = 0;
let bytes = 0;
pcapParser
  .parse(process.argv[2])
  .on('packet', ({ data }) => {
    packets++;
    bytes += data.length;
  })
  .on('error', (error) => {
    throw error;
  })
  .on('end', () => console.log(`${packets} packets, ${bytes} bytes`));

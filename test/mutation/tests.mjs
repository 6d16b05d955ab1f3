import { readdirSync } from 'node:fs';

/** Tests that take too long for this. */
const LEFT_OUT = {
  verdict: ['independence', 'depth'],
  tcp: ['reassembler-bounds', 'reassembler-corpus', 'reassembler-mutation', 'reassembler-property'],
  congestion: ['sender', 'others'],
  detect: ['corpus', 'damaged', 'limits'],
};

/** Paths of the test files that can notice a change in a folder. */
export function testsOf(folder) {
  const leftOut = LEFT_OUT[folder] ?? [];
  return readdirSync(`test/${folder}`)
    .filter((name) => name.endsWith('.test.ts') && !leftOut.includes(name.slice(0, -'.test.ts'.length)))
    .map((name) => `test/${folder}/${name}`);
}

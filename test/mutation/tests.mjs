/** The tests that can notice a change in a folder: in stages, what is fast or near first. Slow ones are left out. */
const TESTS = {
  verdict: [
    [
      'thresholds',
      'units',
      'causes',
      'fates',
      'excuses',
      'contradictions',
      'late-syn',
      'recent',
      'sorted-ranges',
      'without-ack',
    ],
    ['tshark-cases'],
  ],
  tcp: [
    ['thresholds', 'tracker', 'states', 'transitions', 'reassembler', 'history', 'waiting-bytes'],
    ['reassembler-overlap', 'reassembler-peers'],
  ],
  congestion: [
    [
      'thresholds',
      'controllers',
      'evidence',
      'fit',
      'hystart-plus-plus',
      'bottleneck',
      'rate-based',
      'sender-view',
      'pauses',
      'report',
    ],
    ['scripts', 'kernel'],
    ['sender'],
  ],
  detect: [
    [
      'facts',
      'thresholds',
      'findings',
      'header-bits',
      'hosts',
      'isn',
      'capture-facts',
      'capture-order',
      'missed-by-capture',
      'syn-flood',
      'weighing',
    ],
    ['details', 'collector', 'damaged', 'limits'],
  ],
  budget: [['thresholds', 'spans'], ['partition']],
};

/** Stages of paths of test files; throws for a folder that has none. */
export function testsOf(folder) {
  const stages = TESTS[folder];
  if (stages === undefined) throw new Error(`No tests for src/${folder}; known: ${Object.keys(TESTS).join(', ')}`);
  return stages.map((names) => names.map((name) => `test/${folder}/${name}.test.ts`));
}

#!/usr/bin/env node
import module from 'node:module';

// Node 22 keeps what it has compiled for the next start, as tsc and npm have it do; older ones know nothing of it.
module.enableCompileCache?.();

import('../dist/bundle/main.js').then(
  ({ main }) => main(process.argv.slice(2)),
  (error) => {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist')) throw error;
    process.stderr.write('tcpscope: not built yet (dist/ is missing). Run: npm run build\n');
    process.exitCode = 3;
  },
);

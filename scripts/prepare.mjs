// Builds dist/ after `npm ci`. Without the development dependencies (npm ci --omit=dev) there is no compiler and nothing
// to build: the published package already carries dist/.
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);
try {
  resolve('typescript/bin/tsc');
  resolve('rolldown');
} catch {
  console.error('tcpscope: the development dependencies are not installed, dist/ is not built');
  process.exit(0);
}
await import('./build.mjs');

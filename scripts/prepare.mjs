// Builds dist/ after `npm ci`, unless it is current: npx runs this too, each time it meets the folder anew. Without the development dependencies (npm ci --omit=dev) there is no compiler and nothing
// to build: the published package already carries dist/.
import { createRequire } from 'node:module';
import { isCurrent } from './stamp.mjs';

if (isCurrent()) {
  console.error('tcpscope: dist/ is current, nothing to build');
  process.exit(0);
}
const { resolve } = createRequire(import.meta.url);
try {
  resolve('typescript/bin/tsc');
  resolve('rolldown');
} catch {
  console.error('tcpscope: the development dependencies are not installed, dist/ is not built');
  process.exit(0);
}
console.error('tcpscope: building dist/ from src/ (some seconds; once)');
await import('./build.mjs');

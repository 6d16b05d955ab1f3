import { it } from 'vitest';
import { simulate } from './simulate.ts';
it('x', () => { (globalThis as any).LIM = 6000; try { simulate(JSON.parse(process.env.SIM!)); } catch (e) { console.log(String(e)); } });

// Lets Node.js itself import the sources, without their types: `native-sources-hooks.mjs`.
import { register } from 'node:module';

register(new URL('native-sources-hooks.mjs', import.meta.url));

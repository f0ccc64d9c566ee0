import { ensureBundled } from '../bundled.ts';

/** Asks for the starter in the home argv[2], made from argv[3]. */
await ensureBundled(process.argv[2], 'starter', {}, process.argv[3]);

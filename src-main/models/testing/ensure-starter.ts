import { ensureStarter } from '../starter.ts';

/** Asks for the starter in the home argv[2], made from argv[3]. */
await ensureStarter(process.argv[2], {}, process.argv[3]);

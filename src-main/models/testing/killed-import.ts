import { importModel } from '../import-model.ts';

/** Imports argv[2] into the home argv[3] and dies amid the first weights, as on a power cut. */
await importModel(
  { sourceDir: process.argv[2], id: 'killed', precision: 'fp32', home: process.argv[3] },
  { onProgress: () => process.kill(process.pid, 'SIGKILL') },
);

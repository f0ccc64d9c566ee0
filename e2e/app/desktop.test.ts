import { describeFlow } from './flow.ts';
import { openInElectron } from './program.ts';
import { findElectron } from './runtimes.ts';

describeFlow('an edit in the desktop program', findElectron(), openInElectron);

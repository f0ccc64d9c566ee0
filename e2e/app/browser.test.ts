import { describeFlow } from './flow.ts';
import { openInBrowser } from './program.ts';
import { findChromium } from './runtimes.ts';

describeFlow('an edit in the browser, through serve', findChromium(), openInBrowser);

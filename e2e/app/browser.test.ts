import { describeFlow } from './flow.ts';
import { describePlayingKeys } from './playing-keys.ts';
import { openInBrowser } from './program.ts';
import { findChromium } from './runtimes.ts';

describeFlow('an edit in the browser, through serve', findChromium(), openInBrowser);
describePlayingKeys('keys and playhead in the browser', findChromium(), openInBrowser);

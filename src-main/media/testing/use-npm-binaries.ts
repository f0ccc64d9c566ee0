import { findBinaries } from '../binaries.ts';

/**
 * Before each file of the unit tests, and of those of the whole program that import it, in its own process, so that no
 * other inherits it: whoever does not choose runs npm's ffmpeg and ffprobe. They are linked statically and start in 5 ms of processor time; a
 * distribution's load two hundred libraries, which takes 70 ms for each of thousands of starts.
 * Tests that must hold with the system's as well run over `toolchains`.
 */
const { ffmpeg, ffprobe } = await findBinaries({ PATH: '' });
process.env['FFMPEG_PATH'] = ffmpeg.path;
process.env['FFPROBE_PATH'] = ffprobe.path;

import { findBinaries } from '../binaries.ts';

/**
 * For the unit tests of `src-main`, and for those files of the whole program that import it, each in a process of its own, so
 * that no other inherits it: whoever does not choose runs npm's ffmpeg and ffprobe. They are linked statically and start in 5 ms of processor time; a
 * distribution's load two hundred libraries, which takes 70 ms for each of thousands of starts.
 * Tests that must hold with the system's as well run over `toolchains`.
 */
const { ffmpeg, ffprobe } = await findBinaries({ PATH: '' });
process.env['FFMPEG_PATH'] = ffmpeg.path;
process.env['FFPROBE_PATH'] = ffprobe.path;

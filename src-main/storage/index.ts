export { availableBytes, requireDiskSpace, toUserError } from './disk.ts';
export { downloadFile, type Downloaded, type DownloadOptions, type Verification } from './download.ts';
export { hashFile } from './hash-file.ts';
export { isProcessAlive } from './process-alive.ts';

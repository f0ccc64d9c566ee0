export { HetcutError, usageError, cancelledError, type ExitCode } from './hetcut-error.ts';

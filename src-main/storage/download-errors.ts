import { HetcutError } from '../../src-shared/core/errors/index.ts';

const kinds = {
  failed: {
    text: 'cannot be downloaded',
    hint: 'Check the connection and, where one is needed, HTTPS_PROXY; run the same again: it continues where it stopped. Without a connection, bring the file and give its path.',
  },
  changed: {
    text: 'the file was changed on the server while it was being downloaded',
    hint: 'Run the same again: it starts anew.',
  },
  length: {
    text: 'the file has another length than it should',
    hint: 'The server or a proxy on the way alters it: use another source address, or bring the file by other means.',
  },
  damaged: {
    text: 'the file is not what it should be',
    hint: 'It was damaged on the way or is another file. It was removed: run the same again, or use another source address.',
  },
} as const;

/** `cause`: a reason in words, or what the network threw. */
export function failureOf(kind: keyof typeof kinds, url: string, cause?: unknown): HetcutError {
  const { text, hint } = kinds[kind];
  const reason = cause instanceof Error ? networkReason(cause) : cause;
  return new HetcutError(
    `download-${kind}`,
    `${url}: ${text}${typeof reason === 'string' ? ` (${reason})` : ''}.`,
    // A part of no use is not continued.
    { hint, cause, details: kind === 'failed' ? {} : { discard: true } },
  );
}

/** Names that the system gives, in words where people meet them. */
function networkReason(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the server’s name is not known here';
  if (code === 'ECONNREFUSED') return 'the server does not take connections';
  if (code === 'ECONNRESET') return 'the connection ended amid the file';
  return error.message;
}

/** What a status other than success means; one that may pass is a plain error, to be tried again. */
export function statusFailure(url: string, status: number): Error {
  if (status >= 500 || status === 408 || status === 429) return new Error(`the server answers ${status}`);
  if (status === 401 || status === 403) {
    return new HetcutError('download-refused', `${url}: the server refuses it (status ${status}).`, {
      hint: 'The file may need a licence to be accepted or an account: download it in a browser and give its path.',
    });
  }
  const missing = status === 404 || status === 410;
  return new HetcutError(
    missing ? 'download-missing' : 'download-refused',
    `${url}: ${missing ? 'the server has no such file' : 'the server does not send it'} (status ${status}).`,
    { hint: 'Check the source address.' },
  );
}

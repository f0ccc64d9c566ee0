import type { HttpAnswer } from './http-request.ts';

/** What a server states of a file. */
export interface Statement {
  /** Size of the whole file in bytes. */
  readonly total?: number;
  /** Size that a repository keeps of the file that it sends one elsewhere for. */
  readonly linkedBytes?: number;
  /** A strong ETag, else the date of the last change: the same as long as the file is the same. */
  readonly validator?: string;
  /** Hexadecimal SHA-256 that the server states. */
  readonly sha256?: string;
}

const hexDigest = /^(?:W\/)?"?([0-9a-f]{64})"?$/i;

/** RFC 9530 and its forerunner: `sha-256=:base64:`, `sha-256=base64`. */
function fromDigest(header: string | undefined): string | undefined {
  const [, base64] = /sha-256=:?([A-Za-z0-9+/]{43}=):?/i.exec(header ?? '') ?? [];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex');
}

/**
 * Reads an answer's headers. A repository of models names, on the way to where a file lies, its SHA-256 as
 * `x-linked-etag` and its size as `x-linked-size`; stores often use the SHA-256 as ETag.
 */
export function describeAnswer(answer: HttpAnswer): Statement & { readonly from?: number } {
  const { headers } = answer.body;
  const [, first, rangeTotal] = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
  const length = headers['content-length'];
  const total =
    answer.status === 200
      ? length === undefined
        ? undefined
        : Number(length)
      : rangeTotal === undefined
        ? undefined
        : Number(rangeTotal);
  const { etag, 'last-modified': changed } = headers;
  const validator = etag !== undefined && !etag.startsWith('W/') ? etag : changed;
  const sha256 =
    hexDigest.exec(answer.header('x-linked-etag') ?? '')?.[1].toLowerCase() ??
    fromDigest(answer.header('repr-digest') ?? answer.header('digest')) ??
    hexDigest.exec(etag ?? '')?.[1].toLowerCase();
  const linked = Number(answer.header('x-linked-size') ?? NaN);
  return {
    ...(total === undefined ? {} : { total }),
    ...(Number.isSafeInteger(linked) ? { linkedBytes: linked } : {}),
    ...(validator === undefined ? {} : { validator }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(first === undefined ? {} : { from: Number(first) }),
  };
}

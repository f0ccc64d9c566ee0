import { randomBytes, timingSafeEqual } from 'node:crypto';

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function readCookie(header: string | undefined, name: string): string {
  for (const pair of (header ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name) return value ?? '';
  }
  return '';
}

/** Headers of a request that say who asks. */
export interface Asker {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly cookie?: string | undefined;
}

/**
 * Who may talk to the server: the browser that was opened with the address that was printed. Its token can be used
 * once, and is exchanged for a cookie. Any page of the web can send requests to 127.0.0.1, hence the rest: the name
 * in `Host` must be this machine's (another name may point here: DNS rebinding), and `Origin` the page's own.
 */
export class SessionGate {
  /** For the printed address. */
  readonly token = randomBytes(32).toString('base64url');
  readonly #session = randomBytes(32).toString('base64url');
  readonly #hosts: ReadonlySet<string>;
  // Cookies know no ports: two servers must not take each other's.
  readonly #cookieName: string;
  #tokenUsed = false;

  constructor(port: number) {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
    this.#cookieName = `hetcut-${port}`;
  }

  /** The cookie to be set, once, for the right token; else undefined. */
  exchange(token: string): string | undefined {
    if (this.#tokenUsed || !isSame(token, this.token)) return undefined;
    this.#tokenUsed = true;
    return `${this.#cookieName}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  isFromHere({ host, origin }: Asker): boolean {
    if (host === undefined || !this.#hosts.has(host)) return false;
    return origin === undefined || origin === `http://${host}`;
  }

  isKnown({ cookie }: Asker): boolean {
    return isSame(readCookie(cookie, this.#cookieName), this.#session);
  }
}

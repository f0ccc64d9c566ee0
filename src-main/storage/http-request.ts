import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { parseUrl, proxyFor } from './proxy.ts';

/*
 * Node's own client and not `fetch`: it is there in every Node and Electron that HetCut runs on, and tells an answer that
 * was cut short from one that ended.
 */

const redirectStatuses = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 8;

export interface HttpOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds without a byte after which the server counts as stalled. */
  readonly stallMs: number;
  readonly signal?: AbortSignal;
  /** Where the proxies' names are; see `proxyFor`. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface HttpAnswer {
  readonly status: number;
  /** Address after all redirects. */
  readonly url: string;
  readonly body: IncomingMessage;
  /** A header of the answer, or of a redirect on the way to it; names in lower case. */
  header(name: string): string | undefined;
}

function authorisation({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** A connection through the proxy to the host of `target`, for TLS to be spoken on. */
function openTunnel(proxy: URL, target: URL, options: HttpOptions): Promise<Socket> {
  const place = `${target.hostname}:${target.port || '443'}`;
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: proxy.hostname,
      port: proxy.port || 80,
      method: 'CONNECT',
      path: place,
      headers: { host: place, ...authorisation(proxy) },
      timeout: options.stallMs,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    request.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode === 200) resolve(socket);
      else reject(new Error(`the proxy ${proxy.host} answers ${statusCode}`));
    });
    request.once('timeout', () => request.destroy(new Error(`the proxy ${proxy.host} does not answer`)));
    request.once('error', reject);
    request.end();
  });
}

async function send(url: URL, options: HttpOptions): Promise<IncomingMessage> {
  const proxy = proxyFor(url, options.environment);
  const secure = url.protocol === 'https:';
  const socket =
    proxy !== undefined && secure
      ? tls.connect({ socket: await openTunnel(proxy, url, options), servername: url.hostname })
      : undefined;
  const common = {
    headers: { 'user-agent': 'HetCut', 'accept-encoding': 'identity', ...options.headers },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(socket === undefined ? {} : { createConnection: () => socket }),
  };
  return new Promise((resolve, reject) => {
    const request =
      proxy !== undefined && !secure
        ? http.request({
            ...common,
            host: proxy.hostname,
            port: proxy.port || 80,
            path: url.href,
            headers: { ...common.headers, host: url.host, ...authorisation(proxy) },
          })
        : (secure ? https : http).request(url, common);
    let answer: IncomingMessage | undefined;
    request.setTimeout(options.stallMs, () => {
      // Once there is an answer, that is where the reason is looked for.
      (answer ?? request).destroy(new Error(`nothing came for ${options.stallMs / 1000} s`));
    });
    request.once('response', (response) => {
      answer = response;
      resolve(response);
    });
    request.once('error', reject);
    request.end();
  });
}

/** The address as a URL. Throws `download-address` where it is none that can be asked. */
function requireHttpUrl(address: string): URL {
  const url = parseUrl(address);
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new HetcutError('download-address', `"${address}" is no http or https address.`, {
    hint: 'Give the address in full, such as https://server/folder.',
  });
}

/**
 * Asks with GET and follows redirects, but none from https to http. Throws what the network throws, and HetcutError
 * `download-redirect`; any status is an answer.
 */
export async function openHttp(address: string, options: HttpOptions): Promise<HttpAnswer> {
  const passed: IncomingMessage[] = [];
  let url = requireHttpUrl(address);
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const body = await send(url, options);
    passed.unshift(body);
    const { location } = body.headers;
    const status = body.statusCode ?? 0;
    if (!redirectStatuses.has(status) || location === undefined) {
      return {
        status,
        url: url.href,
        body,
        header: (name) => {
          const value = passed.map(({ headers }) => headers[name]).find((one) => one !== undefined);
          return Array.isArray(value) ? value[0] : value;
        },
      };
    }
    body.resume();
    const next = requireHttpUrl(new URL(location, url).href);
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      throw new HetcutError(
        'download-redirect',
        `${url.href} leads to ${next.href}, which is not encrypted.`,
        {
          hint: 'Give the address of a server that keeps to https.',
        },
      );
    }
    url = next;
  }
  throw new HetcutError('download-redirect', `${address} leads from address to address without end.`, {
    hint: 'Give another source address.',
  });
}

/**
 * The side door of a process for its operators: health, metrics and status over HTTP, to read
 * only. What must hold: it answers GET alone, and listens where it is told to, never beyond.
 */
import { createServer } from 'node:http';
import type { Address } from '../world/wire.ts';

export interface Page {
  readonly type: 'application/json' | 'text/plain; version=0.0.4';
  readonly body: string;
  /** 200 unless given. */
  readonly status?: 503;
  /** What the body is known by: another body has another one. */
  readonly tag?: string;
}

/** Whoever asks has this page already. */
export interface KnownPage {
  readonly known: string;
}

/** Is given the tag of the page that whoever asks has already, or ''. */
export type PageMaker = (known: string) => Page | KnownPage | Promise<Page>;

export interface HttpDoor {
  close(): Promise<void>;
}

export const jsonPage = (value: unknown): Page => ({
  type: 'application/json',
  body: `${JSON.stringify(value)}\n`,
});

const requestMs = 5_000;

export function openHttpDoor(
  { host, port }: Address,
  pages: Readonly<Record<string, PageMaker>>,
): Promise<HttpDoor> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    const end = (status: number, { type, body, tag }: Page): void => {
      const tagged = tag === undefined ? {} : { etag: tag };
      const head = { 'content-type': type, 'cache-control': 'no-store', ...tagged };
      response.writeHead(status, head).end(body);
    };
    if (request.method !== 'GET') return end(405, jsonPage({ error: 'GET only' }));
    if (page === undefined) return end(404, jsonPage({ error: 'no such page' }));
    Promise.resolve()
      .then(() => page(request.headers['if-none-match'] ?? ''))
      .then(
        (made) => {
          if ('known' in made) response.writeHead(304, { etag: made.known }).end();
          else end(made.status ?? 200, made);
        },
        (error: unknown) => end(503, jsonPage({ error: String(error) })),
      );
  });
  server.requestTimeout = requestMs;
  server.headersTimeout = requestMs;
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => {
      const close = (): Promise<void> =>
        new Promise((closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        });
      done({ close });
    });
  });
}

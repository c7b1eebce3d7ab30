/**
 * The control plane of a region: it watches the nodes, has failed replicas replaced, and tells
 * operators and clients how the region stands. What must hold: nothing that serves a read or a write depends on it.
 */
import { Agent, request } from 'node:http';
import { Gauge } from 'prom-client';
import type { Logger } from 'pino';
import { realClock } from '../world/clock.ts';
import { realWire } from '../world/wire.ts';
import type { Address } from '../world/wire.ts';
import { Healer } from './healer.ts';
import type { HealerOptions } from './healer.ts';
import { jsonPage, openHttpDoor } from './httpDoor.ts';
import type { RegionConfig } from './nodeConfig.ts';
import type { NodeStatus } from './nodeStatus.ts';
import { portsFree } from './portsFree.ts';
import { processRegistry } from './processMetrics.ts';
import { regionStatus } from './regionStatus.ts';
import type { RegionStatus } from './regionStatus.ts';

export interface Control {
  close(): Promise<void>;
}

const askMs = 2_000;
/** A node that is slower is shown as down: who asks for the status of a region waits no longer. */
const nodeAskMs = 500;
const pageBytesMax = 64 << 20;

export interface FetchOptions {
  readonly agent?: Agent;
  readonly timeoutMs?: number;
  /** By address and path: pages that need not be sent again as long as they are as they were. */
  readonly kept?: Map<string, KeptPage>;
}

interface KeptPage {
  readonly tag: string;
  readonly page: unknown;
}

/** One JSON page of a process, in time; whatever else comes is an error. */
export function fetchPage(
  { host, port }: Address,
  path: string,
  { agent, timeoutMs: timeout = askMs, kept }: FetchOptions = {},
): Promise<unknown> {
  const about = `${host} ${port} ${path}`;
  const known = kept?.get(about);
  const headers = known === undefined ? {} : { 'if-none-match': known.tag };
  return new Promise((done, failed) => {
    const asked = request({ host, port, path, timeout, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > pageBytesMax) asked.destroy(new Error(`${path}: too large`));
        chunks.push(chunk);
      });
      response.on('error', failed);
      response.on('end', () => {
        try {
          const { statusCode = 0, headers: told } = response;
          if (statusCode === 304 && known !== undefined) return done(known.page);
          if (statusCode !== 200) throw new Error(`status ${statusCode}`);
          const page: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
          if (told.etag !== undefined) kept?.set(about, { tag: told.etag, page });
          done(page);
        } catch (error) {
          failed(error as Error);
        }
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${timeout} ms`)));
    asked.on('error', failed);
    asked.end();
  });
}

/** Asks for the same pages again and again: those that are as they were are not sent. */
function fetchKept(agent: Agent): HealerOptions['fetchPage'] {
  const kept = new Map<string, KeptPage>();
  return (address, path) => fetchPage(address, path, { agent, kept });
}

export async function startControl(region: RegionConfig, logger: Logger): Promise<Control> {
  const wanted = [{ whose: 'the control plane', address: region.control }];
  await portsFree(wanted, 'Stop what listens there, or change the config.');
  const agent = new Agent({ keepAlive: true });
  const status = async (): Promise<RegionStatus> => {
    const seen = await Promise.all(
      region.nodes.map(({ http }) =>
        fetchPage(http, '/status', { agent, timeoutMs: nodeAskMs }).then(
          (page) => page as NodeStatus,
          () => undefined,
        ),
      ),
    );
    return regionStatus(region, seen);
  };
  const registry = processRegistry();
  const up = new Gauge({
    name: 'triad_nodes_up',
    help: 'Nodes that answer',
    registers: [registry],
  });
  const unwell = new Gauge({
    name: 'triad_nodes_degraded',
    help: 'Nodes that answer, and say that something is not well',
    registers: [registry],
  });
  const led = new Gauge({
    name: 'triad_groups_serving',
    help: 'Groups whose leader serves',
    registers: [registry],
  });
  const door = await openHttpDoor(region.control, {
    '/health': () => jsonPage({ healthy: true }),
    '/region': () => jsonPage(region),
    '/status': async () => jsonPage(await status()),
    '/metrics': async () => {
      const { nodes, groups } = await status();
      up.set(nodes.filter((node) => node.up).length);
      unwell.set(nodes.filter(({ reasons }) => reasons.length > 0).length);
      led.set(groups.filter(({ leader }) => leader !== '').length);
      return { type: 'text/plain; version=0.0.4', body: await registry.metrics() };
    },
  });
  const healer = new Healer({
    region,
    wire: realWire,
    clock: realClock,
    fetchPage: fetchKept(agent),
    logger,
  });
  logger.info({ address: region.control }, 'ready');
  return {
    async close() {
      healer.close();
      await door.close();
      agent.destroy();
      logger.info('closed');
    },
  };
}

/** The body of `bisim worker HOST`: joins a distributed search and works until it is done. */
import { availableParallelism, totalmem } from 'node:os';
import { exitCodes } from '../report/exitCodes.ts';
import type { Outcome } from '../report/outcome.ts';
import type { ProgressSink } from '../report/progress.ts';
import type { WorkerReport } from '../report/workerReport.ts';
import { UsageError } from '../sources/usageError.ts';
import { joinServer, portDefault } from '../tlc/distributed.ts';
import { getJar } from '../tlc/jar.ts';

export interface WorkerFlags {
  readonly workers?: number | 'auto';
  readonly port?: number;
  readonly timeout?: number;
  readonly memory?: number;
  readonly jar?: string;
}

const secondsDefault = 86_400;
const megabyte = 2 ** 20;
/** Said over and over while the server is not there yet. */
const waiting = /unreachable|not ready yet/;

/** A host name or address, and nothing that Java could take for an option. */
export function requireHost(host: string): string {
  if (/^[A-Za-z0-9:][A-Za-z0-9.:-]*$/.test(host)) return host;
  throw new UsageError(
    'no-host',
    `${JSON.stringify(host)} is no host name`,
    'Give the name or address of the machine on which bisim check --distributed runs.',
  );
}

export async function workerVerb(
  host: string,
  flags: WorkerFlags,
  { signal, progress }: { signal: AbortSignal; progress: ProgressSink },
): Promise<Outcome> {
  const threads =
    flags.workers === undefined || flags.workers === 'auto'
      ? availableParallelism()
      : flags.workers;
  const port = flags.port ?? portDefault;
  const jar = await getJar({ signal, ...(flags.jar === undefined ? {} : { jar: flags.jar }) });
  let last = '';
  const run = await joinServer({
    host: requireHost(host),
    port,
    threads,
    jar,
    signal,
    memoryMb: flags.memory ?? Math.floor(totalmem() / 4 / megabyte),
    timeoutMs: (flags.timeout ?? secondsDefault) * 1000,
    onNews(text) {
      for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
        if (line !== last && !(waiting.test(line) && waiting.test(last))) {
          progress.write(`${line}\n`);
        }
        last = line;
      }
    },
  });
  const { seconds } = run;
  const verdict = verdictOf(run.end, run.exitCode, signal.aborted);
  const message = run.stderr.trim().split('\n').at(-1) || last;
  const report: WorkerReport = {
    ...{ schema: 'bisim.worker.1', verdict, host, port, threads },
    ...{ jar: jar.path, message, seconds },
  };
  const words = {
    ok: 'the search is done',
    unknown: 'the time is over',
    interrupted: 'interrupted',
  };
  const said = verdict === 'error' ? `the worker failed: ${message}` : words[verdict];
  return { exitCode: exitOf[verdict], report, text: `${said}\n`, cases: [] };
}

const exitOf = {
  ok: exitCodes.ok,
  unknown: exitCodes.inconclusive,
  error: exitCodes.environment,
  interrupted: exitCodes.interrupted,
} as const;

function verdictOf(
  end: string,
  exitCode: number | undefined,
  interrupted: boolean,
): WorkerReport['verdict'] {
  if (interrupted) return 'interrupted';
  if (end !== 'exited') return 'unknown';
  return exitCode === 0 ? 'ok' : 'error';
}

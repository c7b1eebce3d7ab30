/**
 * Recorded graphs: specs/<room>/recorded/<model>.graph, so that replay runs where there is no
 * Java. What must hold: a recording names the hash of the spec and cfg it was made from, and
 * carries the facts of the run of TLC that made it.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { encodeGraph } from '../behaviour/recording.ts';
import type { StateGraph } from '../behaviour/graph.ts';
import { UsageError } from '../sources/usageError.ts';
import type { Facts } from './exploration.ts';
import type { Model } from './project.ts';

/** Models beyond this are not recorded: recordings stand in the repository. */
export const recordedStatesMax = 50_000;

const magic = Buffer.from('bisimr1\n');

const headerSchema = z.object({
  hash: z.string(),
  facts: z.object({
    verdict: z.enum(['ok', 'violation', 'error', 'unknown']),
    distinct: z.number(),
    generated: z.number(),
    depth: z.number(),
    seconds: z.number(),
    constants: z.record(z.string(), z.string()),
    parameterNames: z.record(z.string(), z.array(z.string())),
    boundedLeaves: z.boolean(),
  }),
});

export interface Recording {
  readonly hash: string;
  readonly facts: Facts;
  /** As `decodeGraph` reads it. */
  readonly graph: Uint8Array;
}

export function recordingPath({ module, name }: Model): string {
  return join(dirname(module), 'recorded', `${name}.graph`);
}

export function readRecording(path: string, bytes: Buffer): Recording {
  const end = bytes.indexOf(10, magic.length);
  if (!bytes.subarray(0, magic.length).equals(magic) || end < 0) throw damaged(path);
  try {
    const header = headerSchema.parse(JSON.parse(bytes.toString('utf8', magic.length, end)));
    return { ...header, graph: bytes.subarray(end + 1) };
  } catch (cause) {
    throw damaged(path, cause);
  }
}

function damaged(path: string, cause?: unknown): UsageError {
  const next =
    'Take the file from version control again, or run npm run record where there is Java.';
  return new UsageError('bad-recording', `${path} is no recording of a graph`, next, cause);
}

/** Writes the recording aside and renames it; the seconds are left out, so that equal graphs are equal files. */
export async function writeRecording(
  model: Model,
  facts: Facts,
  graph: StateGraph,
): Promise<string> {
  const path = recordingPath(model);
  const header = JSON.stringify({ hash: model.hash, facts: { ...facts, seconds: 0 } });
  const bytes = Buffer.concat([
    magic,
    Buffer.from(`${header}\n`),
    encodeGraph(graph, { hash: model.hash }),
  ]);
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.part`;
  try {
    await writeFile(aside, bytes);
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
  return path;
}

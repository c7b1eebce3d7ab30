/**
 * A state graph as a small file: for the cache, and for replay where there is no Java.
 *
 * Layout: a mark with the format's version, the SHA-256 of all that follows, one line of JSON (the hash
 * of the spec and cfg, counts), and the streams, compressed. What must hold: the graph read is the graph
 * written, numbers and order included; a file that is damaged or of another format is a GraphError.
 */
import { createHash } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { badRecording, joinColumns, splitColumns } from './byteColumn.ts';
import type { StateGraph } from './graph.ts';
import { GraphError } from './graphError.ts';
import { readStreams, type RecordedCounts } from './recordingReader.ts';
import { writeStreams } from './recordingWriter.ts';
import { streamCount } from './stepPlan.ts';

const mark = Buffer.from('bisim graph 1\n');
const digestBytes = 32;
const streamBytesMax = 2 ** 30;

export interface EncodeOptions {
  /** The content hash of the spec and cfg the graph was made from. */
  readonly hash?: string | undefined;
  /** `small` (the default) for files to keep, `fast` for the cache: larger, made in less time. */
  readonly effort?: 'small' | 'fast' | undefined;
}

export interface RecordingHeader extends RecordedCounts {
  readonly hash: string;
}

export function encodeGraph(graph: StateGraph, options: EncodeOptions = {}): Uint8Array {
  const small = options.effort !== 'fast';
  const streams = joinColumns(writeStreams(graph, small ? 2000 : 300));
  const body = brotliCompressSync(streams, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: small ? 11 : 5,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: streams.length,
    },
  });
  const { nodeCount, edgeCount, rawEdgeCount } = graph;
  const header: RecordingHeader = { hash: options.hash ?? '', nodeCount, edgeCount, rawEdgeCount };
  const rest = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
  return Buffer.concat([mark, createHash('sha256').update(rest).digest(), rest]);
}

/** What a recording says of itself; throws where it is damaged. */
export function recordingHeader(bytes: Uint8Array): RecordingHeader {
  return open(bytes).header;
}

/** The graph of a recording; `hash`, where given, must be the one it was made with. */
export function decodeGraph(
  bytes: Uint8Array,
  options: { hash?: string | undefined } = {},
): StateGraph {
  const { header, body } = open(bytes);
  if (options.hash !== undefined && options.hash !== header.hash) {
    throw new GraphError(
      'other-spec',
      `the recording was made from another spec or cfg (hash ${header.hash}, now ${options.hash})`,
      'record the graph again where there is Java',
    );
  }
  try {
    const streams = brotliDecompressSync(body, { maxOutputLength: streamBytesMax });
    return readStreams(splitColumns(streams, streamCount), header);
  } catch (error) {
    throw error instanceof GraphError ? error : badRecording(String(error), error);
  }
}

function open(bytes: Uint8Array): { header: RecordingHeader; body: Buffer } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, mark.length).equals(mark)) {
    throw badRecording('it does not begin like one, or is of another version');
  }
  const rest = buffer.subarray(mark.length + digestBytes);
  const digest = buffer.subarray(mark.length, mark.length + digestBytes);
  if (!createHash('sha256').update(rest).digest().equals(digest)) {
    throw badRecording('its SHA-256 is not the one it names');
  }
  const end = rest.indexOf(10);
  return {
    header: parseHeader(rest.toString('utf8', 0, Math.max(0, end))),
    body: rest.subarray(end + 1),
  };
}

function parseHeader(text: string): RecordingHeader {
  let header: Partial<RecordingHeader>;
  try {
    header = JSON.parse(text) as Partial<RecordingHeader>;
  } catch (error) {
    throw badRecording('its header is no JSON', error);
  }
  const { hash, nodeCount, edgeCount, rawEdgeCount } = header;
  const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
  if (
    typeof hash !== 'string' ||
    !isCount(nodeCount) ||
    !isCount(edgeCount) ||
    !isCount(rawEdgeCount)
  ) {
    throw badRecording('its header lacks a hash or a count');
  }
  if (nodeCount > 2 ** 28 || edgeCount > 2 ** 30)
    throw badRecording('its header names absurd counts');
  return { hash, nodeCount, edgeCount, rawEdgeCount };
}

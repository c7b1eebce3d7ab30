/**
 * The state graph from a stream of TLC's dot dump: a file, or the named pipe TLC is writing to.
 * Throws GraphError, and never returns part of a graph.
 */
import { DotReader, type DotReaderOptions } from './dotReader.ts';
import { assertComplete, type GraphCounts, type StateGraph } from './graph.ts';

export interface ReadDotOptions extends DotReaderOptions {
  /** TLC's own counts, where the run has ended already; else call assertComplete once it has. */
  readonly expect?: GraphCounts | undefined;
}

export async function readDot(
  source: AsyncIterable<Uint8Array>,
  options: ReadDotOptions,
): Promise<StateGraph> {
  const reader = new DotReader(options);
  for await (const chunk of source) reader.push(chunk);
  const graph = reader.finish();
  if (options.expect !== undefined) assertComplete(graph, options.expect);
  return graph;
}

/**
 * Output that nobody reads any more: a terminal that was closed, a pipe whose reader has gone.
 *
 * @module
 */

/**
 * Keeps a failed write to standard output or standard error from ending the process, whose work goes on and is written to
 * files.
 *
 * @param onLost hears once of each stream that failed
 * @returns what gives failures their usual effect again, but on streams that have failed: they fail with every word
 */
export function endureLostOutput(
  onLost: (stream: NodeJS.WriteStream) => void = () => undefined,
  streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr],
): () => void {
  const undos = streams.map((stream) => {
    let isLost = false;
    const endure = (): void => {
      if (isLost) return;
      isLost = true;
      onLost(stream);
    };
    stream.on('error', endure);
    // What was written last fails only after the code that wrote it.
    return () =>
      setImmediate(() => {
        if (!isLost) stream.off('error', endure);
      });
  });
  return () => {
    for (const undo of undos) undo();
  };
}

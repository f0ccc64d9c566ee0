/**
 * Works on entries side by side and yields the results in the entries' order. `start` is called for one entry after
 * the other and awaited; the result that it then promises is not, until `lanes` others have been started.
 */
export async function* sideBySide<Entry, Result>(
  entries: AsyncIterable<Entry>,
  lanes: number,
  start: (entry: Entry) => Promise<{ readonly result: Promise<Result> }>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for await (const entry of entries) {
    const { result } = await start(entry);
    // A failure is told when it is this one's turn, or not at all where an earlier one has ended the work.
    result.catch(() => undefined);
    running.push(result);
    if (running.length > lanes) yield running.shift()!;
  }
  while (running.length > 0) yield running.shift()!;
}

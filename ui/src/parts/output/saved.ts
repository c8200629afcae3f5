/** All of an output as plain text, page by page, as a terminal would leave it. */
import type { OutputSource } from './source';
import { Terminal, textOfLine, type OutputLine } from './terminal';

const outputText = (lines: readonly OutputLine[]): string =>
  lines.map((line) => `${textOfLine(line)}${line.cut > 0 ? ` [${line.cut} more characters]` : ''}\n`).join('');

export async function wholeText(source: OutputSource, signal: AbortSignal): Promise<Blob> {
  const terminal = new Terminal();
  const parts: string[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page = await source.load(cursor, 'forward', signal);
    terminal.take(page.pieces);
    parts.push(outputText(terminal.drain()));
    if (!page.more || page.after === cursor) break;
    cursor = page.after;
  }
  return new Blob([...parts, outputText(terminal.lines())], { type: 'text/plain;charset=utf-8' });
}

import type { Block, ComposedMail } from './compose.ts';

const width = 72;

/** The mail for whoever reads it in a terminal. */
export function plainText({ blocks, footer }: ComposedMail): string {
  return `${blocks.map(textOf).join('\n\n')}\n\n-- \n${wrap(footer)}\n`;
}

function textOf(block: Block): string {
  if (block.kind === 'code') return block.code;
  return block.kind === 'link' ? block.href : wrap(block.text);
}

/** Breaks lines between words. What is longer than a line, such as a URL, stays whole. */
function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}

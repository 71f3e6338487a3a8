import { Box, Text, type TextProps, useStdout } from 'ink';
import { type ReactNode, useLayoutEffect } from 'react';
import type { Style } from '../report/paint.ts';
import { Keyboard, type KeyboardProps } from './keyboard.tsx';
import type { Line, Span } from './spans.ts';

export interface DashboardProps extends KeyboardProps {
  readonly lines: readonly Line[];
  readonly colour: boolean;
  /** Gets the function that writes above the footer. */
  readonly onWriter: (write: (text: string) => void) => void;
}

/** The live footer. What is above it is written, not drawn, so that the terminal keeps it. */
export function Dashboard({ lines, colour, onKey, onPaste, onWriter }: DashboardProps): ReactNode {
  const { write } = useStdout();
  useLayoutEffect(() => onWriter(write), [write, onWriter]);
  return (
    <Box flexDirection="column">
      <Keyboard onKey={onKey} onPaste={onPaste} />
      {numbered(lines).map(([row, line]) => (
        <Text key={row} wrap="truncate-end">
          {numbered(line).map(([place, span]) => (
            <Text key={place} {...(colour ? look(span.style) : {})}>
              {colour ? linked(span) : span.text}
            </Text>
          ))}
        </Text>
      ))}
    </Box>
  );
}

/** Rows have no identity but their place. */
function numbered<T>(items: readonly T[]): readonly (readonly [string, T])[] {
  return items.map((item, index) => [String(index), item]);
}

function look(style: Style | undefined): TextProps {
  switch (style) {
    case undefined:
      return {};
    case 'bold':
    case 'underline':
      return { [style]: true };
    case 'dim':
      return { dimColor: true };
    default: {
      const bright = /^bright(.+)$/.exec(style)?.[1];
      return { color: bright === undefined ? style : `${bright.toLowerCase()}Bright` };
    }
  }
}

/** A hyperlink (OSC 8). Terminals that do not know them show the text alone. */
function linked({ text, link }: Span): string {
  return link === undefined ? text : `\u001B]8;;${link}\u0007${text}\u001B]8;;\u0007`;
}

import { useInput, usePaste, useStdin } from 'ink';
import type { ReactNode } from 'react';
import type { Key } from './keys.ts';
import { keysOf } from './typed.ts';

export interface KeyboardProps {
  readonly onKey: (key: Key) => void;
  readonly onPaste: (text: string) => void;
}

/** Reads keys while it is there; only where there is a keyboard, because Ink fails without one. */
export function Keyboard(props: KeyboardProps): ReactNode {
  const { isRawModeSupported } = useStdin();
  return isRawModeSupported ? <Keys {...props} /> : null;
}

function Keys({ onKey, onPaste }: KeyboardProps): ReactNode {
  useInput((input, key) => {
    for (const name of keysOf(input, key)) onKey(name);
  });
  usePaste(onPaste);
  return null;
}

/** Patience with what someone else has stopped: a restart stops first, and starts again a moment later. */
export interface Comeback {
  /** Whether it is to be waited for still; if so, calls back when that is over. */
  isDue(again: () => void): boolean;
  /** Something has started, or nobody waits any more. */
  settle(): void;
}

/** As long as Docker Compose waits, in milliseconds. */
const patience = 2000;

export function createComeback(): Comeback {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  return {
    isDue(again) {
      if (isOver) return false;
      timer ??= setTimeout(() => {
        isOver = true;
        again();
      }, patience);
      return true;
    },
    settle() {
      clearTimeout(timer);
      timer = undefined;
      isOver = false;
    },
  };
}

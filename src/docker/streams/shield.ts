import type { Duplex } from 'node:stream';

type Done = (error?: Error | null) => void;

/**
 * Makes a connection whose other side takes no more input go on giving out what it has. A process that ends without
 * having read all its input lets writes fail; Node would then throw away what the process wrote before and was not
 * read yet. `closed` is called the first time a write fails; from then on writes do nothing.
 */
export function shieldReads(connection: Duplex, closed: () => void): void {
  const { _write: write, _writev: writev, _final: final } = connection;
  let isOver = false;
  const passing = (carryOut: (done: Done) => void, done: Done): void => {
    if (isOver) done();
    else
      carryOut((error) => {
        if (error && !isOver) {
          isOver = true;
          closed();
        }
        done();
      });
  };
  connection._write = (chunk, encoding, done) =>
    passing((taken) => write.call(connection, chunk, encoding, taken), done);
  if (writev)
    connection._writev = (chunks, done) => passing((taken) => writev.call(connection, chunks, taken), done);
  connection._final = (done) => passing((taken) => final.call(connection, taken), done);
}

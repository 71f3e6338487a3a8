import { connect } from 'node:net';

/**
 * The docker CLI keeps a connection to its plugins, and closes it to end them where no terminal sends them signals. It
 * comes as the signal that never insists: a terminal may have sent another one.
 */
export function followDocker(environment: Readonly<Record<string, string | undefined>>): void {
  const address = environment.DOCKER_CLI_PLUGIN_SOCKET ?? '';
  if (address === '') return;
  let connected = false;
  // Abstract sockets of Linux are written with an @ where the system has a zero byte.
  const socket = connect(address.replace(/^@/, '\0'));
  socket.on('connect', () => {
    connected = true;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    if (connected) process.kill(process.pid, 'SIGHUP');
  });
  socket.resume().unref();
}

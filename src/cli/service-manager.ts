/**
 * Tells systemd how the service is (sd_notify(3)), where it runs us. The protocol is a datagram on a Unix socket, which Node.js cannot send: systemd's own
 * program does.
 */
import { spawn } from 'node:child_process';

/** `READY=1`, `STOPPING=1`. Resolves when systemd has taken it; a failure is systemd's to notice. */
export function tellServiceManager(state: string): Promise<void> {
  if ((process.env['NOTIFY_SOCKET'] ?? '') === '') return Promise.resolve();
  return new Promise((resolve) => {
    const told = spawn('systemd-notify', [state], { stdio: 'ignore' });
    told.once('error', () => resolve());
    told.once('exit', () => resolve());
  });
}

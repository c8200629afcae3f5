import type { Requester, Process } from '../../wire';

const LOOPBACK = /^(127\.|::1$)/;

/** Who started it and through what; with the address unless it is this machine. */
export function askedText({ user, via, address }: Requester): string {
  const through = { cli: 'on the command line', ui: 'in the browser', queue: 'in a queue' }[via ?? ''] ?? via;
  const from = address !== null && !LOOPBACK.test(address) ? `from ${address}` : null;
  return [user, through, from].filter(Boolean).join(' ') || 'unknown';
}

/** A command that was told to stop may take a while to end. */
export const wordOf = ({ state, why }: Process): string => (state === 'running' && why !== null ? 'stopping' : state);

/** How a process ended, in a few words; null while it runs. */
export function endText({ state, why, exit_code, signal, run }: Process): string | null {
  if (state === 'running') return null;
  if (state === 'stopped') return why ?? 'stopped';
  if (signal !== null) return signal;
  if (exit_code !== null && exit_code !== 0) return `exit ${exit_code}`;
  return run.error ?? (exit_code === 0 ? null : why);
}

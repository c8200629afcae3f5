/** Answers that never change, such as a recorded text: asked for once, and kept while they are among the last ones. */
import { useState } from 'react';
import { useApi, type Api } from '../data/api';
import type { Problem } from '../wire';
import { useAsked } from './useAsked';

/** Bytes of all together, and of one that does not say how many it has. */
const MOST = 64e6;
const USUAL = 4_000;

class KeptAnswers {
  private readonly answers = new Map<string, { answer: unknown; bytes: number }>();
  private bytes = 0;

  get<T>(key: string): T | null {
    return (this.answers.get(key)?.answer as T | undefined) ?? null;
  }

  set(key: string, answer: unknown, bytes: number): void {
    this.drop(key);
    this.answers.set(key, { answer, bytes });
    this.bytes += bytes;
    for (const oldest of this.answers.keys()) {
      if (this.bytes <= MOST) return;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.bytes -= this.answers.get(key)?.bytes ?? 0;
    this.answers.delete(key);
  }
}

const kept = new WeakMap<Api, KeptAnswers>();

function keptBy(api: Api): KeptAnswers {
  const known = kept.get(api) ?? new KeptAnswers();
  kept.set(api, known);
  return known;
}

/** Without a key, nothing is asked. The answer to another question stays until the new one is there. */
export function useKept<T>(
  key: string | null,
  question: (api: Api, signal: AbortSignal) => Promise<T>,
  bytesOf: (answer: T) => number = () => USUAL,
): { data: T | null; problem: Problem | null } {
  const api = useApi();
  const answers = keptBy(api);
  const known = key === null ? null : answers.get<T>(key);
  const asked = useAsked(`kept ${key}`, async (signal) => {
    if (key === null) return null;
    const answer = answers.get<T>(key) ?? (await question(api, signal));
    answers.set(key, answer, bytesOf(answer));
    return answer;
  });
  const data = known ?? asked.data;
  const [last, setLast] = useState(data);
  if (data !== null && data !== last) setLast(data);
  return { data: key === null ? null : (data ?? (asked.problem ? null : last)), problem: asked.problem };
}

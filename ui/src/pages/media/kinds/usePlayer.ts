/** Plays a sound. One sound of the page plays at a time. */
import { useEffect, useState, type RefObject } from 'react';

export interface Player {
  readonly playing: boolean;
  /** What was played, from 0 to 1. */
  readonly share: number;
  readonly failed: boolean;
  readonly toggle: () => void;
  readonly seek: (share: number) => void;
}

let heard: HTMLAudioElement | null = null;

/** `seconds`: the duration, as far as it is known before the sound is loaded. */
export function usePlayer(
  element: RefObject<HTMLAudioElement | null>,
  address: string,
  seconds: number | null,
): Player {
  const [playing, setPlaying] = useState(false);
  const [share, setShare] = useState(0);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    setPlaying(false);
    setShare(0);
    setFailed(false);
  }, [address]);
  useEffect(() => {
    const audio = element.current;
    if (!audio) return undefined;
    const stop = new AbortController();
    const on = (name: string, listener: () => void): void =>
      audio.addEventListener(name, listener, { signal: stop.signal });
    on('play', () => {
      if (heard !== audio) heard?.pause();
      heard = audio;
      setPlaying(true);
    });
    on('pause', () => setPlaying(false));
    on('ended', () => setPlaying(false));
    on('error', () => setFailed(true));
    on('timeupdate', () => setShare(shareOf(audio, seconds)));
    return () => {
      stop.abort();
      audio.pause();
      if (heard === audio) heard = null;
    };
  }, [element, seconds]);
  const toggle = (): void => {
    const audio = element.current;
    if (!audio) return;
    if (audio.paused) audio.play().catch(() => setFailed(true));
    else audio.pause();
  };
  const seek = (next: number): void => {
    const audio = element.current;
    const length = audio && lengthOf(audio, seconds);
    if (!audio || !length) return;
    audio.currentTime = Math.max(0, Math.min(1, next)) * length;
    setShare(Math.max(0, Math.min(1, next)));
    if (audio.readyState === 0) audio.load();
  };
  return { playing, share, failed, toggle, seek };
}

const lengthOf = (audio: HTMLAudioElement, seconds: number | null): number =>
  Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : (seconds ?? 0);

const shareOf = (audio: HTMLAudioElement, seconds: number | null): number => {
  const length = lengthOf(audio, seconds);
  return length > 0 ? Math.min(1, audio.currentTime / length) : 0;
};

/** What a reader did here before, kept in this browser and nowhere else. */

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`nnlab:${key}`);
  } catch {
    return null; // storage is refused in private windows and sandboxed frames: then nothing is remembered
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`nnlab:${key}`);
    else localStorage.setItem(`nnlab:${key}`, value);
  } catch {
    return; // as above
  }
}

/** The candidate nearest to `word` when it is near enough to be a slip of the fingers (at most a third of it wrong), else undefined. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.ceil(word.length / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substituted, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}

/** ` Did you mean "x"?` or ` There are: a, b, c.`: the end of a not-found sentence. */
export function hint(word: string, candidates: readonly string[]): string {
  const near = didYouMean(word, candidates);
  if (near !== undefined) return ` Did you mean "${near}"?`;
  if (candidates.length === 0) return ' There are none.';
  const shown = candidates.slice(0, 10);
  return ` There are: ${shown.join(', ')}${candidates.length > shown.length ? ` and ${candidates.length - shown.length} more` : ''}.`;
}

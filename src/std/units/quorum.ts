/** The fewest of so many members without which the others have no quorum. */
export function smallestQuorum(size: number): number {
  return size - Math.floor(size / 2);
}

/** The most of so many members that leave the others a quorum. */
export function largestMinority(size: number): number {
  return Math.floor((size - 1) / 2);
}

/**
 * A process that does nothing but measure how late its timers are: what the machine alone does to an event loop. Prints the longest
 * delay in milliseconds when its standard input ends.
 */
const everyMs = 20;
let longestMs = 0;
let lastMs = performance.now();
const timer = setInterval(() => {
  const nowMs = performance.now();
  longestMs = Math.max(longestMs, nowMs - lastMs - everyMs);
  lastMs = nowMs;
}, everyMs);
process.stdin.resume().on('end', () => {
  clearInterval(timer);
  console.log(longestMs.toFixed(1));
});

/** How to get an image: the script of a clone; the package does not have it. */
export const buildCommand = import.meta.url.endsWith('.ts')
  ? 'npm run docker:image'
  : 'npx forkpoint doctor --backend docker --install';

/** How to get an engine too, if this host can install one. */
export const installCommand = import.meta.url.endsWith('.ts')
  ? 'npm run forkpoint -- doctor --backend docker --install'
  : buildCommand;

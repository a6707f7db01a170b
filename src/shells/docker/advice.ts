/** How to get an image: the script of a clone, which the package does not have. */
export const buildCommand = import.meta.url.endsWith('.ts')
  ? 'npm run docker:image'
  : 'npx forkpoint doctor --backend docker --install';

/** Of an engine too, where this host may get one. */
export const installCommand = import.meta.url.endsWith('.ts')
  ? 'npm run forkpoint -- doctor --backend docker --install'
  : buildCommand;

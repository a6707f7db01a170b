/** What `topology: single` runs with beyond the image's defaults. */
export const singleParameters: Readonly<Record<string, string>> = { max_connections: '300' };

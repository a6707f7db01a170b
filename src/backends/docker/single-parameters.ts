/** The settings of `topology: single` beyond the image's defaults. */
export const singleParameters: Readonly<Record<string, string>> = { max_connections: '300' };

import { debianTool, type Tool } from '../peers/tool.ts';

export const wrk: Tool = debianTool('wrk', 'wrk', ['-v'], 'wrk');
export const h2load: Tool = debianTool('h2load', 'h2load', ['--version'], 'nghttp2-client');

/** What puts load on a proxy, beside programs/wsload.c. */
export const generators: readonly Tool[] = [wrk, h2load];

/** What the host of this page says. */

/** `config.json`, beside the page. */
export interface Config {
  /** WebSocket address of the node that this page asks. */
  node: string;
}

let loaded: Promise<Config> | undefined;

/** Reads it, once. */
export function config(): Promise<Config> {
  loaded ??= fetch(new URL('./config.json', document.baseURI), { cache: 'no-cache' })
    .then((answer) => answer.json())
    .then((found: Config) => {
      if (!/^wss?:\/\//.test(found.node)) throw new Error('config.json names no node');
      return found;
    });
  loaded.catch(() => {
    loaded = undefined;
  });
  return loaded;
}

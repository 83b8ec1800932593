/** What the host of this page says. */

/** `config.json`, beside the page. */
export interface Config {
  /** WebSocket address of the node that this page asks, where it does not read the chain by itself. */
  node?: string;
  /** With these, it reads the chain by itself. */
  lightClient?: Specifications;
}

/** Where the chains' raw specifications are: addresses beside the page. */
export interface Specifications {
  relayChain: string;
  parachain: string;
}

let loaded: Promise<Config> | undefined;

/** Reads it, once. */
export function config(): Promise<Config> {
  loaded ??= fetch(new URL('./config.json', document.baseURI), { cache: 'no-cache' })
    .then((answer) => answer.json())
    .then((found: Config) => {
      const specs = found.lightClient;
      if (specs ? !specs.relayChain || !specs.parachain : !/^wss?:\/\//.test(found.node ?? '')) {
        throw new Error('config.json names neither a node nor the specifications of both chains');
      }
      return found;
    });
  loaded.catch(() => {
    loaded = undefined;
  });
  return loaded;
}

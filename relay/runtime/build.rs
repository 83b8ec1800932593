//! Builds two runtimes for WASM, both with sessions of minutes: Westend's, and ours. They are built here, and not by our runtime's own
//! build script, so that an ordinary build neither waits for them nor starts anew because a network was run.

#[cfg(feature = "std")]
fn main() {
    substrate_wasm_builder::WasmBuilder::init_with_defaults()
        .enable_feature("fast-runtime")
        .set_file_name("westend_runtime")
        .build();
    substrate_wasm_builder::WasmBuilder::init_with_defaults()
        .enable_feature("parachain")
        .set_file_name("medrec_runtime_fast")
        .build();
}

#[cfg(not(feature = "std"))]
fn main() {}

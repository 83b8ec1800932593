//! Builds Westend's runtime for WASM, with sessions of minutes.

#[cfg(feature = "std")]
fn main() {
    substrate_wasm_builder::WasmBuilder::init_with_defaults()
        .enable_feature("fast-runtime")
        .set_file_name("westend_runtime")
        .build();
}

#[cfg(not(feature = "std"))]
fn main() {}

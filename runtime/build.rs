//! Builds the runtime for WASM.
//!
//! - By default one blob, without the metadata hash: computing it compiles the WASM executor once more as a build
//!   dependency and the runtime twice. Releases turn it on with the feature `metadata-hash`.
//! - With `MEDREC_WASM_BENCHMARKS=1` a second blob with the feature `runtime-benchmarks`, from which `medrec-weights`
//!   generates weights.

#[cfg(feature = "std")]
fn main() {
    use substrate_wasm_builder::WasmBuilder;

    let builder = WasmBuilder::init_with_defaults();
    #[cfg(feature = "metadata-hash")]
    let builder = builder.enable_metadata_hash("MDR", 12);
    builder.build();

    println!("cargo:rerun-if-env-changed=MEDREC_WASM_BENCHMARKS");
    if std::env::var("MEDREC_WASM_BENCHMARKS").is_ok_and(|value| value == "1") {
        WasmBuilder::init_with_defaults()
            .enable_feature("runtime-benchmarks")
            .set_file_name("medrec_runtime_benchmarks")
            .build();
    }
}

#[cfg(not(feature = "std"))]
fn main() {}

//! Builds the runtime for WASM.
//!
//! - By default one blob, without the metadata hash: computing it compiles the WASM executor once more as a build
//!   dependency and the runtime twice. Releases turn it on with the feature `metadata-hash`.
//! - With `MEDREC_WASM_CHECKS=1` two more, which no chain runs: one with the feature `runtime-benchmarks`, from which `medrec-weights`
//!   generates weights, and one with the feature `try-runtime`, with which `medrec-try-runtime` tries an upgrade.

#[cfg(feature = "std")]
fn main() {
    use substrate_wasm_builder::WasmBuilder;

    let builder = WasmBuilder::init_with_defaults();
    #[cfg(feature = "metadata-hash")]
    let builder = builder.enable_metadata_hash("MDR", 12);
    builder.build();

    println!("cargo:rerun-if-env-changed=MEDREC_WASM_CHECKS");
    if std::env::var("MEDREC_WASM_CHECKS").is_ok_and(|value| value == "1") {
        for (feature, file) in [
            ("runtime-benchmarks", "medrec_runtime_benchmarks"),
            ("try-runtime", "medrec_runtime_try_runtime"),
        ] {
            WasmBuilder::init_with_defaults().enable_feature(feature).set_file_name(file).build();
        }
    }
}

#[cfg(not(feature = "std"))]
fn main() {}

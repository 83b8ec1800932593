//! `medrec-demo`: starts a development chain and two hospitals with a gatekeeper each, and tells a story with real
//! answers. `scripts/demo` builds and runs it.

mod hints;
mod people;
mod story;
mod teller;

use std::{process::ExitCode, time::Instant};

use anyhow::Result;
use clap::Parser;
use tokio::signal::unix::{signal, SignalKind};

/// Tells the story of MedRec: a patient without any money decides who reads what.
#[derive(Debug, Parser)]
#[command(name = "medrec-demo", version)]
struct Cli {
    /// End when the story is told; the exit status says whether it went as told
    #[arg(long)]
    exit: bool,
}

/// What a shell reports for a program that was interrupted.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let interrupted = match interruption() {
        Ok(interrupted) => interrupted,
        Err(error) => {
            eprintln!("medrec-demo: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    tokio::pin!(interrupted);
    let started = Instant::now();
    // Whatever ends the story drops the network, and with it every process that was started.
    let told = tokio::select! {
        told = story::tell() => told,
        () = &mut interrupted => {
            println!("\nstopped");
            return ExitCode::from(INTERRUPTED);
        }
    };
    let (network, people) = match told {
        Ok((network, people, steps)) => {
            println!("\n{steps} steps, all as told, in {:.0} s", started.elapsed().as_secs_f32());
            (network, people)
        }
        Err(error) => {
            println!("\nThe story did not go as told: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    if cli.exit {
        return ExitCode::SUCCESS;
    }
    match hints::write(&network, &people) {
        Ok(hints) => println!("\n{hints}\n\nCtrl-C stops everything."),
        Err(error) => {
            eprintln!("medrec-demo: {error:#}");
            return ExitCode::FAILURE;
        }
    }
    interrupted.await;
    println!("\nstopped");
    ExitCode::SUCCESS
}

/// Ends on Ctrl-C, on a closed terminal, or when asked to end.
fn interruption() -> Result<impl std::future::Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}
